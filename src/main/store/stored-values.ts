import type { z } from 'zod';
import type { ErrorData } from '../../shared/errors.ts';
import { JsonFile } from './json-file.ts';

/** Named values in one file; unknown or damaged ones fall back to the defaults, one by one. */
export class StoredValues<Values extends Readonly<Record<string, unknown>>> {
  readonly #file: JsonFile;
  readonly #schema: z.ZodObject;
  readonly #defaults: Values;
  #current: Values;
  #changed: Promise<unknown> = Promise.resolve();

  constructor(path: string, schema: z.ZodObject, defaults: Values) {
    this.#file = new JsonFile(path);
    this.#schema = schema;
    this.#defaults = defaults;
    this.#current = defaults;
  }

  /** Reads the file, once, before anything else is asked. Never rejects. */
  async read(): Promise<void> {
    const stored = await this.#file.read();
    if (typeof stored !== 'object' || stored === null) return;
    const known = Object.entries(stored as Record<string, unknown>).filter(
      ([name, value]) => this.#schema.partial().safeParse({ [name]: value }).success,
    );
    this.#current = this.#schema.parse({
      ...this.#defaults,
      ...Object.fromEntries(known),
    }) as unknown as Values;
  }

  /** Why the defaults are used although there is a file; else null. */
  get problem(): ErrorData | null {
    return this.#file.problem;
  }

  /** Resolves when nothing is being written any more. */
  get written(): Promise<unknown> {
    return this.#changed.catch(() => undefined);
  }

  get current(): Values {
    return this.#current;
  }

  /**
   * One change after another, each upon what the one before it left. What cannot be stored does not count.
   * @param changes values, or what makes them of those before.
   */
  change(changes: Partial<Values> | ((before: Values) => Partial<Values>)): Promise<Values> {
    const change = async (): Promise<Values> => {
      const before = this.#current;
      const next = { ...before, ...(typeof changes === 'function' ? changes(before) : changes) };
      await this.#file.write(next);
      this.#current = next;
      return next;
    };
    const changed = this.#changed.then(change, change);
    this.#changed = changed;
    return changed;
  }
}
