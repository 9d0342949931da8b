import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { ErrorData } from '../../shared/errors.ts';

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
  #problem: ErrorData | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** Why the last {@link read} gave nothing although there is a file; else null. */
  get problem(): ErrorData | null {
    return this.#problem;
  }

  /**
   * The value, or undefined where there is none that can be read. A file that is damaged or may not be read
   * is kept beside with the ending `.damaged`, so that nothing is lost when the next write replaces it.
   * Never rejects: an app that cannot read its settings does without.
   */
  async read(): Promise<unknown> {
    this.#problem = null;
    try {
      return JSON.parse(await readFile(this.#file, 'utf8')) as unknown;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : null;
      if (code === 'ENOENT') return undefined;
      const params = { path: this.#file, reason: code ?? 'JSON' };
      this.#problem = { code: 'stored-unreadable', params };
      await rename(this.#file, `${this.#file}.damaged`).catch(() => {
        // A folder that may not be changed keeps it: no write can replace it there either.
      });
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
