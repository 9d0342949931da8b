import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is wrong with a stick. Offsets and lengths in bytes. */
export interface Faults {
  /** Reads or writes that touch the range fail with EIO. */
  readonly errors?: { readonly on: 'read' | 'write'; readonly from: number; readonly to: number };
  /** Every read of this byte gives another value. */
  readonly flip?: number;
  /** Writes from here on are acknowledged and forgotten. */
  readonly forgetFrom?: number;
  /** It holds only so much; addresses beyond wrap around. */
  readonly wrapAt?: number;
  /** One write, the first that touches this byte, takes so long. */
  readonly stall?: { readonly at: number; readonly milliseconds: number };
}

/** What a stick was asked for. Bytes; zero for a flush. */
export interface LoggedRequest {
  readonly kind: 'read' | 'write' | 'flush';
  readonly offset: number;
  readonly length: number;
}

const OPTION_MAGIC = 0x49484156454f5054n;
const REPLY_MAGIC = 0x3e889045565a9n;
const REQUEST_MAGIC = 0x25609513;
const SIMPLE_REPLY_MAGIC = 0x67446698;
const FLAGS = 0b0000_0000_0000_0101; // has flags, flush
const EIO = 5;

/**
 * An NBD server (fixed newstyle handshake, simple replies) over memory that misbehaves on demand:
 * what QEMU shows to its guest as the medium of a USB stick.
 */
export class NbdServer {
  /** What the chips really hold. */
  readonly memory: Buffer;
  faults: Faults = {};
  /** Called when a request has come, before it is done. */
  onRequest: (request: LoggedRequest) => void = () => undefined;
  /** All requests so far. */
  readonly log: LoggedRequest[] = [];
  readonly #server: Server;
  readonly #size: number;
  #stalled = false;

  constructor(size: number) {
    this.#size = size;
    this.memory = Buffer.alloc(size);
    this.#server = createServer((socket) => void this.#serve(socket).catch(() => socket.destroy()));
  }

  async listen(path: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#server.once('error', reject);
    this.#server.listen(path, () => resolve(undefined));
    await promise;
  }

  /** Bytes of all write requests so far. */
  get written(): number {
    return this.log.reduce((sum, { kind, length }) => sum + (kind === 'write' ? length : 0), 0);
  }

  close(): void {
    this.#server.close();
  }

  async #serve(socket: Socket): Promise<void> {
    const input = new Input(socket);
    await this.#handshake(socket, input);
    for (;;) {
      const request = await input.take(28);
      if (request.readUInt32BE(0) !== REQUEST_MAGIC) throw new Error('no request');
      const type = request.readUInt16BE(6);
      const offset = Number(request.readBigUInt64BE(16));
      const length = request.readUInt32BE(24);
      const reply = Buffer.alloc(16);
      reply.writeUInt32BE(SIMPLE_REPLY_MAGIC, 0);
      request.copy(reply, 8, 8, 16);
      if (type === 2) break;
      if (type === 1) {
        const bytes = await input.take(length);
        reply.writeUInt32BE((await this.#write(offset, bytes)) ? 0 : EIO, 4);
        socket.write(reply);
      } else if (type === 0) {
        const bytes = this.#read(offset, length);
        if (bytes === null) reply.writeUInt32BE(EIO, 4);
        socket.write(bytes === null ? reply : Buffer.concat([reply, bytes]));
      } else {
        this.#note({ kind: 'flush', offset: 0, length: 0 });
        socket.write(reply);
      }
    }
    socket.end();
  }

  async #handshake(socket: Socket, input: Input): Promise<void> {
    const greeting = Buffer.alloc(18);
    greeting.write('NBDMAGIC', 0, 'latin1');
    greeting.writeBigUInt64BE(OPTION_MAGIC, 8);
    greeting.writeUInt16BE(0b11, 16); // fixed newstyle, no zeroes
    socket.write(greeting);
    await input.take(4);
    for (;;) {
      const header = await input.take(16);
      const option = header.readUInt32BE(8);
      await input.take(header.readUInt32BE(12));
      if (option === 6 || option === 7) {
        const info = Buffer.alloc(12);
        info.writeBigUInt64BE(BigInt(this.#size), 2);
        info.writeUInt16BE(FLAGS, 10);
        socket.write(optionReply(option, 3, info));
        socket.write(optionReply(option, 1, Buffer.alloc(0)));
        if (option === 7) return;
      } else {
        // Unsupported: the client tries another.
        socket.write(optionReply(option, 0x80000001, Buffer.alloc(0)));
      }
    }
  }

  #note(request: LoggedRequest): void {
    this.log.push(request);
    this.onRequest(request);
  }

  async #write(offset: number, bytes: Buffer): Promise<boolean> {
    const end = offset + bytes.length;
    this.#note({ kind: 'write', offset, length: bytes.length });
    const { errors, forgetFrom, stall, wrapAt } = this.faults;
    if (stall !== undefined && !this.#stalled && offset <= stall.at && stall.at < end) {
      this.#stalled = true;
      await sleep(stall.milliseconds);
    }
    if (errors?.on === 'write' && offset < errors.to && end > errors.from) return false;
    if (forgetFrom !== undefined && offset >= forgetFrom) return true;
    bytes.copy(this.memory, wrapAt === undefined ? offset : offset % wrapAt);
    return true;
  }

  #read(offset: number, length: number): Buffer | null {
    const end = offset + length;
    this.#note({ kind: 'read', offset, length });
    const { errors, flip, wrapAt } = this.faults;
    if (errors?.on === 'read' && offset < errors.to && end > errors.from) return null;
    const from = wrapAt === undefined ? offset : offset % wrapAt;
    const bytes = Buffer.from(this.memory.subarray(from, from + length));
    if (flip !== undefined && offset <= flip && flip < end)
      bytes[flip - offset] = (bytes[flip - offset] ?? 0) ^ 1;
    return bytes;
  }
}

function optionReply(option: number, type: number, data: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeBigUInt64BE(REPLY_MAGIC, 0);
  header.writeUInt32BE(option, 8);
  header.writeUInt32BE(type, 12);
  header.writeUInt32BE(data.length, 16);
  return Buffer.concat([header, data]);
}

/** Exactly so many bytes at a time from a socket. */
class Input {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const available = Math.min(missing, this.#socket.readableLength);
      const part = available > 0 ? (this.#socket.read(available) as Buffer | null) : null;
      if (part === null) {
        if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error('end of stream');
        await this.#readable();
      } else {
        parts.push(part);
        missing -= part.length;
      }
    }
    return Buffer.concat(parts);
  }

  async #readable(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const go = (): void => resolve(undefined);
    this.#socket.once('readable', go).once('end', go).once('close', go);
    await promise;
    this.#socket.off('readable', go).off('end', go).off('close', go);
  }
}
