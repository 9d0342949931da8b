import {
  connectWriters,
  type DriveRequest,
  type RunOptions,
  type WriterSession,
} from './connect-writers.ts';

/** A drive opened for reading only. While it is open, no other program can use it. */
export interface StickReader {
  /** What a person calls it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Offsets and lengths of reads are multiples of this. */
  readonly blockSize: number;
  /** Exactly `length` bytes from the medium, past all caches. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Switches it off. false when that failed: then `onNotice` was called. */
  eject(): Promise<boolean>;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a drive for reading through the elevated program, which alone may read devices. It is
 * unmounted first (not on Windows, which cannot): what another program changes meanwhile would look like
 * damage.
 * Throws `elevation-…`, `writer-…` and `drive-…`.
 */
export async function openStickReader(options: DriveRequest & RunOptions): Promise<StickReader> {
  const { program, ...drive } = options;
  const [reader] = openStickReaders([drive], { program });
  if (reader === undefined) throw new RangeError('a reader for each drive');
  return await reader;
}

/** As {@link openStickReader}, several by one elevation. @returns a promise for each, as of {@link connectWriters}. */
export function openStickReaders(
  drives: readonly DriveRequest[],
  run: RunOptions,
): Promise<StickReader>[] {
  return connectWriters(drives, 'read', run).map(async (session) => readerOf(await session));
}

function readerOf({ link, facts, name, signal, settle }: WriterSession): StickReader {
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    link.leave();
    closing ??= settle();
    return closing;
  };
  signal.addEventListener('abort', () => void close(), { once: true });
  return {
    name,
    size: facts.size,
    blockSize: facts.blockSize,
    read: (offset, length) => link.read(offset, length),
    eject: () => link.eject(),
    close,
  };
}
