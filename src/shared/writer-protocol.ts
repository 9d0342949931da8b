import type { ErrorData } from './errors.ts';
import type { DriveIdentity } from './model/drive.ts';

/**
 * Frames between the app and the elevated writer. A header of 16 bytes, little-endian, then the
 * payload:
 *
 *     0  u8   version
 *     1  u8   type
 *     2  u16  zero
 *     4  u32  bytes of payload
 *     8  u64  device offset (write, read, data, commit), else zero
 *
 * `write`, `data` and `commit` carry raw bytes, everything else JSON. The writer is never paused by
 * what it is sent: the app has at most WINDOW write frames under way, so the end of the stream is
 * noticed at once, however slow the device is.
 */
export const PROTOCOL_VERSION = 1;

export const HEADER_BYTES = 16;

/** Largest payload of raw bytes; a multiple of every block size in use. */
export const MAX_DATA = 4 * 1024 * 1024;

/** Largest JSON payload: the ranges to wipe are the longest. */
export const MAX_CONTROL = 64 * 1024;

/** Largest payload before both sides have proved themselves. */
export const MAX_HANDSHAKE = 1024;

/** Write frames that may be under way; each has a page-aligned buffer of MAX_DATA in the writer. */
export const WINDOW = 4;

/** Milliseconds: the writer sends something at least this often … */
export const HEARTBEAT_INTERVAL = 3_000;

/**
 * … and the app takes it for hung after this long without a word. That a process ended, however it did, the
 * kernel says at once by the end of the stream. This is for a writer that lives and is stopped or hangs, so
 * that a job does not wait for ever. It must not end one that is only slow: a busy machine keeps a thread
 * from its turn for many seconds. The app is not judged: while it lives, a job may go on.
 */
export const SILENCE_LIMIT = 300_000;

/**
 * Milliseconds from connection to proof. Long, since the app may be kept from its turn meanwhile (13 s have
 * been seen), and a connection that proves nothing does no harm.
 */
export const HANDSHAKE_LIMIT = 120_000;

export const FRAME_TYPES = {
  /** Writer → app: a nonce. */
  hello: 1,
  /** App → writer: its own nonce, and proof that it knows the job's secret. */
  challenge: 2,
  /** Writer → app: its proof. */
  proof: 3,
  /** Writer → app: the device is checked, unmounted and open. */
  ready: 4,
  prepare: 5,
  write: 6,
  flush: 7,
  read: 8,
  /** Writer → app: the answer to one read. */
  data: 9,
  commit: 10,
  eject: 11,
  /** Writer → app: prepare, flush, commit or eject is done. */
  done: 12,
  /** Writer → app: one write frame has reached the device, and its buffer is free. */
  progress: 13,
  notice: 14,
  log: 15,
  /** Writer → app: it has failed and ends. */
  error: 16,
  /** Writer → app: it lives. */
  heartbeat: 17,
  /** App → writer: finished; release the device and end. */
  bye: 18,
  /** Writer → app: the answer to one read that failed. Other places of the device may be fine. */
  unread: 19,
} as const;

export type FrameType = keyof typeof FRAME_TYPES;

/** JSON payloads by frame type. */
export interface ControlPayloads {
  hello: { readonly nonce: string };
  challenge: { readonly nonce: string; readonly proof: string };
  proof: { readonly proof: string };
  ready: {
    /** Bytes. */
    readonly size: number;
    readonly blockSize: number;
    /** false: the system cannot bypass its cache here, so every flush is an fsync. */
    readonly direct: boolean;
  };
  prepare: {
    readonly wipe: readonly { readonly offset: number; readonly length: number }[];
    /** What blkid must find after the commit, and nothing before; null: it is not asked. */
    readonly signature: { readonly type: string; readonly label: string } | null;
  };
  flush: null;
  /** The offset is in the header. */
  read: { readonly length: number };
  eject: null;
  done: { readonly of: 'prepare' | 'flush' | 'commit' | 'eject' };
  /** Bytes of that frame. */
  progress: { readonly bytes: number };
  notice: ErrorData;
  log: { readonly line: string };
  error: ErrorData;
  heartbeat: null;
  bye: null;
  unread: ErrorData;
}

export type ControlType = keyof ControlPayloads;
export type DataType = Exclude<FrameType, ControlType>;

export interface FrameHeader {
  readonly type: FrameType;
  /** Bytes of payload. */
  readonly length: number;
  readonly offset: number;
}

/** What a device is opened for; the writer refuses anything else. */
export type Access = 'read' | 'write';

/** Drives that one run can write. One launcher starts a writer for each. */
export const MAX_JOBS = 16;

