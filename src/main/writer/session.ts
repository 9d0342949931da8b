import { builderError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import {
  decodeControl,
  isDataType,
  MAX_DATA,
  ProtocolError,
  type FrameHeader,
  type FrameType,
} from '../../shared/writer-protocol.ts';
import type { AlignedMemory, BlockDevice } from './block-device.ts';
import type { Channel } from './channel.ts';
import { toDriveError, type Operation } from './device-errors.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import { probeCapacity } from './probe-capacity.ts';
import { hiddenBy, type Signature } from './recognition.ts';

/** A device that has not answered for this long causes a notice; another follows after each such time. Milliseconds. */
const STALL_NOTICE_MS = 10_000;

const ZEROS = 1024 * 1024;

type SessionState = 'new' | 'writing' | 'committed' | 'ejected';

/** Frames that a job which only reads has no use for. */
const WRITING: readonly FrameType[] = ['prepare', 'write', 'flush', 'commit'];

/**
 * Serves one device to the app that has proved itself: frames are worked off one after another, one
 * request at the device at a time. Knows nothing of what the bytes mean, but keeps to what the job may do.
 */
export class Session {
  readonly #channel: Channel;
  readonly #device: BlockDevice;
  readonly #memory: AlignedMemory;
  readonly #target: WriterTarget;
  readonly #platform: WriterPlatform;
  readonly #watchdog: NodeJS.Timeout;
  #queue: Promise<void> = Promise.resolve();
  /** Settles when the last answer to a read has left. */
  #sending: Promise<void> = Promise.resolve();
  #state: SessionState = 'new';
  #written = 0;
  #signature: Signature | null = null;
  /** Since when another program has been asked about the device; milliseconds of `performance.now`. */
  #askingSince: number | null = null;
  #stalls = 0;
  #ended = false;

  constructor(parts: {
    readonly channel: Channel;
    readonly device: BlockDevice;
    readonly memory: AlignedMemory;
    readonly target: WriterTarget;
    readonly platform: WriterPlatform;
  }) {
    this.#channel = parts.channel;
    this.#device = parts.device;
    this.#memory = parts.memory;
    this.#target = parts.target;
    this.#platform = parts.platform;
    this.#watchdog = setInterval(() => this.#watch(), 1_000);
  }

  /** Resolves when what the device was last asked for is done; nothing is begun after this. */
  async end(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#watchdog);
    await this.#queue;
  }

  /**
   * Takes a frame from the app. `onEnd` is called at most once: with null when the app says that it
   * is finished, with the error when the device failed.
   */
  take(header: FrameHeader, payload: Uint8Array, onEnd: (error: ErrorData | null) => void): void {
    if (this.#target.access !== 'write' && WRITING.includes(header.type))
      throw new ProtocolError(`a ${header.type} frame in a job that only reads`);
    const work = isDataType(header.type)
      ? this.#dataWork(header, payload)
      : this.#controlWork(header, decodeControl(payload));
    this.#queue = this.#queue.then(async () => {
      // Only reads know that the last answer may still stand in the device's memory.
      if (header.type !== 'read') await this.#sending;
      if (this.#ended) return;
      try {
        await work();
        if (header.type === 'bye') onEnd(null);
      } catch (error) {
        this.#ended = true;
        onEnd(toErrorData(error));
      }
    });
  }

  #dataWork(header: FrameHeader, payload: Uint8Array): () => Promise<void> {
    const { type, offset, length } = header;
    this.#assertRange(offset, length);
    if (type === 'write') return () => this.#write(offset, payload);
    if (type === 'commit') return () => this.#commit(offset, payload);
    throw unexpected(type);
  }

  #controlWork(header: FrameHeader, value: unknown): () => Promise<void> {
    const { type, offset } = header;
    switch (type) {
      case 'prepare': {
        const ranges = assertRanges(value);
        for (const range of ranges) this.#assertRange(range.offset, range.length);
        const signature = assertSignature(value);
        return () => this.#prepare(ranges, signature);
      }
      case 'flush':
        return () => this.#flush();
      case 'read': {
        const { length } = numbers(value, ['length']);
        if (length > MAX_DATA) throw new ProtocolError(`read of ${length} bytes`);
        this.#assertRange(offset, length);
        return () => this.#read(offset, length);
      }
      case 'eject':
        return () => this.#eject();
      case 'bye':
        return () => Promise.resolve();
      default:
        throw unexpected(type);
    }
  }

  async #prepare(
    wipe: readonly { offset: number; length: number }[],
    signature: Signature | null,
  ): Promise<void> {
    this.#expect('new');
    this.#signature = signature;
    const { name: drive, identity } = this.#target;
    for (const { offset, length } of wipe)
      await this.#guard({ kind: 'write', offset }, async () => {
        for (let done = 0; done < length; done += ZEROS)
          await this.#device.clear(offset + done, Math.min(ZEROS, length - done));
        await this.#device.flush();
      });
    // A device that drops writes would keep its old label: better to know before anything else.
    for (const { offset, length } of wipe)
      for (let done = 0; done < length; done += ZEROS) {
        const place = offset + done;
        const found = await this.#guard({ kind: 'read', offset: place }, () =>
          this.#device.read(place, Math.min(ZEROS, length - done)),
        );
        if (found.some((byte) => byte !== 0))
          throw builderError('drive-forgets', { drive, offset: place });
      }
    const operation = { kind: 'write', offset: 0 } as const;
    const holds = await this.#guard(operation, () => probeCapacity(this.#device));
    if (holds < identity.size)
      throw builderError('drive-counterfeit', { drive, size: identity.size, holds });
    this.#state = 'writing';
    this.#channel.send('done', { of: 'prepare' });
  }

  async #write(offset: number, payload: Uint8Array): Promise<void> {
    this.#expect('writing');
    const { blockSize } = this.#device;
    if (offset % blockSize !== 0 || payload.length % blockSize !== 0)
      throw new ProtocolError(`write of ${payload.length} bytes at ${offset} is not aligned`);
    // No memory was taken for it, so none can be given back.
    if (payload.length === 0) throw new ProtocolError('a write of nothing');
    if (offset < this.#written) throw new ProtocolError('writes between two flushes must ascend');
    this.#written = offset + payload.length;
    await this.#guard({ kind: 'write', offset }, () => this.#device.write(offset, payload));
    this.#memory.giveBack(payload);
    this.#channel.send('progress', { bytes: payload.length });
  }

  async #flush(): Promise<void> {
    this.#expect('writing', 'committed');
    await this.#guard({ kind: 'write', offset: this.#written }, () => this.#device.flush());
    // What was read back and found wrong may be written once more.
    this.#written = 0;
    this.#channel.send('done', { of: 'flush' });
  }

  async #read(offset: number, length: number): Promise<void> {
    // A drive that is only checked is never prepared.
    this.#expect('new', 'writing', 'committed');
    const bytes = await this.#readOrSay(offset, length);
    if (bytes === null) return;
    // The next read may begin while this answer leaves, but not the one after it: that one takes the
    // same memory.
    const before = this.#sending;
    this.#sending = this.#channel.sendData('data', offset, bytes);
    await before;
  }

  /**
   * A place that cannot be read says nothing of the others, so what it means is the app's to decide. A device that is
   * gone ends the job.
   * @returns null where the answer was that it cannot be read.
   */
  async #readOrSay(offset: number, length: number): Promise<Uint8Array | null> {
    try {
      return await this.#guard({ kind: 'read', offset }, () => this.#device.read(offset, length));
    } catch (error) {
      const data = toErrorData(error);
      if (data.code !== 'drive-read-failed') throw error;
      this.#channel.send('unread', data);
      return null;
    }
  }

  /** An empty piece only flushes. */
  async #commit(offset: number, piece: Uint8Array): Promise<void> {
    this.#expect('writing');
    await this.#guard({ kind: 'write', offset }, () => this.#device.flush());
    // Asked before as well: were it asked only afterwards, a kill in between would leave a label on a
    // device of which it is not known whether something hides it.
    await this.#recognise(null);
    try {
      await this.#guard({ kind: 'write', offset }, async () => {
        if (piece.length > 0) await this.#device.overwrite(offset, piece);
        await this.#device.flush();
      });
      const found = await this.#guard({ kind: 'read', offset }, () =>
        this.#device.read(offset, piece.length),
      );
      if (Buffer.compare(found, piece) !== 0)
        throw builderError('drive-forgets', { drive: this.#target.name, offset });
      await this.#recognise(this.#signature);
    } catch (error) {
      // What may now look complete must not. If this fails too, the device is gone or dead.
      const takeBack = this.#device.clear(offset, piece.length).then(() => this.#device.flush());
      await takeBack.catch(() => undefined);
      throw error;
    }
    this.#state = 'committed';
    this.#channel.send('done', { of: 'commit' });
  }

  /** Throws unless the system's own tools find `wanted` and nothing else. */
  async #recognise(wanted: Signature | null): Promise<void> {
    if (this.#signature === null) return;
    const { name: drive } = this.#target;
    this.#askingSince = performance.now();
    const seen = await this.#platform
      .recognise(this.#target)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw builderError('drive-recognition-failed', { drive, reason }, error);
      })
      .finally(() => (this.#askingSince = null));
    const hidden = seen === null ? null : hiddenBy(drive, seen, wanted);
    if (hidden !== null) throw hidden;
  }

  async #eject(): Promise<void> {
    this.#expect('new', 'committed');
    try {
      if (this.#platform.closesBeforeEject) {
        this.#state = 'ejected';
        await this.#device.close();
      }
      await this.#platform.eject(this.#target);
      this.#state = 'ejected';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const params = { drive: this.#target.name, reason };
      this.#channel.send('notice', { code: 'drive-eject-failed', params });
    }
    this.#channel.send('done', { of: 'eject' });
  }

  async #guard<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw await toDriveError(error, operation, this.#target, this.#platform);
    }
  }

  #assertRange(offset: number, length: number): void {
    if (offset + length > this.#device.size)
      throw new ProtocolError(`${length} bytes at ${offset} reach beyond the device`);
  }

  #expect(...states: readonly SessionState[]): void {
    if (!states.includes(this.#state)) throw new ProtocolError(`not while ${this.#state}`);
  }

  #watch(): void {
    const asking = this.#askingSince === null ? 0 : performance.now() - this.#askingSince;
    const waiting = Math.max(this.#device.waiting, asking);
    const stalls = Math.floor(waiting / STALL_NOTICE_MS);
    if (stalls > this.#stalls) {
      const params = { drive: this.#target.name, seconds: Math.round(waiting / 1000) };
      this.#channel.send('notice', { code: 'drive-stalled', params });
    }
    this.#stalls = stalls;
  }
}

function assertRanges(value: unknown): { offset: number; length: number }[] {
  const wipe = typeof value === 'object' && value !== null && 'wipe' in value ? value.wipe : null;
  if (!Array.isArray(wipe)) throw new ProtocolError('no ranges');
  return wipe.map((range) => numbers(range, ['offset', 'length']));
}

/** Words of letters, digits and underscores: they are compared with what a tool prints, and shown. */
function assertSignature(value: unknown): Signature | null {
  const { signature } = (value ?? {}) as { signature?: unknown };
  if (signature === null) return null;
  const { type, label } = (signature ?? {}) as Record<string, unknown>;
  const isWord = (word: unknown): word is string =>
    typeof word === 'string' && /^\w{1,16}$/.test(word);
  if (!isWord(type) || !isWord(label)) throw new ProtocolError('no signature');
  return { type, label };
}

function numbers<K extends string>(value: unknown, keys: readonly K[]): Record<K, number> {
  const fields = (typeof value === 'object' ? value : null) as Record<string, unknown> | null;
  const entries = keys.map((key) => {
    const field = fields?.[key];
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 0)
      throw new ProtocolError(`no ${key}`);
    return [key, field] as const;
  });
  return Object.fromEntries(entries) as Record<K, number>;
}

function unexpected(type: FrameType): ProtocolError {
  return new ProtocolError(`a ${type} frame does not belong here`);
}
