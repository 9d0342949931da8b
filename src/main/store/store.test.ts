import type * as Promises from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HistoryEntry } from '../../shared/history.ts';
import { DEFAULT_SETTINGS } from '../../shared/ipc.ts';
import { HistoryStore } from './history.ts';
import { writeAtomically } from './json-file.ts';
import { Log } from './log.ts';
import { SettingsStore } from './settings.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>();
  return { ...real, rename: vi.fn(real.rename), readFile: vi.fn(real.readFile) };
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

test('settings survive, and what is wrong in them falls back alone', async () => {
  const store = await SettingsStore.open(at('s.json'));
  expect(store.current).toEqual(DEFAULT_SETTINGS);
  await store.change({ language: 'ja', theme: 'dark' });
  expect((await SettingsStore.open(at('s.json'))).current).toMatchObject({ language: 'ja' });
  await writeFile(at('s.json'), '{"language":"xx","theme":"dark","future":1}');
  expect((await SettingsStore.open(at('s.json'))).current).toEqual({
    ...DEFAULT_SETTINGS,
    theme: 'dark',
  });
});

test('of changes that overlap, the last is what stays', async () => {
  const store = await SettingsStore.open(at('s.json'));
  const themes = ['dark', 'light', 'system'] as const;
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      [...themes, themes[round % 3] ?? 'dark'].map((theme) => store.change({ theme })),
    );
    expect((await SettingsStore.open(at('s.json'))).current).toEqual(store.current);
  }
});

test('a change that cannot be stored does not count, and the next one does', async () => {
  const store = await SettingsStore.open(at('nowhere/s.json'));
  await store.change({ theme: 'dark' });
  await rm(at('nowhere'), { recursive: true });
  // A file where the folder was.
  await writeFile(at('nowhere'), '');
  await expect(store.change({ theme: 'light', language: 'ja' })).rejects.toThrow();
  expect(store.current).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' });
  await rm(at('nowhere'));
  await Promise.all([store.change({ language: 'en' }), store.change({ logLevel: 'debug' })]);
  const stored = (await SettingsStore.open(at('nowhere/s.json'))).current;
  expect(stored).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', language: 'en', logLevel: 'debug' });
});

test('a damaged file is kept beside, not overwritten', async () => {
  await writeFile(at('s.json'), '{"language":');
  const store = await SettingsStore.open(at('s.json'));
  await store.change({ language: 'en' });
  expect(await readFile(at('s.json.damaged'), 'utf8')).toBe('{"language":');
});

test.each([
  ['damaged', () => writeFile(at('s.json'), '{"language":')],
  ['a folder', () => mkdir(at('s.json'))],
])('a file that is %s is reported, and the defaults are used', async (_, make) => {
  await make();
  const store = await SettingsStore.open(at('s.json'));
  expect(store.current).toEqual(DEFAULT_SETTINGS);
  const params = { path: at('s.json') };
  expect(store.problem).toMatchObject({ code: 'stored-unreadable', params });
  await store.change({ language: 'en' });
  expect((await SettingsStore.open(at('s.json'))).problem).toBeNull();
});

test('also in a folder that may not be changed, where the file stays as it is', async () => {
  await writeFile(at('h.json'), '{"entries":');
  vi.mocked(rename).mockRejectedValueOnce(new Error('EROFS'));
  const store = await HistoryStore.open(at('h.json'));
  expect(store.entries).toEqual([]);
  expect(store.problem?.code).toBe('stored-unreadable');
  expect(await readFile(at('h.json'), 'utf8')).toBe('{"entries":');
});

test('a file that may not be read is reported and kept', async () => {
  await writeFile(at('h.json'), '{"entries":[]}');
  const refused = Object.assign(new Error('EACCES'), { code: 'EACCES' });
  vi.mocked(readFile).mockRejectedValueOnce(refused);
  const store = await HistoryStore.open(at('h.json'));
  expect(store.problem).toMatchObject({ params: { reason: 'EACCES' } });
  expect(await readdir(folder)).toEqual(['h.json.damaged']);
});

