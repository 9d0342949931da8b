import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';

/**
 * Replaces a file as one step: readers see the old content or the new, also after a power cut.
 * The folder is made if it is missing.
 */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** One value in a JSON file. */
export class JsonFile {
  readonly #file: string;
  #written: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The value, or undefined where there is no file. A damaged file counts as none: it is kept beside
   * with the ending `.damaged`, so that nothing is lost when the next write replaces it.
   */
  async read(): Promise<unknown> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      await rename(this.#file, `${this.#file}.damaged`);
      return undefined;
    }
  }

  /** Replaces the value. One after another: of two that overlap, the later must be what stays. */
  write(value: unknown): Promise<void> {
    const content = `${JSON.stringify(value, null, 2)}\n`;
    const before = this.#written.catch(() => undefined);
    this.#written = before.then(() => writeAtomically(this.#file, content));
    return this.#written;
  }
}
