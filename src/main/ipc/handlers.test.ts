import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeIdentity, type MadeIdentity } from '../../../test/support/certificate.ts';
import { put } from '../../../test/support/cli.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../shared/ipc.ts';
import { translator } from '../../shared/messages/index.ts';
import { AppSettings } from '../store/fixed-settings.ts';
import { SettingsStore } from '../store/settings.ts';
import { engineBackend } from './engine-backend.ts';
import { makeHandlers, type HandlerContext } from './handlers.ts';

describe('choosing a CA folder', () => {
  let root: MadeIdentity;
  beforeAll(() => {
    root = makeIdentity({ isCa: true });
  });

  const folderOf = (files: Readonly<Record<string, string>>): string => {
    const folder = tmpFolder();
    for (const [name, text] of Object.entries(files)) put(folder, name, text);
    return folder;
  };

  /** Settings with a CA folder that was chosen before, and what choosing another one does to them. */
  async function choosing(chosen: string | null) {
    const stored = join(tmpFolder(), 'settings.json');
    const fixed = { values: {}, file: '', problem: null };
    const settings = new AppSettings(await SettingsStore.open(stored), fixed);
    await settings.change({ caDir: '/chosen/before' });
    const applied: Settings[] = [];
    const handlers = makeHandlers({
      backend: engineBackend({ allowFixed: false }),
      desktop: {
        chooseFolder: () => Promise.resolve(chosen),
        applySettings: (changed: Settings) => applied.push(changed),
      },
      settings,
      translator: () => translator('en'),
    } as unknown as HandlerContext);
    const choose = async () => handlers['settings.chooseCaFolder'](undefined);
    const kept = () => (JSON.parse(readFileSync(stored, 'utf8')) as Settings).caDir;
    const check = async () => handlers['settings.checkCaFolder'](undefined);
    return { choose, check, settings, applied, kept };
  }

  test('stores one that can be used', async () => {
    const folder = folderOf({ 'a.root.pem': root.pem, '._a.root.pem': 'attributes' });
    const { choose, check, applied, kept } = await choosing(folder);
    const settings = { ...DEFAULT_SETTINGS, caDir: folder };
    expect(await choose()).toEqual(settings);
    expect(await check()).toEqual({ withoutRoot: [] });
    expect(applied).toEqual([settings]);
    expect(kept()).toBe(folder);
  });

  test('stores one with an intermediate without its root, and names it', async () => {
    const folder = folderOf({ 'a.root.pem': root.pem, 'b.intermediate.pem': root.pem });
    const { choose, check, kept } = await choosing(folder);
    expect(await choose()).toMatchObject({ caDir: folder });
    expect(kept()).toBe(folder);
    // And later on, until somebody mends it.
    for (const time of [1, 2])
      expect([time, await check()]).toEqual([time, { withoutRoot: ['b'] }]);
    rmSync(folder, { recursive: true });
    await expect(check()).rejects.toMatchObject({ code: 'ca-unreadable' });
  });

  test.each<[string, () => string]>([
    ['is empty', () => folderOf({})],
    ['is not there', () => join(tmpFolder(), 'none')],
    ['has an intermediate alone', () => folderOf({ 'b.intermediate.pem': root.pem })],
    ['has a file that is no certificate', () => folderOf({ 'a.root.pem': 'nonsense' })],
  ])('refuses one that %s, and keeps the one before', async (_, folder) => {
    const { choose, settings, applied, kept } = await choosing(folder());
    await expect(choose()).rejects.toMatchObject({ code: 'ca-unreadable' });
    expect(settings.current.caDir).toBe('/chosen/before');
    expect(applied).toEqual([]);
    expect(kept()).toBe('/chosen/before');
  });

  test('and then none changes nothing', async () => {
    const { choose, applied, kept } = await choosing(null);
    expect(await choose()).toBeNull();
    expect(applied).toEqual([]);
    expect(kept()).toBe('/chosen/before');
  });
});
