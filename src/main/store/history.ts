import { z } from 'zod';
import type { ErrorData } from '../../shared/errors.ts';
import { historyEntrySchema, type HistoryEntry } from '../../shared/ipc.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { RESULTS } from '../../shared/model/outcome.ts';
import { JsonFile } from './json-file.ts';

/** Builds that are kept; about ten years of one a day. */
const MAX_ENTRIES = 4000;

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

/** What was built when, newest first, in one file. */
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
    this.#entries = [entry, ...this.#entries].slice(0, MAX_ENTRIES);
    await this.#file.write({ entries: this.#entries });
  }
}

/** The history as a table for a spreadsheet: RFC 4180, with a BOM so that Excel reads it as UTF-8. */
export function historyCsv(entries: readonly HistoryEntry[], { t }: Translator): string {
  const rows = [
    [
      t('history.csv.time'),
      t('history.csv.images'),
      t('history.csv.output'),
      t('history.csv.serial'),
      t('history.csv.result'),
      t('history.csv.seconds'),
    ],
    ...entries.flatMap((entry) =>
      entry.outcomes.map((output) => [
        new Date(entry.startedAt).toISOString(),
        entry.images.map(({ ecuId, version }) => `${ecuId} ${version}`.trim()).join('; '),
        output.name,
        output.serial ?? '',
        t(`history.result.${output.result}`),
        String(Math.round(entry.milliseconds / 1000)),
      ]),
    ),
  ];
  return `\uFEFF${rows.map((row) => row.map(csvField).join(',')).join('\r\n')}\r\n`;
}

function csvField(text: string): string {
  // A leading = + - @ would make a spreadsheet run the text as a formula (names come from images);
  // Japanese ones take the full-width signs for the same.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
