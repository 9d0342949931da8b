import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { constants, link, open, rename, stat, unlink } from '../../files/files.ts';
import { BuilderError, builderError } from '../../../shared/errors.ts';
import { toOutputError } from '../fs-error.ts';
import type { Range } from '../layout/layout.ts';
import { assertFreeSpace, isUnsupported, setLength, syncFolder } from './filesystem.ts';
import { partialPath } from './partial-name.ts';
import { TargetState } from './target-state.ts';
import type { Target } from './target.ts';
import type { CommitBlock } from '../content/commit-block.ts';

/** A file's page cache takes any offset; whole pages keep the kernel from reading before it writes. */
const FILE_BLOCK_BYTES = 4096;

/** Disks are at full speed from 1 MiB on. */
const FILE_WRITE_BYTES = 2 * 1024 * 1024;

export interface FileOptions {
  /** Bytes that will be written, at most the size; what must be free where files have holes. */
  readonly occupied: number;
  /** Some regions are never written: the file must be given its length. */
  readonly sparse: boolean;
}

/**
 * A new file. It is written under a hidden name beside its place and gets its own name last, so that
 * a file of that name is always whole; without a commit it is removed. Regions never written are holes.
 *
 * Whole blocks bypass the page cache where the filesystem can do that: it saves a copy, and progress
 * tells what is on the disk instead of what waits for it (docs/adr/0017).
 */
export class FileTarget implements Target {
  readonly name: string;
  readonly size: number;
  readonly blockSize = FILE_BLOCK_BYTES;
  readonly writeBytes = FILE_WRITE_BYTES;
  readonly pending = 0;
  readonly hasContent = false;
  readonly randomWrites = true;
  readonly #options: FileOptions;
  readonly #building: string;
  readonly #state = new TargetState(this);
  #handle: FileHandle | null = null;
  /** The same file opened with O_DIRECT. */
  #direct: FileHandle | null = null;
  #hasLength = false;
  #committed = false;

  /**
   * @param path absolute path of the file to be; must not exist.
   * @param size its length in bytes.
   */
  constructor(path: string, size: number, options: Partial<FileOptions> = {}) {
    this.name = path;
    this.size = size;
    this.#options = { occupied: size, sparse: false, ...options };
    this.#building = partialPath(path);
  }

  /** Where the file could not be given its length, its zeros are written. */
  get startsZeroed(): boolean {
    return this.#hasLength;
  }

  /** A new file has nothing to wipe. */
  async prepare(wipe: readonly Range[]): Promise<void> {
    await this.#guard(async () => {
      this.#state.prepare(wipe);
      if (await exists(this.name)) throw builderError('output-exists', { path: this.name });
      const { occupied, sparse: required } = this.#options;
      await assertFreeSpace(this.name, this.size, { occupied });
      this.#handle = await open(this.#building, 'wx+', 0o644);
      const { size: length, name } = this;
      this.#hasLength = await setLength(this.#handle, this.#building, { length, name, required });
      this.#direct = await openDirect(this.#building);
    });
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#guard(async () => {
      this.#state.write(offset, bytes.length);
      await this.#writeAll(offset, bytes);
    });
  }

  async flush(): Promise<void> {
    await this.#guard(async () => {
      this.#state.flush();
      await this.#open().sync();
    });
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    let bytes = new Uint8Array(0);
    await this.#guard(async () => {
      this.#state.read(offset, length);
      bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await this.#open().read(bytes, done, length - done, offset + done);
        if (bytesRead === 0)
          throw new RangeError(`${offset + length} is beyond the end of ${this.name}`);
        done += bytesRead;
      }
    });
    return bytes;
  }

  async commit(piece: CommitBlock | null): Promise<void> {
    await this.#guard(async () => {
      this.#state.startCommit(piece);
      if (piece !== null) await this.#writeAll(piece.offset, piece.bytes);
      await this.#open().sync();
      await moveIntoPlace(this.#building, this.name);
      this.#committed = true;
      await syncFolder(dirname(this.name));
      this.#state.completeCommit();
    });
  }

  async close(): Promise<void> {
    this.#state.close();
    const handles = [this.#handle, this.#direct];
    this.#handle = this.#direct = null;
    try {
      for (const handle of handles) await handle?.close();
    } finally {
      if (!this.#committed)
        await unlink(this.#building).catch(() => {
          // It was never made, or an earlier close removed it.
        });
    }
  }

  async #writeAll(offset: number, bytes: Uint8Array): Promise<void> {
    if (await this.#writeDirect(offset, bytes)) return;
    for (let done = 0; done < bytes.length;) {
      const length = bytes.length - done;
      done += (await this.#open().write(bytes, done, length, offset + done)).bytesWritten;
    }
  }

  /** false: not all of it was written so; the page cache takes any bytes. */
  async #writeDirect(offset: number, bytes: Uint8Array): Promise<boolean> {
    if (this.#direct === null || bytes.length % FILE_BLOCK_BYTES !== 0) return false;
    try {
      const { bytesWritten } = await this.#direct.write(bytes, 0, bytes.length, offset);
      return bytesWritten === bytes.length;
    } catch (error) {
      // The memory, or a disk with larger blocks: what is aligned enough is known to the kernel only.
      if (isUnsupported(error)) return false;
      throw error;
    }
  }

  #open(): FileHandle {
    // Only `close` takes it away while a call is under way.
    if (this.#handle === null) throw builderError('cancelled', {});
    return this.#handle;
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof BuilderError)) this.#state.fail();
      throw toOutputError(this.name, error);
    }
  }
}

/** null where the system or the filesystem knows no way around the page cache. */
async function openDirect(path: string): Promise<FileHandle | null> {
  // Node knows O_DIRECT on Linux only.
  const flag = (constants as Partial<typeof constants>).O_DIRECT;
  if (flag === undefined) return null;
  try {
    return await open(path, constants.O_WRONLY | flag);
  } catch (error) {
    if (isUnsupported(error)) return null;
    throw error;
  }
}

/**
 * How systems say that a filesystem has no hard links. EISDIR is what libuv makes of
 * ERROR_INVALID_FUNCTION, Windows' answer on FAT and exFAT.
 */
const WITHOUT_LINKS: ReadonlySet<string> = new Set([
  ...['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR'],
]);

/**
 * Gives a finished file its name without replacing another: rename(2) would silently take the place
 * of a file made meanwhile, link(2) fails. Filesystems without hard links (FAT) fall back to rename.
 */
async function moveIntoPlace(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (!WITHOUT_LINKS.has(String(error.code))) throw error;
    if (await exists(to)) throw builderError('output-exists', { path: to });
    await rename(from, to);
    return;
  }
  await unlink(from);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
