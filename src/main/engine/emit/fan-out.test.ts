import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newRingMemory, WindowRing } from '../pool/window.ts';
import type { FilledWindow } from '../content/segments.ts';
import { FanOut } from './fan-out.ts';
import type { Output } from './output.ts';

const WINDOWS = 3;
const SIZE = 100;
const READY = Promise.resolve();
const endAll = (_: Output, error: unknown): never => {
  throw error;
};

/** Keeps what it accepts, in its own time; `stall` is waited for before each piece, `fails` after so many bytes. */
class KeepingOutput implements Output {
  readonly name = 'keeping';
  readonly pending = 0;
  readonly kept: number[] = [];
  stall: () => Promise<void> = () => READY;
  fails = Infinity;
  accepting = 0;
  calls = 0;

  async accept(fileIndex: number, from: number, bytes: Uint8Array): Promise<void> {
    this.calls++;
    this.accepting++;
    await this.stall();
    this.accepting--;
    if (this.kept.length + bytes.length > this.fails) throw new Error('unplugged');
    expect(from).toBe(0);
    expect(bytes.every((byte) => byte === fileIndex)).toBe(true);
    this.kept.push(...bytes);
  }

  prepare = (): Promise<void> => READY;
  finish = (): Promise<void> => READY;
  commit = (): Promise<void> => READY;
  close = (): Promise<void> => READY;
}

/** One file a window, in a ring of {@link WINDOWS}; the number of the file is in all its bytes. */
async function pump(fanOut: FanOut, files: number): Promise<void> {
  const ring = new WindowRing(newRingMemory(WINDOWS, SIZE));
  const through: Promise<unknown>[] = [];
  for (let fileIndex = 1; fileIndex <= files; fileIndex++) {
    const index = await ring.take();
    const memory = ring.window(index);
    new Uint8Array(memory).fill(fileIndex);
    const segments = [{ fileIndex, from: 0, start: 0, length: SIZE }];
    const window: FilledWindow = { memory, segments, release: () => ring.release(index) };
    const given = fanOut.give(window, READY).finally(() => window.release());
    // Awaited at the end.
    given.catch(() => undefined);
    through.push(given);
  }
  await Promise.all(through);
}

async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

const all = (files: number): number[] =>
  Array.from({ length: files * SIZE }, (_, at) => Math.floor(at / SIZE) + 1);

test('an output that stalls holds the others only when no window is left', async () => {
  const [slow, quick] = [new KeepingOutput(), new KeepingOutput()];
  const gate = Promise.withResolvers<undefined>();
  slow.stall = () => gate.promise;
  const fanOut = new FanOut([slow, quick], null, endAll);
  const pumped = pump(fanOut, 10);
  await idle();
  expect(slow.kept).toEqual([]);
  expect(quick.kept).toEqual(all(WINDOWS));
  expect(fanOut.pending).toBe(WINDOWS * SIZE);
  gate.resolve(undefined);
  await pumped;
  expect(slow.kept).toEqual(all(10));
  expect(quick.kept).toEqual(all(10));
  expect(fanOut.pending).toBe(0);
});

test('an output that fails is left out with its error, and holds nothing any more', async () => {
  const [failing, good] = [new KeepingOutput(), new KeepingOutput()];
  failing.fails = 4 * SIZE;
  const reported: string[] = [];
  const fanOut = new FanOut([failing, good], null, (output, error) => {
    expect(output).toBe(failing);
    reported.push((error as Error).message);
  });
  await pump(fanOut, 20);
  expect(good.kept).toEqual(all(20));
  expect(failing.kept).toEqual(all(4));
  // The fifth failed, and was the last that it was asked for.
  expect(failing.calls).toBe(5);
  expect(reported).toEqual(['unplugged']);
  expect(Array.from(fanOut.failures.keys())).toEqual([failing]);
  expect(fanOut.pending).toBe(0);
});

