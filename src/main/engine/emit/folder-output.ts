import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mkdir, open, readdir, rename, rmdir, stat } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { toOutputError } from '../fs-error.ts';
import type { BuildPlan } from '../plan/build-plan.ts';
import { assertFileLength, assertFreeSpace, namesIn, syncFolder } from '../target/filesystem.ts';
import { partialPath } from '../target/partial-name.ts';
import type { Output } from './output.ts';
import { removeFolder } from './remove-folder.ts';

/** Files being completed at once; fsync of one at a time would wait for the disk 300,000 times. */
const MAX_COMPLETING = 32;

/** Moved last into a folder that exists: without its manifest nothing takes a folder for an image. */
const MANIFEST = 'manifest.json';

/**
 * Writes the plan's files below a new folder, which gets its name last, or into one that exists and is
 * empty: its files are made in a hidden folder within it, and moved up last. So a mount point can be an
 * output, and a folder keeps its owner and mode.
 */
export class FolderOutput implements Output {
  readonly name: string;
  readonly pending = 0;
  readonly #plan: BuildPlan;
  /** Hidden folder in which the files are made. */
  #building: string;
  /** In a folder that exists: what has been moved up from the hidden one; null for a new folder. */
  #moved: string[] | null = null;
  #current: { fileIndex: number; handle: FileHandle } | null = null;
  readonly #completing = new Set<Promise<void>>();
  #failure: unknown = null;
  #committed = false;

  /** @param path absolute path of the folder to be. */
  constructor(path: string, plan: BuildPlan) {
    this.name = path;
    this.#plan = plan;
    this.#building = partialPath(path);
  }

  async prepare(): Promise<void> {
    await this.#guard(async () => {
      if (await this.#isThere()) {
        await this.#assertEmpty();
        this.#building = partialPath(join(this.name, basename(this.name)));
        this.#moved = [];
      }
      let bytes = 0;
      let largest = 0;
      for (const { size } of this.#plan.files) {
        bytes += size;
        largest = Math.max(largest, size);
      }
      await assertFreeSpace(this.name, bytes, { folder: dirname(this.#building) });
      await mkdir(this.#building);
      await assertFileLength(this.#building, largest, this.name);
      for (const directory of this.#plan.directories) await mkdir(join(this.#building, directory));
      for (const { path, size } of this.#plan.files)
        if (size === 0) await (await open(join(this.#building, path), 'wx')).close();
    });
  }

  async accept(fileIndex: number, from: number, bytes: Uint8Array): Promise<void> {
    await this.#guard(async () => {
      const planned = this.#plan.files[fileIndex];
      if (planned === undefined) throw new RangeError(`no file ${fileIndex}`);
      if (this.#current?.fileIndex !== fileIndex) {
        const handle = await open(join(this.#building, planned.path), 'wx');
        this.#current = { fileIndex, handle };
      }
      const { handle } = this.#current;
      for (let done = 0; done < bytes.length;)
        done += (await handle.write(bytes, done, bytes.length - done, from + done)).bytesWritten;
      if (from + bytes.length < planned.size) return;
      this.#current = null;
      await this.#complete(handle);
    });
  }

  async finish(): Promise<void> {
    await Promise.all(this.#completing);
    await this.#guard(async () => {
      for (const directory of [...this.#plan.directories, '.'])
        await syncFolder(join(this.#building, directory));
    });
  }

  async commit(): Promise<void> {
    await this.#guard(async () => {
      if (this.#moved === null) await this.#rename();
      else await this.#moveUp(this.#moved);
    });
  }

  async #rename(): Promise<void> {
    // Replaces only an empty folder; a folder that got content meanwhile makes this fail.
    await rmdir(this.name).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    await rename(this.#building, this.name);
    this.#committed = true;
    await syncFolder(dirname(this.name));
  }

  async #moveUp(moved: string[]): Promise<void> {
    await this.#assertEmpty();
    const entries = (await readdir(this.#building)).filter((entry) => entry !== MANIFEST);
    for (const entry of entries) await this.#move(entry, moved);
    await syncFolder(this.name);
    if (this.#plan.files.some(({ path }) => path === MANIFEST)) await this.#move(MANIFEST, moved);
    this.#committed = true;
    // The output is complete, also where the empty hidden folder stays.
    await rmdir(this.#building).catch(() => undefined);
    await syncFolder(this.name);
  }

  async #move(entry: string, moved: string[]): Promise<void> {
    await rename(join(this.#building, entry), join(this.name, entry));
    moved.push(entry);
  }

  /** Whether the folder, or a link to one, exists. @throws `output-exists` for what is no folder. */
  async #isThere(): Promise<boolean> {
    const stats = await stat(this.name).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (stats !== null && !stats.isDirectory())
      throw builderError('output-exists', { path: this.name });
    return stats !== null;
  }

  /** Whether the folder holds nothing but what is being made. @throws `output-exists` */
  async #assertEmpty(): Promise<void> {
    const names = (await namesIn(this.name)).filter((name) => name !== basename(this.#building));
    if (names.length > 0) throw builderError('output-exists', { path: this.name });
  }

  async close(): Promise<void> {
    await this.#current?.handle.close();
    this.#current = null;
    await Promise.all(this.#completing);
    if (this.#committed) return;
    // The last one moved is the manifest, if it was.
    for (const entry of (this.#moved ?? []).reverse())
      await rename(join(this.name, entry), join(this.#building, entry)).catch(() => undefined);
    this.#moved = null;
    await removeFolder(this.#building);
  }

  async #complete(handle: FileHandle): Promise<void> {
    const completing = syncAndClose(handle)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .then(() => {
        this.#completing.delete(completing);
      });
    this.#completing.add(completing);
    if (this.#completing.size >= MAX_COMPLETING) await Promise.race(this.#completing);
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      // A failed fsync is reported once only, so it is kept until the next call.
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      if (this.#failure !== null) throw this.#failure;
      await action();
    } catch (error) {
      throw toOutputError(this.name, error);
    }
  }
}

async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
