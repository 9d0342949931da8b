import { describe, expect, test } from 'vitest';
import type { Progress } from '../../shared/model/progress.ts';
import { settleEarly, type JobOutcome } from './settle-early.ts';

/** Work that waits at a gate, and what is reported of it, in order. */
function standing(work: (ending: JobOutcome, gate: Promise<void>) => Promise<string>) {
  const controller = new AbortController();
  const gate = Promise.withResolvers<undefined>();
  const events: string[] = [];
  const context = {
    signal: controller.signal,
    onProgress: ({ phase }: Progress) => void events.push(phase),
    onCleanup: (ended: Promise<void>) => {
      events.push('remains');
      void ended.then(() => events.push('ended'));
    },
  };
  const run = (own = context) =>
    settleEarly(own, async ({ onProgress }, ending) => {
      try {
        return await work(ending, gate.promise);
      } finally {
        onProgress({ phase: 'eject' } as Progress);
      }
    }).then(
      (result) => events.push(`done: ${result}`),
      (error: unknown) => events.push((error as Error).name + ': ' + (error as Error).message),
    );
  const pass = async (): Promise<void> => {
    gate.resolve(undefined);
    await new Promise(setImmediate);
  };
  return { controller, context, events, run, pass };
}

describe('a job', () => {
  test('that is cancelled settles at once; of its cleanup only the end is reported', async () => {
    const { controller, events, run, pass } = standing(async (_ending, gate) => {
      await gate;
      return 'made all the same';
    });
    const settled = run();
    await Promise.resolve();
    controller.abort(new DOMException('stop', 'AbortError'));
    await settled;
    expect(events).toEqual(['remains', 'AbortError: stop']);
    await pass();
    expect(events).toEqual(['remains', 'AbortError: stop', 'ended']);
  });

  test('that fails settles before it has put everything away', async () => {
    const { controller, events, run, pass } = standing(async (ending, gate) => {
      const error = new Error('broken');
      ending.fail(error);
      await gate;
      throw error;
    });
    await run();
    controller.abort();
    await pass();
    expect(events).toEqual(['remains', 'Error: broken', 'ended']);
  });

  test('that is being given its name is not cancelled any more', async () => {
    const { controller, events, run, pass } = standing((ending, gate) =>
      ending.commit(async () => {
        await gate;
        return 'named';
      }),
    );
    const settled = run();
    await new Promise(setImmediate);
    controller.abort();
    await new Promise(setImmediate);
    expect(events).toEqual([]);
    await pass();
    await settled;
    expect(events).toEqual(['eject', 'done: named']);
  });

  test('that was cancelled is given no name', async () => {
    const { controller, events, run, pass } = standing(async (ending, gate) => {
      await gate;
      return ending.commit(() => {
        events.push('named');
        return Promise.resolve('named');
      });
    });
    const settled = run();
    await Promise.resolve();
    controller.abort();
    await settled;
    await pass();
    expect(events.at(-1)).toBe('ended');
    expect(events).not.toContain('named');
  });

  test('without onCleanup, settles after cleanup', async () => {
    const { controller, context, events, run, pass } = standing(async (ending, gate) => {
      await gate;
      controller.signal.throwIfAborted();
      return ending.commit(() => Promise.resolve('named'));
    });
    const settled = run({ ...context, onCleanup: undefined as never });
    await Promise.resolve();
    controller.abort(new DOMException('stop', 'AbortError'));
    await new Promise(setImmediate);
    expect(events).toEqual([]);
    await pass();
    await settled;
    expect(events).toEqual(['eject', 'AbortError: stop']);
  });
});
