/**
 * A stick of a given speed: a file whose server, through /dev/fuse, answers as late as such a stick would, so that
 * a loop device over it is as slow. What a request costs is its bytes, and a seek where it does not begin at the
 * end of the one before. The kernel's own throttles know no seeks, and a virtual machine is slow by itself.
 * Run by {@link slowStick}: slow-stick.ts FOLDER BYTES JSON-OF-SPEED. Needs root.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  read,
  readSync,
  rmSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Megabytes a second, and milliseconds. */
export interface Speed {
  readonly write: number;
  readonly read: number;
  readonly seek: number;
}

export interface SlowStick {
  /** e.g. /dev/loop8 */
  readonly path: string;
  /** Its bytes, at full speed: for what is not measured. */
  readonly file: string;
  /** Seconds for which the stick was busy so far, and how many seeks there were. */
  cost(): { readonly busy: number; readonly seeks: number };
  release(): Promise<void>;
}

/** A loop device as slow as a stick. To be released. */
export async function slowStick(size: number, speed: Speed): Promise<SlowStick> {
  const folder = mkdtempSync(join(tmpdir(), 'offline-ota-slow-stick-'));
  mkdirSync(join(folder, 'mounted'));
  const server = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      import.meta.filename,
      folder,
      String(size),
      JSON.stringify(speed),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let cost = { busy: 0, seeks: 0 };
  const ready = Promise.withResolvers<undefined>();
  server.once('exit', () => ready.reject(new Error('the slow stick has ended')));
  server.stdout.on('data', (chunk: Buffer) => {
    const last = chunk.toString().trim().split('\n').at(-1) ?? '';
    cost = JSON.parse(last) as typeof cost;
    ready.resolve(undefined);
  });
  await ready.promise;
  const losetup = (...args: string[]): string =>
    execFileSync('losetup', args, { encoding: 'utf8' }).trim();
  const path = losetup('--find', '--show', '--direct-io=on', join(folder, 'mounted', 'stick'));
  return {
    ...{ path, file: join(folder, 'chips') },
    cost: () => cost,
    async release() {
      losetup('--detach', path);
      execFileSync('umount', ['--lazy', join(folder, 'mounted')]);
      const ended = once(server, 'exit');
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Numbers of include/uapi/linux/fuse.h. */
const [LOOKUP, FORGET, GETATTR, OPEN, READ, WRITE] = [1, 2, 3, 14, 15, 16];
const [RELEASE, FSYNC, FLUSH, INIT, INTERRUPT, BATCH_FORGET] = [18, 20, 25, 26, 36, 42];
const [ENOENT, ENOSYS] = [2, 38];
const [IN_HEADER, OUT_HEADER, WRITE_IN] = [40, 16, 40];
/** FUSE_ASYNC_READ, FUSE_BIG_WRITES, FUSE_ASYNC_DIO, FUSE_MAX_PAGES. */
const INIT_FLAGS = (1 << 0) | (1 << 5) | (1 << 15) | (1 << 22);
const MOST = 1024 * 1024;
const FILE = 2;

/** Serves one file until it is unmounted. */
class Server {
  readonly #fuse = openSync('/dev/fuse', 'r+');
  readonly #chips: number;
  readonly #size: number;
  readonly #speed: Speed;
  #position = -1;
  /** When the stick has done what it was asked for; milliseconds of `performance.now`. */
  #free = 0;
  #cost = { busy: 0, seeks: 0 };

  constructor(folder: string, size: number, speed: Speed) {
    this.#size = size;
    this.#speed = speed;
    this.#chips = openSync(join(folder, 'chips'), 'w+');
    ftruncateSync(this.#chips, size);
    const options = `fd=3,rootmode=40000,user_id=0,group_id=0,allow_other,max_read=${MOST}`;
    const mount = spawn(
      'mount',
      ['-i', '-t', 'fuse', '-o', options, 'slow-stick', join(folder, 'mounted')],
      {
        stdio: ['ignore', 'ignore', 'inherit', this.#fuse],
      },
    );
    mount.once('exit', (code) => {
      if (code !== 0) process.exit(1);
      const tell = (): void => console.log(JSON.stringify(this.#cost));
      tell();
      setInterval(tell, 200).unref();
    });
  }

  async serve(): Promise<void> {
    const readRequest = promisify(read);
    const buffer = Buffer.alloc(MOST + 65_536);
    // One request after another, in the order in which they come.
    for (;;)
      try {
        const { bytesRead } = await readRequest(this.#fuse, buffer, 0, buffer.length, null);
        this.#answer(buffer.subarray(0, bytesRead));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Not mounted yet; a request that was taken back; unmounted.
        if (code === 'EPERM') await sleep(5);
        else if (code === 'ENODEV') break;
        else if (code !== 'ENOENT' && code !== 'EINTR') throw error;
      }
    closeSync(this.#fuse);
  }

  #answer(request: Buffer): void {
    const opcode = request.readUInt32LE(4);
    const unique = request.readBigUInt64LE(8);
    const node = Number(request.readBigUInt64LE(16));
    const body = request.subarray(IN_HEADER);
    if (opcode === READ || opcode === WRITE) this.#transfer(opcode, unique, body);
    else if (opcode === INIT) this.#reply(unique, this.#init());
    else if (opcode === LOOKUP) this.#lookUp(unique, body);
    else if (opcode === GETATTR)
      this.#reply(unique, Buffer.concat([Buffer.alloc(16), this.#attributes(node)]));
    else if (opcode === OPEN) this.#reply(unique, Buffer.alloc(16));
    else if (opcode === RELEASE || opcode === FSYNC || opcode === FLUSH)
      this.#late(0, unique, Buffer.alloc(0));
    else if (![FORGET, BATCH_FORGET, INTERRUPT].includes(opcode))
      this.#reply(unique, Buffer.alloc(0), ENOSYS);
  }

  #init(): Buffer {
    const out = Buffer.alloc(64);
    out.writeUInt32LE(7, 0);
    out.writeUInt32LE(31, 4);
    out.writeUInt32LE(MOST, 8);
    out.writeUInt32LE(INIT_FLAGS, 12);
    out.writeUInt16LE(64, 16);
    out.writeUInt16LE(48, 18);
    out.writeUInt32LE(MOST, 20);
    out.writeUInt32LE(1, 24);
    out.writeUInt16LE(MOST / 4096, 28);
    return out;
  }

  #lookUp(unique: bigint, name: Buffer): void {
    if (name.toString('latin1') !== 'stick\0') {
      this.#reply(unique, Buffer.alloc(0), ENOENT);
      return;
    }
    const entry = Buffer.alloc(40);
    entry.writeBigUInt64LE(BigInt(FILE), 0);
    this.#reply(unique, Buffer.concat([entry, this.#attributes(FILE)]));
  }

  #attributes(node: number): Buffer {
    const isFile = node === FILE;
    const out = Buffer.alloc(88);
    out.writeBigUInt64LE(BigInt(node), 0);
    out.writeBigUInt64LE(BigInt(isFile ? this.#size : 0), 8);
    out.writeUInt32LE(isFile ? 0o100600 : 0o040700, 60);
    out.writeUInt32LE(1, 64);
    out.writeUInt32LE(4096, 80);
    return out;
  }

  #transfer(opcode: number, unique: bigint, body: Buffer): void {
    const offset = Number(body.readBigUInt64LE(8));
    const length = body.readUInt32LE(16);
    const rate = opcode === READ ? this.#speed.read : this.#speed.write;
    const seeks = Number(offset !== this.#position);
    this.#position = offset + length;
    this.#cost.seeks += seeks;
    const cost = length / (rate * 1000) + seeks * this.#speed.seek;
    if (opcode === WRITE) {
      writeSync(this.#chips, body, WRITE_IN, length, offset);
      const out = Buffer.alloc(8);
      out.writeUInt32LE(length, 0);
      this.#late(cost, unique, out);
    } else {
      const out = Buffer.allocUnsafe(length);
      const count = readSync(this.#chips, out, 0, length, offset);
      this.#late(cost, unique, out.subarray(0, count));
    }
  }

  /** Answers when the stick has done that, and all that it was asked for before. */
  #late(milliseconds: number, unique: bigint, payload: Buffer): void {
    const now = performance.now();
    this.#free = Math.max(this.#free, now) + milliseconds;
    this.#cost.busy += milliseconds / 1000;
    const wait = this.#free - now;
    if (wait < 1) this.#reply(unique, payload);
    else setTimeout(() => this.#reply(unique, payload), wait);
  }

  #reply(unique: bigint, payload: Buffer, errno = 0): void {
    const header = Buffer.alloc(OUT_HEADER);
    header.writeUInt32LE(OUT_HEADER + payload.length, 0);
    header.writeInt32LE(-errno, 4);
    header.writeBigUInt64LE(unique, 8);
    writevSync(this.#fuse, payload.length === 0 ? [header] : [header, payload]);
  }
}

if (process.argv[1] === import.meta.filename) {
  // It must never be what is waited for.
  setPriority(-15);
  const [folder = '', size = '', speed = ''] = process.argv.slice(2);
  await new Server(folder, Number(size), JSON.parse(speed) as Speed).serve();
}
