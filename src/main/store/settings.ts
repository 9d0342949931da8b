import type { ErrorData } from '../../shared/errors.ts';
import { DEFAULT_SETTINGS, settingsSchema, type Settings } from '../../shared/ipc.ts';
import { JsonFile } from './json-file.ts';

/** The person's settings in one file; unknown or damaged values fall back to the defaults, one by one. */
export class SettingsStore {
  readonly #file: JsonFile;
  #current: Settings;
  #changed: Promise<unknown> = Promise.resolve();

  private constructor(file: JsonFile, current: Settings) {
    this.#file = file;
    this.#current = current;
  }

  static async open(path: string): Promise<SettingsStore> {
    const file = new JsonFile(path);
    return new SettingsStore(file, repaired(await file.read()));
  }

  /** Why the defaults are used although there is a file; else null. */
  get problem(): ErrorData | null {
    return this.#file.problem;
  }

  get current(): Settings {
    return this.#current;
  }

  /** One change after another, each upon what the one before it left. What cannot be stored does not count. */
  change(changes: Partial<Settings>): Promise<Settings> {
    const change = async (): Promise<Settings> => {
      const next = { ...this.#current, ...changes };
      await this.#file.write(next);
      this.#current = next;
      return next;
    };
    const changed = this.#changed.then(change, change);
    this.#changed = changed;
    return changed;
  }
}

function repaired(stored: unknown): Settings {
  if (typeof stored !== 'object' || stored === null) return DEFAULT_SETTINGS;
  const entries = Object.entries(stored as Record<string, unknown>).filter(
    ([name, value]) => settingsSchema.partial().safeParse({ [name]: value }).success,
  );
  return settingsSchema.parse({ ...DEFAULT_SETTINGS, ...Object.fromEntries(entries) });
}
