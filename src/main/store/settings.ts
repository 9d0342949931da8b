import { DEFAULT_SETTINGS, settingsSchema, type Settings } from '../../shared/ipc.ts';
import { StoredValues } from './stored-values.ts';

/** The person's settings in one file. */
export class SettingsStore extends StoredValues<Settings> {
  static async open(path: string): Promise<SettingsStore> {
    const store = new SettingsStore(path, settingsSchema, DEFAULT_SETTINGS);
    await store.read();
    return store;
  }
}