test('the first failure ends all of it where the caller wants that', async () => {
  const [failing, good] = [new KeepingOutput(), new KeepingOutput()];
  failing.fails = 2 * SIZE;
  const fanOut = new FanOut([failing, good], null, endAll);
  await expect(pump(fanOut, 20)).rejects.toThrow('unplugged');
  expect(() => fanOut.throwIfEnded()).toThrow('unplugged');
});

test('without an output left, the last failure ends it', async () => {
  const [one, two] = [new KeepingOutput(), new KeepingOutput()];
  [one.fails, two.fails] = [0, 3 * SIZE];
  const fanOut = new FanOut([one, two], null, () => undefined);
  await expect(pump(fanOut, 20)).rejects.toThrow('unplugged');
  expect(fanOut.failures.size).toBe(2);
});

test('the owner of the windows gets none, and its failure counts as any other', async () => {
  const [owner, other] = [new KeepingOutput(), new KeepingOutput()];
  const reported: Output[] = [];
  const fanOut = new FanOut([owner, other], owner, (output) => void reported.push(output));
  await pump(fanOut, 5);
  fanOut.fail(owner, new Error('unplugged'));
  fanOut.fail(owner, new Error('again'));
  expect(owner.kept).toEqual([]);
  expect(other.kept).toEqual(all(5));
  expect(reported).toEqual([owner]);
  expect(() => fanOut.throwIfEnded()).not.toThrow();
  fanOut.fail(other, new Error('unplugged, too'));
  expect(() => fanOut.throwIfEnded()).toThrow('unplugged, too');
});

test('bytes are handed on when they are in the window, not before', async () => {
  const output = new KeepingOutput();
  const fanOut = new FanOut([output], null, endAll);
  const memory = new SharedArrayBuffer(SIZE);
  const segments = [{ fileIndex: 7, from: 0, start: 0, length: SIZE }];
  const filled = Promise.withResolvers<undefined>();
  const given = fanOut.give({ memory, segments, release: () => undefined }, filled.promise);
  await idle();
  expect(output.kept).toEqual([]);
  new Uint8Array(memory).fill(7);
  filled.resolve(undefined);
  await given;
  expect(output.kept).toEqual(Array.from({ length: SIZE }, () => 7));
});

test('when it has stopped, no output is accepting, and none accepts any more', async () => {
  const output = new KeepingOutput();
  const gate = Promise.withResolvers<undefined>();
  output.stall = () => gate.promise;
  const fanOut = new FanOut([output], null, endAll);
  const pumped = pump(fanOut, 10);
  await idle();
  let stopped = false;
  const stopping = fanOut.stop().then(() => (stopped = true));
  await idle();
  expect({ stopped, accepting: output.accepting }).toEqual({ stopped: false, accepting: 1 });
  gate.resolve(undefined);
  await stopping;
  // What it was accepting is complete; every window comes back.
  await pumped;
  expect({ accepting: output.accepting, kept: output.kept }).toEqual({
    accepting: 0,
    kept: all(1),
  });
});

test('whatever fails, and however slow each is, those that live get every byte', async () => {
  const outputs = fc.array(
    fc.record({ turns: fc.nat(4), fails: fc.option(fc.nat(12 * SIZE), { nil: Infinity }) }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(outputs, fc.nat(12), async (drawn, files) => {
      const made = drawn.map(({ turns, fails }) => {
        const output = new KeepingOutput();
        output.fails = fails;
        output.stall = async () => {
          for (let turn = 0; turn < turns; turn++) await setImmediate();
        };
        return output;
      });
      const fanOut = new FanOut(made, null, () => undefined);
      const doomed = made.filter(({ fails }) => fails < files * SIZE);
      const pumped = pump(fanOut, files);
      if (doomed.length === made.length) await expect(pumped).rejects.toThrow('unplugged');
      else await pumped;
      expect(new Set(fanOut.failures.keys())).toEqual(new Set(doomed));
      for (const output of made)
        expect(output.kept).toEqual(all(Math.min(files, Math.floor(output.fails / SIZE))));
    }),
    { seed: 20_261_130, numRuns: 40 },
  );
});
