import type { CheckFault } from '../../../shared/model/job.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { MemberLocation } from '../content/member-location.ts';
import type { FilledWindow } from '../content/segments.ts';
import { MAX_MANIFEST_BYTES, readManifest } from './read-manifest.ts';

/** Bytes of one file: from `offset` on, `length` of them, both within the file. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * The files of a finished offline OTA image, however it is stored. Paths are relative, with `/`:
 * `manifest.json`, `data/<sha256>`, `data/<sha256>.zst`, `meta/0/…`.
 */
export interface StoredFiles {
  /** What a person calls it: a path, or model and serial of a drive. */
  readonly name: string;
  readonly kind: 'tar' | 'folder' | 'img' | 'drive';
  /** Bytes of every regular file by its path; a path that is not here does not exist. */
  readonly files: ReadonlyMap<string, number>;
  /** Paths of its folders, without `lost+found`. */
  readonly folders: ReadonlySet<string>;
  /** What is wrong with how it is stored, so that its readers would see different things. */
  readonly faults: readonly CheckFault[];
  /** Paths of what is neither a file nor a folder: nothing that a builder makes. */
  readonly others: readonly string[];
  /**
   * Exactly `length` bytes of a file. Calls may overlap. Nothing is compared with a hash.
   * @throws RangeError for a path that is not in `files`, or bytes that are not in the file.
   * @throws `input-changed` where a file has become shorter, `input-unreadable`.
   */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Contents of small files, which must exist. @throws `archive-limit`, `filesystem-limit` above `maxBytes`. */
  readMany(paths: readonly string[], maxBytes: number): Promise<Map<string, Uint8Array>>;
  /**
   * Whole files in the fastest order, for the hash threads; `file` in the windows is the index into
   * `paths`. Each window must be released.
   */
  windows(paths: readonly string[], signal?: AbortSignal): AsyncIterable<FilledWindow>;
  /**
   * Where the bytes of a file stand in what was opened; one call at a time.
   * @throws RangeError for a path that is not in `files`.
   */
  locate(path: string): Promise<MemberLocation>;
  /** Releases what was opened; idempotent. Of a drive, its reader stays open. */
  close(): Promise<void>;
}

/** A finished offline OTA image that is open for reading: see `openFinished`. */
export interface FinishedImage extends StoredFiles {
  /** null where manifest.json is missing or is no manifest of this layout. */
  readonly manifest: Manifest | null;
  /** A file, or a range of it, in pieces of at most 1 MiB; errors as of `read`. */
  stream(path: string, range?: FileRange, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
}

/** Bytes that {@link FinishedImage.stream} reads at once. */
const STREAM_BYTES = 1024 * 1024;

/** Reads the manifest of what was opened; closes it where that fails. */
export async function toFinishedImage(stored: StoredFiles): Promise<FinishedImage> {
  try {
    return { ...stored, manifest: await manifestOf(stored), stream };
  } catch (error) {
    await stored.close();
    throw error;
  }

  async function* stream(
    path: string,
    range?: FileRange,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { offset, length } = range ?? { offset: 0, length: sizeOf(stored, path) };
    assertRange(stored, path, { offset, length });
    for (let done = 0; done < length; done += STREAM_BYTES) {
      signal?.throwIfAborted();
      yield await stored.read(path, offset + done, Math.min(STREAM_BYTES, length - done));
    }
  }
}

async function manifestOf(stored: StoredFiles): Promise<Manifest | null> {
  const path = 'manifest.json';
  if (!stored.files.has(path)) return null;
  const bytes = (await stored.readMany([path], MAX_MANIFEST_BYTES)).get(path);
  return bytes === undefined ? null : readManifest(bytes);
}

function sizeOf({ files }: Pick<StoredFiles, 'files'>, path: string): number {
  const size = files.get(path);
  if (size === undefined) throw new RangeError(`no file ${path}`);
  return size;
}

/** @throws RangeError unless the file exists and has these bytes. */
export function assertRange(
  stored: Pick<StoredFiles, 'files'>,
  path: string,
  { offset, length }: FileRange,
): void {
  const size = sizeOf(stored, path);
  const isWithin = offset >= 0 && length >= 0 && offset + length <= size;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || !isWithin)
    throw new RangeError(`no bytes ${offset} to ${offset + length} in ${path}`);
}
