import { connect, type Socket } from 'node:net';
import { releaseMemory } from '../../shared/release-memory.ts';
import {
  encodeControl,
  encodeHeader,
  FrameAssembler,
  HEARTBEAT_INTERVAL,
  ProtocolError,
  SILENCE_LIMIT,
  type ControlPayloads,
  type ControlType,
  type DataType,
  type FrameHeader,
} from '../../shared/writer-protocol.ts';

export interface ChannelHandlers {
  /** The payload may be reused after the call unless `allocate` made it. Throwing ends the channel. */
  readonly onFrame: (header: FrameHeader, payload: Uint8Array) => void;
  /** Called once: null when the other side ended the stream, else why the channel is of no use. */
  readonly onClose: (error: Error | null) => void;
  /** Where a frame's payload shall go. Throwing ends the channel. */
  readonly allocate?: (header: FrameHeader) => Uint8Array;
}

const TICK = 1_000;

/**
 * Frames over one socket. The writer connects and sends heartbeats; the app accepts and takes a writer that
 * falls silent for hung. The writer judges the app by the end of the stream alone, which comes from the
 * kernel: the app's thread computes, and a loaded machine may keep it from its turn for any time.
 */
export class Channel {
  readonly #handlers: ChannelHandlers;
  readonly #side: 'app' | 'writer';
  readonly #assembler: FrameAssembler;
  readonly #ticker: NodeJS.Timeout;
  #socket: Socket | null = null;
  #closed = false;
  #lastSent = performance.now();
  #lastHeard = performance.now();
  #lastTick = performance.now();

  private constructor(side: 'app' | 'writer', handlers: ChannelHandlers) {
    this.#side = side;
    this.#handlers = handlers;
    this.#assembler = new FrameAssembler(handlers.onFrame, handlers.allocate);
    this.#ticker = setInterval(() => this.#tick(), TICK);
  }

  /** For the writer: bytes go from the socket straight to where `allocate` wants them. */
  static async connect(path: string, handlers: ChannelHandlers): Promise<Channel> {
    const channel = new Channel('writer', handlers);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const onread = {
      buffer: () => channel.#assembler.space(),
      callback: (count: number) => {
        channel.#receive(() => channel.#assembler.filled(count));
        return true;
      },
    };
    const socket = connect({ path, onread }, () => resolve(undefined));
    socket.once('error', reject);
    channel.#attach(socket);
    await promise;
    return channel;
  }

  /** For the app. */
  static accept(socket: Socket, handlers: ChannelHandlers): Channel {
    const channel = new Channel('app', handlers);
    socket.on('data', (bytes: Buffer) => {
      channel.#receive(() => channel.#assembler.push(bytes));
      // It was copied to where it belongs; each comes in a buffer of its own.
      releaseMemory(bytes);
    });
    channel.#attach(socket);
    return channel;
  }

  /** The other side has proved itself: larger frames are allowed from now on. */
  trust(): void {
    this.#assembler.trusted = true;
  }

  send<T extends ControlType>(type: T, payload: ControlPayloads[T], offset = 0): void {
    const bytes = encodeControl(payload);
    this.#write(encodeHeader({ type, length: bytes.length, offset }), bytes);
  }

  /** Resolves when the memory of `bytes` may be reused; also when the channel is closed meanwhile. */
  sendData(type: DataType, offset: number, bytes: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const header = encodeHeader({ type, length: bytes.length, offset });
    this.#write(header, bytes, () => resolve(undefined));
    return promise;
  }

  /** Resolves when all that was sent has left, or cannot any more. */
  async end(): Promise<void> {
    clearInterval(this.#ticker);
    const socket = this.#socket;
    if (this.#closed || socket === null) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    socket.once('close', () => resolve(undefined));
    socket.end(() => resolve(undefined));
    await promise;
  }

  /** Ends at once; `onClose` is called with `error`. */
  destroy(error: Error | null = null): void {
    this.#socket?.destroy();
    this.#close(error);
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', (error) => this.destroy(error));
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.#close(null));
  }

  #write(header: Uint8Array, payload: Uint8Array, sent?: () => void): void {
    const socket = this.#socket;
    if (this.#closed || socket?.writable !== true) {
      sent?.();
      return;
    }
    this.#lastSent = performance.now();
    socket.cork();
    // The callback is called with an error when the socket is destroyed before all was sent.
    socket.write(header, payload.length === 0 ? sent : undefined);
    if (payload.length > 0) socket.write(payload, sent);
    socket.uncork();
  }

  #receive(handle: () => void): void {
    if (this.#closed) return;
    this.#lastHeard = performance.now();
    try {
      handle();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #tick(): void {
    if (this.#side === 'writer') this.#beat();
    else this.#judge();
  }

  #beat(): void {
    if (performance.now() - this.#lastSent >= HEARTBEAT_INTERVAL && this.#assembler.trusted)
      this.send('heartbeat', null);
  }

  #judge(): void {
    const now = performance.now();
    // After sleep, or in a process that was stopped, what the writer sent has yet to be read.
    if (now - this.#lastTick > 3 * TICK) this.#lastHeard = now;
    this.#lastTick = now;
    if (now - this.#lastHeard > SILENCE_LIMIT)
      this.destroy(new ProtocolError('the writer has fallen silent'));
  }

  #close(error: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#handlers.onClose(error);
  }
}
