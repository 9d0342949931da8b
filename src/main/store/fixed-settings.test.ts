import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { DEFAULT_SETTINGS } from '../../shared/ipc.ts';
import { AppSettings, readFixedSettings } from './fixed-settings.ts';
import { SettingsStore } from './settings.ts';

async function opened(content: string | null) {
  const folder = tmpFolder();
  const file = join(folder, 'fixed.json');
  if (content !== null) writeFileSync(file, content);
  const store = await SettingsStore.open(join(folder, 'own.json'));
  return { file, store, settings: new AppSettings(store, await readFixedSettings(file)) };
}

test('what is fixed holds, cannot be changed, and leaves the person’s own as it is', async () => {
  const { settings, store, file } = await opened('{"caDir":"/srv/ca","ejectAfterWrite":true}');
  expect(settings.current).toEqual({ ...DEFAULT_SETTINGS, caDir: '/srv/ca' });
  expect(settings.fixed).toEqual(['caDir', 'ejectAfterWrite']);
  expect(settings.problem).toBeNull();
  const refused = { code: 'setting-fixed', data: { params: { path: file } } };
  await expect(settings.change({ caDir: null })).rejects.toMatchObject(refused);
  await expect(settings.change({ theme: 'dark', ejectAfterWrite: false })).rejects.toThrow();
  expect(await settings.change({ language: 'ja' })).toMatchObject({
    ...{ language: 'ja', theme: 'system', caDir: '/srv/ca' },
  });
  // Where nothing is fixed any more, the person's own is there again.
  expect(store.current).toEqual({ ...DEFAULT_SETTINGS, language: 'ja' });
});

test('without a file nothing is fixed, and nothing is said', async () => {
  const { settings } = await opened(null);
  expect([settings.fixed, settings.problem]).toEqual([[], null]);
});

test.each([
  ['{"caDir":', [], 'JSON'],
  ['[1]', [], 'JSON'],
  ['"x"', [], 'JSON'],
  ['{"theme":"pink","language":"ja","future":1}', ['language'], 'theme, future'],
  ['{"caDir":"ca","language":"ja"}', ['language'], 'caDir'],
])('of %s only %j is applied, and “%s” is said', async (content, fixed, reason) => {
  const { settings, file } = await opened(content);
  expect(settings.fixed).toEqual(fixed);
  expect(settings.problem).toEqual({
    code: 'fixed-settings-unreadable',
    params: { path: file, reason },
  });
});

test('a folder in its place is said, and does not keep the app from starting', async () => {
  const file = join(tmpFolder(), 'fixed.json');
  mkdirSync(file);
  expect(await readFixedSettings(file)).toMatchObject({
    values: {},
    problem: { params: { reason: 'EISDIR' } },
  });
});
