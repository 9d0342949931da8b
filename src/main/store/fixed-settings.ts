import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { builderError, type ErrorData } from '../../shared/errors.ts';
import { settingsSchema, type Settings } from '../../shared/ipc.ts';
import type { SettingsStore } from './settings.ts';

/**
 * Where an administrator fixes settings for everybody on the computer. On Windows there is no such file: every
 * account may make files in the folder that programs share there.
 */
const FILES: Partial<Record<NodeJS.Platform, string>> = {
  linux: '/etc/offline-ota-image-builder/settings.json',
  darwin: '/Library/Application Support/offline-ota-image-builder/settings.json',
};

export type SettingName = keyof Settings;

/** What an administrator has fixed. */
export interface FixedSettings {
  readonly values: Partial<Settings>;
  /** The file that fixes them. */
  readonly file: string;
  /** Why the file, or a part of it, is not applied; else null. */
  readonly problem: ErrorData | null;
}

/** Reads what is fixed. Never rejects: without the file, or with a damaged one, the person's own settings hold. */
export async function readFixedSettings(
  file = FILES[process.platform] ?? '',
): Promise<FixedSettings> {
  const nothing = { values: {}, file };
  if (file === '') return { ...nothing, problem: null };
  const unreadable = (reason: string): FixedSettings => ({
    ...nothing,
    problem: { code: 'fixed-settings-unreadable', params: { path: file, reason } },
  });
  let stored: unknown;
  try {
    stored = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'JSON';
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { ...nothing, problem: null }
      : unreadable(code);
  }
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored))
    return unreadable('JSON');
  const entries = Object.entries(stored as Record<string, unknown>);
  const right = entries.filter(([name, value]) => isSetting(name, value));
  const wrong = entries.filter((entry) => !right.includes(entry)).map(([name]) => name);
  const values = settingsSchema.partial().parse(Object.fromEntries(right)) as Partial<Settings>;
  return wrong.length === 0
    ? { values, file, problem: null }
    : { ...unreadable(wrong.join(', ')), values };
}

function isSetting(name: string, value: unknown): boolean {
  if (!(name in settingsSchema.shape)) return false;
  if (name === 'caDir' && typeof value === 'string' && !path.isAbsolute(value)) return false;
  return settingsSchema.partial().safeParse({ [name]: value }).success;
}

/** The person's settings under what the administrator has fixed. */
export class AppSettings {
  readonly #store: SettingsStore;
  readonly #fixed: FixedSettings;

  constructor(store: SettingsStore, fixed: FixedSettings) {
    this.#store = store;
    this.#fixed = fixed;
  }

  get current(): Settings {
    return { ...this.#store.current, ...this.#fixed.values };
  }

  /** Names of the settings that an administrator has fixed: the app shows them, and cannot change them. */
  get fixed(): readonly SettingName[] {
    return Object.keys(this.#fixed.values) as SettingName[];
  }

  /** Why something of the stored is not used; else null. */
  get problem(): ErrorData | null {
    return this.#fixed.problem ?? this.#store.problem;
  }

  /** @throws `setting-fixed` */
  assertChangeable(...names: readonly SettingName[]): void {
    if (names.some((name) => this.fixed.includes(name)))
      throw builderError('setting-fixed', { path: this.#fixed.file });
  }

  /** @throws `setting-fixed`, and as of the store. */
  async change(changes: Partial<Settings>): Promise<Settings> {
    this.assertChangeable(...(Object.keys(changes) as SettingName[]));
    await this.#store.change(changes);
    return this.current;
  }
}