/** Name of a job's file in the folder of its run. @param index from 0, below {@link MAX_JOBS}. */
export function jobName(index: number): string {
  return `job-${index + 1}`;
}

/** What the app leaves for one writer, in a file that only its user can read. */
export interface WriterJob {
  readonly version: typeof PROTOCOL_VERSION;
  /** 32 random bytes in hex, used for this one job. */
  readonly secret: string;
  /** Name of the Windows pipe; null: a socket beside the job file, with its name and `.socket`. */
  readonly pipe: string | null;
  readonly identity: DriveIdentity;
  readonly allowFixed: boolean;
  readonly access: Access;
}

/** The other side does not keep to the protocol; the side that notices ends the connection. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const NAMES = new Map(
  Object.entries(FRAME_TYPES).map(([name, type]) => [type as number, name as FrameType]),
);

const DATA_TYPES: readonly FrameType[] = ['write', 'data', 'commit'];

/** Frames whose payload is bytes; all others carry JSON. */
export function isDataType(type: FrameType): type is DataType {
  return DATA_TYPES.includes(type);
}

/** A frame's header; the payload follows it on the wire. */
export function encodeHeader({ type, length, offset }: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, PROTOCOL_VERSION);
  view.setUint8(1, FRAME_TYPES[type]);
  view.setUint32(4, length, true);
  view.setBigUint64(8, BigInt(offset), true);
  return bytes;
}

/**
 * Throws a ProtocolError for anything that is not a header of this version within the limits.
 * `trusted` is false until the other side has proved itself.
 */
export function decodeHeader(bytes: Uint8Array, trusted: boolean): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const version = view.getUint8(0);
  if (version !== PROTOCOL_VERSION) throw new ProtocolError(`protocol version ${version}`);
  const type = NAMES.get(view.getUint8(1));
  if (type === undefined || view.getUint16(2) !== 0) throw new ProtocolError('unknown frame');
  const length = view.getUint32(4, true);
  const control = trusted ? MAX_CONTROL : MAX_HANDSHAKE;
  const limit = trusted && isDataType(type) ? MAX_DATA : control;
  if (length > limit) throw new ProtocolError(`${type} frame of ${length} bytes`);
  const offset = view.getBigUint64(8, true);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new ProtocolError('offset overflow');
  return { type, length, offset: Number(offset) };
}

/**
 * Puts frames together from a stream that arrives in pieces of any size. Bytes go straight to where
 * the frame's payload shall be: ask `space` where the next ones go, tell `filled` how many came.
 */
export class FrameAssembler {
  readonly #onFrame: (header: FrameHeader, payload: Uint8Array) => void;
  readonly #allocate: (header: FrameHeader) => Uint8Array;
  readonly #headerBytes = new Uint8Array(HEADER_BYTES);
  #header: FrameHeader | null = null;
  #payload: Uint8Array = this.#headerBytes;
  #filled = 0;
  /** To be set when the other side has proved itself. */
  trusted = false;

  constructor(
    onFrame: (header: FrameHeader, payload: Uint8Array) => void,
    allocate: (header: FrameHeader) => Uint8Array = ({ length }) => new Uint8Array(length),
  ) {
    this.#onFrame = onFrame;
    this.#allocate = allocate;
  }

  /** Where the next bytes belong; never empty. */
  space(): Uint8Array {
    return this.#payload.subarray(this.#filled);
  }

  /** Throws a ProtocolError where the bytes are not what the protocol allows. */
  filled(count: number): void {
    this.#filled += count;
    if (this.#filled < this.#payload.length) return;
    if (this.#header === null) this.#startPayload();
    else this.#complete(this.#header);
  }

  /** For streams that bring their own buffers. */
  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const space = this.space();
      const part = rest.subarray(0, space.length);
      space.set(part);
      rest = rest.subarray(part.length);
      this.filled(part.length);
    }
  }

  #startPayload(): void {
    const header = decodeHeader(this.#headerBytes, this.trusted);
    this.#header = header;
    this.#payload = header.length === 0 ? new Uint8Array() : this.#allocate(header);
    this.#filled = 0;
    if (header.length === 0) this.#complete(header);
  }

  #complete(header: FrameHeader): void {
    const payload = this.#payload;
    this.#header = null;
    this.#payload = this.#headerBytes;
    this.#filled = 0;
    this.#onFrame(header, payload);
  }
}

/** Payload of a control frame: JSON, nothing for null. */
export function encodeControl(value: unknown): Uint8Array {
  return value === null ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(value));
}

/** Any JSON value; null for an empty payload. Throws a ProtocolError. */
export function decodeControl(payload: Uint8Array): unknown {
  if (payload.length === 0) return null;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new ProtocolError('payload is not JSON');
  }
}
