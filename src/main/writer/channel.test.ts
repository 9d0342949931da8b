import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import {
  HANDSHAKE_LIMIT,
  HEARTBEAT_INTERVAL,
  SILENCE_LIMIT,
} from '../../shared/writer-protocol.ts';
import { Channel } from './channel.ts';

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] }),
);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface End {
  readonly channel: Channel;
  readonly frames: string[];
  /** `undefined` while open. */
  closed: Error | null | undefined;
}

function end(make: (handlers: Parameters<typeof Channel.accept>[1]) => Channel): End {
  const frames: string[] = [];
  const result = { frames, closed: undefined as Error | null | undefined };
  const channel = make({
    onFrame: ({ type }) => void frames.push(type),
    onClose: (error) => (result.closed = error),
  });
  channel.trust();
  return Object.assign(result, { channel });
}

/** App and writer over a real socket; `peer` is the app's. */
async function pair(): Promise<{ app: End; writer: End; peer: Socket }> {
  const path = join(tmpFolder(), 'socket');
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((socket) => accepted.resolve(socket)).listen(path);
  onTestFinished(() => void server.close());
  const handlers = { frames: [] as string[], closed: undefined as Error | null | undefined };
  const channel = await Channel.connect(path, {
    onFrame: ({ type }) => void handlers.frames.push(type),
    onClose: (error) => (handlers.closed = error),
  });
  channel.trust();
  const writer = Object.assign(handlers, { channel });
  const peer = await accepted.promise;
  const app = end((on) => Channel.accept(peer, on));
  onTestFinished(() => {
    app.channel.destroy();
    writer.channel.destroy();
  });
  return { app, writer, peer };
}

/** Lets the clock run, and what the sockets carry arrive. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 1000) {
    vi.advanceTimersByTime(1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('the app hears from a writer that has nothing to say', async () => {
  const { app, writer } = await pair();
  await pass(2 * SILENCE_LIMIT);
  expect([app.closed, writer.closed]).toEqual([undefined, undefined]);
  expect(new Set(app.frames)).toEqual(new Set(['heartbeat']));
  const expected = Math.floor((2 * SILENCE_LIMIT) / HEARTBEAT_INTERVAL) - 1;
  expect(app.frames.length).toBeGreaterThanOrEqual(expected / 2);
  expect(writer.frames).toEqual([]);
});

/** As if it hung: its connection is open, and nothing comes. */
function hang({ channel }: End): void {
  vi.spyOn(channel, 'send').mockReturnValue(undefined);
}

test('a writer that falls silent is given up, not before its time', async () => {
  const { app, writer } = await pair();
  hang(writer);
  await pass(SILENCE_LIMIT);
  expect(app.closed).toBeUndefined();
  await pass(2000);
  expect(app.closed?.message).toBe('the writer has fallen silent');
  await expect.poll(() => writer.closed).toBeNull();
});

test('the end of the stream is noticed at once, without a tick of the clock', async () => {
  const { writer, peer } = await pair();
  peer.destroy();
  await expect.poll(() => writer.closed).toBeNull();
});

test('an app that was stopped gives the writer time to answer', async () => {
  const { app } = await pair();
  // Time goes by, and no timer of this process runs.
  const later = performance.now() + 3_600_000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  await pass(2000);
  expect(app.closed).toBeUndefined();
});

test.each([9, -9])('the clock set by %i hours says nothing of the writer', async (hours) => {
  const { app, writer } = await pair();
  await pass(HEARTBEAT_INTERVAL);
  vi.setSystemTime(Date.now() + hours * 3_600_000);
  await pass(SILENCE_LIMIT);
  expect([app.closed, writer.closed]).toEqual([undefined, undefined]);
  // And one that falls silent then is given up in its time, not hours later.
  hang(writer);
  await pass(SILENCE_LIMIT + 2000);
  expect(app.closed?.message).toBe('the writer has fallen silent');
});

/** The writer's channel to an app in another thread, which is blocked when this returns. */
async function blockedApp(): Promise<{ app: Worker; writer: End; blocked: Int32Array }> {
  const path = join(tmpFolder(), 'socket');
  const blocked = new Int32Array(new SharedArrayBuffer(4));
  const app = new Worker(new URL('../../../test/support/blocked-app.ts', import.meta.url), {
    workerData: { path, blocked },
  });
  onTestFinished(() => void app.terminate());
  await once(app, 'message');
  const handlers = { frames: [] as string[], closed: undefined as Error | null | undefined };
  const channel = await Channel.connect(path, {
    onFrame: ({ type }) => void handlers.frames.push(type),
    onClose: (error) => (handlers.closed = error),
  });
  onTestFinished(() => channel.destroy());
  channel.trust();
  channel.send('ready', { size: 0, blockSize: 512, direct: true });
  await once(app, 'message');
  return { app, writer: Object.assign(handlers, { channel }), blocked };
}

test('an app whose thread is blocked for longer than any limit keeps its job', async () => {
  const { writer, blocked } = await blockedApp();
  await pass(2 * Math.max(SILENCE_LIMIT, HANDSHAKE_LIMIT));
  expect(writer.closed).toBeUndefined();
  expect(writer.frames).toEqual([]);
  Atomics.store(blocked, 0, 1);
  Atomics.notify(blocked, 0);
  await expect.poll(() => writer.frames).toContain('flush');
  expect(writer.closed).toBeUndefined();
});

test('the end of an app whose thread is blocked is noticed at once', async () => {
  const { app, writer } = await blockedApp();
  await app.terminate();
  await expect.poll(() => writer.closed).toBeNull();
});
