import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { expect, test } from 'vitest';
import { CHANNEL_PREFIX, commands, type Answer } from '../../shared/ipc.ts';
import { bindCommands, type Handlers } from './router.ts';

type Listener = (event: IpcMainInvokeEvent, payload: unknown) => Promise<Answer<unknown>>;

const OWN = 'app://ui/index.html';

/** Main with handlers that only remember what reached them. */
function bind(): { listeners: Map<string, Listener>; reached: unknown[]; told: string[] } {
  const listeners = new Map<string, Listener>();
  const reached: unknown[] = [];
  const told: string[] = [];
  const handlers = Object.fromEntries(
    Object.keys(commands).map((name) => [
      name,
      (payload: unknown) => reached.push([name, payload]),
    ]),
  );
  const ipcMain = { handle: (name: string, listener: Listener) => listeners.set(name, listener) };
  bindCommands(ipcMain as unknown as IpcMain, handlers as unknown as Handlers, {
    isOwnUrl: (url) => url === OWN,
    onError: (name) => told.push(name),
  });
  return { listeners, reached, told };
}

const from = (senderFrame: unknown) => ({ senderFrame }) as IpcMainInvokeEvent;
const own = from({ parent: null, url: OWN });

test('a command of the app’s own page reaches its handler', async () => {
  const { listeners, reached } = bind();
  const answer = await listeners.get(`${CHANNEL_PREFIX}output.choose`)?.(own, { kind: 'tar' });
  expect(answer).toHaveProperty('ok');
  expect(reached).toEqual([['output.choose', { kind: 'tar' }]]);
});

test.each([
  ['a frame within the page', from({ parent: {}, url: OWN })],
  ['another page', from({ parent: null, url: 'https://example.org/' })],
  ['a frame that has gone', from(null)],
])('nothing that %s sends reaches a handler, whatever it is', async (_, event) => {
  const { listeners, reached, told } = bind();
  for (const listener of listeners.values())
    expect(await listener(event, undefined)).toMatchObject({ error: { code: 'internal' } });
  expect(reached).toEqual([]);
  expect(told).toEqual(Object.keys(commands));
});

test.each([
  ['output.choose', { kind: 'drive' }],
  ['output.choose', { kind: 'tar', path: '/etc/passwd' }],
  ['images.add', { id: 'no uuid', path: '/x' }],
  ['job.build', { images: [], outputs: [] }],
  ['app.start', { more: 1 }],
])('a payload of another form does not reach %s', async (name, payload) => {
  const { listeners, reached } = bind();
  const answer = await listeners.get(CHANNEL_PREFIX + name)?.(own, payload);
  expect(answer).toHaveProperty('error');
  expect(reached).toEqual([]);
});
