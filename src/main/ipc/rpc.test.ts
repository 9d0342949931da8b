import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { builderError } from '../../shared/errors.ts';
import { connect, serve } from './rpc.ts';

interface Api {
  add(a: number, b: number): Promise<number>;
  fails(): Promise<never>;
  count(to: number, onNews: (n: number) => void, signal: AbortSignal): Promise<string>;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function pair() {
  const { port1, port2 } = new MessageChannel();
  closers.push(() => port1.close());
  serve(port2, {
    add: (a: number, b: number) => Promise.resolve(a + b),
    fails: () => Promise.reject(builderError('not-an-archive', { file: 'x' })),
    count: async (to: number, onNews: (n: number) => void, signal: AbortSignal) => {
      for (let n = 1; n <= to; n += 1) {
        if (signal.aborted) throw builderError('cancelled', {});
        onNews(n);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return 'counted';
    },
  } satisfies Api);
  return { client: connect<Api>(port1), port: port1 };
}

test('calls return results and typed errors', async () => {
  const { api } = pair().client;
  await expect(Promise.all([api.add(1, 2), api.add(3, 4)])).resolves.toEqual([3, 7]);
  await expect(api.fails()).rejects.toMatchObject({
    data: { code: 'not-an-archive', params: { file: 'x' } },
  });
});

test('callbacks and abort signals cross the border', async () => {
  const { api } = pair().client;
  const received: number[] = [];
  const signal = new AbortController().signal;
  await expect(api.count(3, (n) => received.push(n), signal)).resolves.toBe('counted');
  expect(received).toEqual([1, 2, 3]);

  const stop = new AbortController();
  const counting = api.count(
    1_000_000,
    (n) => {
      if (n === 5) stop.abort();
    },
    stop.signal,
  );
  await expect(counting).rejects.toMatchObject({ data: { code: 'cancelled' } });
  await expect(api.count(1_000_000, () => undefined, AbortSignal.abort())).rejects.toMatchObject({
    data: { code: 'cancelled' },
  });
});

test('what still runs fails when the other side dies', async () => {
  const { client } = pair();
  const counting = client.api.count(1_000_000, () => undefined, new AbortController().signal);
  client.fail(new Error('worker died'));
  await expect(counting).rejects.toThrow('worker died');
});

test('ending aborts what runs and then closes the port', async () => {
  const { client, port } = pair();
  const closed = once(port, 'close');
  const counting = client.api.count(1_000_000, () => undefined, new AbortController().signal);
  client.end();
  await expect(counting).rejects.toMatchObject({ code: 'cancelled' });
  await closed;
});
