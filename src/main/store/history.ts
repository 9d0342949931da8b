import { z } from 'zod';
import type { ErrorData } from '../../shared/errors.ts';
import { historyEntrySchema, MAX_HISTORY, type HistoryEntry } from '../../shared/history.ts';
import { RESULTS } from '../../shared/model/outcome.ts';
import { JsonFile } from './json-file.ts';

const storedSchema = z.object({ entries: z.array(z.unknown()) });

/** As entries were before each output had its own result: that of the entry held for all. */
const entryWithOutputs = historyEntrySchema
  .omit({ outcomes: true })
  .extend({
    outputs: z.array(historyEntrySchema.shape.outcomes.element.omit({ result: true, error: true })),
    result: z.enum(RESULTS),
  })
  .transform(({ outputs, ...entry }): HistoryEntry => {
    const { result, error } = entry;
    const outcomes = outputs.map((output) => ({
      ...output,
      // A file beside a drive was never read back.
      result: result === 'verified' && output.kind !== 'drive' ? ('saved' as const) : result,
      error,
    }));
    return { ...entry, outcomes };
  });

const storedEntry = z.union([historyEntrySchema, entryWithOutputs]);

/** What was built and checked when, newest first, in one file. */
export class HistoryStore {
  readonly #file: JsonFile;
  #entries: readonly HistoryEntry[];

  private constructor(file: JsonFile, entries: readonly HistoryEntry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  static async open(path: string): Promise<HistoryStore> {
    const file = new JsonFile(path);
    const stored = storedSchema.safeParse(await file.read());
    const entries = stored.success ? stored.data.entries : [];
    // One that cannot be read (by hand, by a newer version) must not take the others with it.
    const known = entries.flatMap((entry) => storedEntry.safeParse(entry).data ?? []);
    return new HistoryStore(file, known);
  }

  /** Why it begins empty although there is a file; else null. */
  get problem(): ErrorData | null {
    return this.#file.problem;
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  async add(entry: HistoryEntry): Promise<void> {
    this.#entries = [entry, ...this.#entries].slice(0, MAX_HISTORY);
    await this.#file.write({ entries: this.#entries });
  }
}
