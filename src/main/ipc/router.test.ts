import type { IpcMain } from 'electron';
import { expect, test } from 'vitest';
import { CHANNEL_PREFIX, commands, DEFAULT_SETTINGS, type CommandName } from '../../shared/ipc.ts';
import { bindCommands, type Handlers } from './router.ts';

type Invoke = (event: unknown, payload: unknown) => Promise<unknown>;

const OWN = 'app://bundle/index.html';
const MAIN_FRAME = { senderFrame: { url: OWN, parent: null } };
const ID = '6f8c1b1e-3a53-4f0c-9a0e-3a1f0a6a5f10';

/** The contract with one handler that matters; the others fail the test when they are called. */
function bind(name: CommandName, handler: (payload: unknown) => unknown): Invoke {
  const bound = new Map<string, Invoke>();
  const ipcMain = { handle: (channel: string, invoke: Invoke) => bound.set(channel, invoke) };
  const handlers = { [name]: handler } as unknown as Handlers;
  bindCommands(ipcMain as unknown as IpcMain, handlers, {
    isOwnUrl: (url) => url === OWN,
    onCommand: () => undefined,
    onError: () => undefined,
  });
  expect([...bound.keys()].sort()).toEqual(
    Object.keys(commands)
      .map((command) => CHANNEL_PREFIX + command)
      .sort(),
  );
  return bound.get(CHANNEL_PREFIX + name) as Invoke;
}

test('an answer is {ok} or {error: {code, params}}', async () => {
  const choose = bind('output.choose', () => '/x.tar');
  expect(await choose(MAIN_FRAME, { kind: 'tar' })).toEqual({ ok: '/x.tar' });
  const fail = bind('output.choose', () => {
    throw new Error('no');
  });
  expect(await fail(MAIN_FRAME, { kind: 'tar' })).toEqual({
    error: { code: 'internal', params: { detail: 'Error: no' } },
  });
});

test.each([
  ['a frame within the page', { url: OWN, parent: { url: OWN, parent: null } }],
  ['a foreign page', { url: 'https://example.invalid/', parent: null }],
  ['a frame that went away', null],
])('%s is refused before the handler sees anything', async (_name, senderFrame) => {
  let called = false;
  const invoke = bind('log.save', () => {
    called = true;
    return null;
  });
  expect(await invoke({ senderFrame }, undefined)).toMatchObject({ error: { code: 'internal' } });
  expect(called).toBe(false);
});

test.each([
  ['images.add', { id: ID, path: 5 }],
  ['images.add', { id: '../x', path: '/x' }],
  ['images.add', { id: ID, path: '/x', extra: true }],
  ['job.eject', { identity: { path: '/dev/sda' } }],
  ['log.save', '/etc/passwd'],
  [
    'job.build',
    {
      images: [{ id: ID, ecuId: 'a', version: '', payloads: [-1] }],
      outputs: [{ kind: 'tar', path: '/x' }],
    },
  ],
] as const)('%s refuses %j', async (name, payload) => {
  let called = false;
  const invoke = bind(name, () => {
    called = true;
    return null;
  });
  expect(await invoke(MAIN_FRAME, payload)).toMatchObject({ error: { code: 'internal' } });
  expect(called).toBe(false);
});

test('what is not in the contract does not reach the page', async () => {
  const page = { matches: 1, rows: [{ path: 'data/x', size: 1, secret: 'x' }], key: 'x' };
  const query = {
    images: [{ id: ID, ecuId: 'a', version: '', payloads: null }],
    search: '',
    sort: 'size',
    offset: 0,
    limit: 1,
  };
  expect(await bind('plan.files', () => page)(MAIN_FRAME, query)).toEqual({
    ok: { matches: 1, rows: [{ path: 'data/x', size: 1 }] },
  });
  expect(await bind('plan.files', () => ({ matches: '1' }))(MAIN_FRAME, query)).toMatchObject({
    error: { code: 'internal' },
  });
});

test('the window changes settings that are there, and chooses no CA folder', async () => {
  const seen: unknown[] = [];
  const change = bind('settings.change', (changes) => {
    seen.push(changes);
    return DEFAULT_SETTINGS;
  });
  for (const payload of [{ caDir: '/media/evil' }, { language: undefined }, { language: 'xx' }])
    expect(await change(MAIN_FRAME, payload)).toHaveProperty('error');
  expect(seen).toEqual([]);
  for (const payload of [{ caDir: null }, { language: 'ja', theme: 'dark' }, {}])
    expect(await change(MAIN_FRAME, payload)).toEqual({ ok: DEFAULT_SETTINGS });
  expect(seen).toEqual([{ caDir: null }, { language: 'ja', theme: 'dark' }, {}]);
});
