import { mkdir, open, readdir, rename, rmdir, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { builderError } from '../../../shared/errors.ts';
import { toOutputError } from '../fs-error.ts';
import type { BuildPlan } from '../plan/build-plan.ts';
import { checkFreeSpace, syncFolder } from '../target/filesystem.ts';
import { partialPath } from '../target/partial-name.ts';
import type { Output } from './output.ts';
import { removeFolder } from './remove-folder.ts';

/** Files being completed at once; fsync of one at a time would wait for the disk 300,000 times. */
const MAX_COMPLETING = 32;

/** Writes the plan's files below a new folder (or one that exists and is empty). */
export class FolderOutput implements Output {
  readonly name: string;
  readonly pending = 0;
  readonly #plan: BuildPlan;
  readonly #building: string;
  #current: { file: number; handle: FileHandle } | null = null;
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
      const entries = await readdir(this.name).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      if (entries.length > 0) throw builderError('output-exists', { path: this.name });
      const bytes = this.#plan.files.reduce((sum, { size }) => sum + size, 0);
      await checkFreeSpace(this.name, bytes);
      await mkdir(this.#building);
      for (const directory of this.#plan.directories) await mkdir(join(this.#building, directory));
      for (const { path, size } of this.#plan.files)
        if (size === 0) await (await open(join(this.#building, path), 'wx')).close();
    });
  }

  async accept(file: number, from: number, bytes: Uint8Array): Promise<void> {
    await this.#guard(async () => {
      const planned = this.#plan.files[file];
      if (planned === undefined) throw new RangeError(`no file ${file}`);
      if (this.#current?.file !== file) {
        const handle = await open(join(this.#building, planned.path), 'wx');
        this.#current = { file, handle };
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
      // Replaces only an empty folder; a folder that got content meanwhile makes this fail.
      await rmdir(this.name).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      await rename(this.#building, this.name);
      this.#committed = true;
      await syncFolder(dirname(this.name));
    });
  }

  async close(): Promise<void> {
    await this.#current?.handle.close();
    this.#current = null;
    await Promise.all(this.#completing);
    if (!this.#committed) await removeFolder(this.#building);
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
      // A failed fsync is told once only, so it is kept until the next call.
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