test('a failed write leaves the old content and nothing else', async () => {
  await writeAtomically(at('a'), 'old');
  await expect(writeAtomically(at('a'), null as unknown as string)).rejects.toThrow();
  expect(await readFile(at('a'), 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['a']);
});

const ENTRY: HistoryEntry = {
  ...{ id: '1', kind: 'build', job: null, operator: null, host: null },
  startedAt: Date.UTC(2026, 10, 20, 1, 24),
  milliseconds: 94_400,
  images: [{ ecuId: '=cmd', version: 'v"1"', digest: null, signer: null }],
  outcomes: [
    {
      ...{ kind: 'drive', name: 'SanDisk Ultra, 64 GB', serial: '=1+1' },
      ...{ port: null, result: 'verified', error: null, faults: 0 },
    },
  ],
  result: 'verified',
  error: null,
};

test('the history keeps the newest first', async () => {
  const store = await HistoryStore.open(at('h.json'));
  await store.add(ENTRY);
  await store.add({ ...ENTRY, id: '2', result: 'failed' });
  const again = await HistoryStore.open(at('h.json'));
  expect(again.entries.map(({ id }) => id)).toEqual(['2', '1']);
});

test('an entry of the history that is not one is left out, and the others stay', async () => {
  const future = { ...ENTRY, id: '3', added: 'later' };
  await writeFile(at('h.json'), JSON.stringify({ entries: [5, ENTRY, { id: 'x' }, future] }));
  const { entries } = await HistoryStore.open(at('h.json'));
  expect(entries.map(({ id }) => id)).toEqual(['1', '3']);
});

/** As an earlier version wrote it: without what was added since. */
function withoutLaterFields(entry: HistoryEntry): Record<string, unknown> {
  const later = new Set(['kind', 'job', 'operator', 'host', 'digest', 'signer', 'port', 'faults']);
  return JSON.parse(
    JSON.stringify(entry, (name, value: unknown) => (later.has(name) ? undefined : value)),
  ) as Record<string, unknown>;
}

test('entries of a version that knew no checks, people and sockets are read, and kept', async () => {
  const drive = { ...ENTRY.outcomes[0], kind: 'drive' as const };
  const stored = withoutLaterFields(ENTRY);
  // The kind of an output was there before.
  stored['outcomes'] = [{ ...(stored['outcomes'] as object[])[0], kind: 'drive' }];
  expect(stored).not.toHaveProperty('kind');
  expect(drive).toHaveProperty('port');
  await writeFile(at('h.json'), JSON.stringify({ entries: [stored] }));
  expect((await HistoryStore.open(at('h.json'))).entries).toEqual([ENTRY]);
});

test('entries of a version whose outputs had no results of their own are read, and kept', async () => {
  const { outcomes, ...common } = ENTRY;
  expect(outcomes).toHaveLength(1);
  const drive = { kind: 'drive', name: 'Ultra', serial: 'S1' };
  const tar = { kind: 'tar', name: '/a.tar', serial: null };
  const added = { port: null, faults: 0 };
  const error = { code: 'drive-unplugged', params: { drive: 'Ultra' } };
  const old = [
    { ...common, id: 'a', outputs: [tar, drive] },
    { ...common, id: 'b', outputs: [drive], result: 'failed', error },
    { ...common, id: 'c', outputs: [tar], result: 'saved' },
  ];
  await writeFile(at('h.json'), JSON.stringify({ entries: old }));
  const saved = { ...tar, ...added, result: 'saved', error: null };
  const verified = { ...drive, ...added, result: 'verified', error: null };
  const failed = { ...drive, ...added, result: 'failed', error };
  const expected = [
    { ...common, id: 'a', outcomes: [saved, verified] },
    { ...common, id: 'b', result: 'failed', error, outcomes: [failed] },
    { ...common, id: 'c', result: 'saved', outcomes: [saved] },
  ];
  const store = await HistoryStore.open(at('h.json'));
  expect(store.entries).toEqual(expected);
  await store.add(ENTRY);
  expect((await HistoryStore.open(at('h.json'))).entries).toEqual([ENTRY, ...expected]);
});

test('the log keeps its level, errors with their cause, and never throws', async () => {
  const log = new Log(at('logs/main.log'), 'info');
  log.write('debug', 'quiet');
  log.write('error', 'broken', new Error('outer', { cause: new Error('inner') }));
  const text = await log.text();
  expect(text).toContain('outer');
  expect(text).toContain('inner');
  expect(text).not.toContain('quiet');
  await writeFile(at('file'), '');
  const nowhere = new Log(at('file/x.log'), 'info');
  nowhere.write('error', 'lost');
  expect(await nowhere.text()).toBe('');
});
