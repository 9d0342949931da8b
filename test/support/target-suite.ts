import { describe, expect, onTestFinished, test } from 'vitest';
import { BuilderError } from '../../src/shared/errors.ts';
import type { Target } from '../../src/main/engine/target/target.ts';

/*
 * To add a target:
 * 1. Implement Target (src/main/engine/target/target.ts); TargetState of target-state.ts refuses calls out of order.
 * 2. In its test, call describeTarget with a function that makes a fresh one of SUITE_SIZE bytes, as
 *    src/main/engine/target/file.test.ts does. Give `sabotage` where its medium can be made to fail.
 * 3. Open it for an output kind: src/main/jobs/outputs.ts for a file, src/main/jobs/lane.ts for a stick.
 * What every target must do goes into this suite, not into the test of one.
 */

/** One target under test, and a look at its medium from outside. */
export interface TargetFixture {
  readonly target: Target;
  /**
   * What the medium holds after `close`, read by other means than the target: `size` bytes, or null
   * when it is gone (a file that was never committed).
   */
  readonly contents: () => Promise<Uint8Array | null>;
  /** Removes the medium, whether `target` was closed or not. */
  readonly dispose: () => Promise<void>;
}

/**
 * How a medium misbehaves. `short writes`: each request takes some of the bytes only. The others: requests
 * of that kind fail.
 */
export type Sabotage = 'short writes' | 'prepare' | 'write' | 'flush' | 'read';

/** Size that every fixture's target must have: a few blocks and a short tail where it can. Bytes. */
export const SUITE_SIZE = 1024 * 1024;

/**
 * What every Target must do, whatever it writes to. `create` gives a fresh target of SUITE_SIZE
 * bytes whose medium is filled with 0xAA where it exists before; it is called for each test.
 * @param sabotage makes the medium misbehave from now on, where it can be made to.
 */
export function describeTarget(
  name: string,
  create: () => Promise<TargetFixture>,
  sabotage?: (how: Sabotage) => Promise<void>,
): void {
  const setUp = async (): Promise<TargetFixture> => {
    const fixture = await create();
    onTestFinished(async () => {
      await fixture.target.close();
      await fixture.dispose();
    });
    return fixture;
  };

  describe(`${name} as a target`, () => {
    test('has a name, the size asked for, and a block size that fits', async () => {
      const { target } = await setUp();
      expect(target.name).not.toBe('');
      expect(target.size).toBe(SUITE_SIZE);
      expect(Number.isInteger(Math.log2(target.blockSize))).toBe(true);
      expect(target.blockSize).toBeLessThanOrEqual(64 * 1024);
      expect(target.writeBytes).toBeGreaterThan(0);
      expect(target.writeBytes % Math.max(target.blockSize, 64 * 1024)).toBe(0);
    });

    test('before prepare, reads what stood there, or refuses to read where there is nothing', async () => {
      const { target, contents } = await setUp();
      if (!target.hasContent) {
        await expect(target.read(0, 1)).rejects.toThrow('internal');
        return;
      }
      expect((await target.read(5000, 9000)).every((byte) => byte === 0xaa)).toBe(true);
      await target.prepare([{ offset: 0, length: 4096 }]);
      // What is about to be overwritten is not what stood there before.
      await expect(target.read(0, 1)).rejects.toThrow('internal');
      await target.close();
      expect((await contents())?.subarray(4096).every((byte) => byte === 0xaa)).toBe(true);
    });

    test('answers reads that overlap, each with its own bytes', async () => {
      const { target } = await setUp();
      const block = unit(target);
      await target.prepare([]);
      const all = pattern(8 * block, 4);
      await target.write(block, all);
      await target.flush();
      const parts = [0, 5, 1, 6, 2, 7, 3, 4];
      const answers = await Promise.all(parts.map((at) => target.read((at + 1) * block, block)));
      for (const [i, at] of parts.entries())
        expectSame(answers[i], all.subarray(at * block, (at + 1) * block));
    });

    test('takes writes in any order, several at once, or ascending ones only', async () => {
      const { target, contents } = await setUp();
      const block = unit(target);
      await target.prepare([]);
      const all = pattern(8 * block, 5);
      const write = (at: number) =>
        target.write((at + 1) * block, all.subarray(at * block, (at + 1) * block));
      await write(4);
      const backwards = Promise.all([3, 7, 0, 1, 6, 2, 5].map(write));
      if (!target.randomWrites) {
        await expect(backwards).rejects.toMatchObject({ code: 'internal' });
        return;
      }
      await backwards;
      await target.flush();
      await target.commit(null);
      await target.close();
      expectSame((await contents())?.subarray(block, 9 * block), all);
    });

    test('reads as zeros where nothing was written, if it says so', async () => {
      const { target } = await setUp();
      const block = unit(target);
      await target.prepare([]);
      await target.write(block, pattern(block, 3));
      await target.flush();
      const [before, after] = [await target.read(0, block), await target.read(2 * block, block)];
      expect((isZero(before) && isZero(after)) || !target.startsZeroed).toBe(true);
    });

    test('keeps every byte where it was written, through its whole life', async () => {
      const { target, contents } = await setUp();
      const block = unit(target);
      await target.prepare([{ offset: 0, length: block }]);
      const first = pattern(2 * block, 1);
      const last = pattern(3 * block, 2);
      await target.write(block, first);
      await target.write(SUITE_SIZE - 3 * block, last);
      expect(target.pending).toBeLessThanOrEqual(5 * block);
      await target.flush();
      expect(target.pending).toBe(0);
      expectSame(await target.read(block, 2 * block), first);
      expectSame(await target.read(SUITE_SIZE - 3 * block, 3 * block), last);
      const commit = pattern(block, 3);
      await target.commit({ offset: 0, bytes: commit });
      await target.close();
      const all = await contents();
      expect(all?.length).toBe(SUITE_SIZE);
      expectSame(all?.subarray(0, block), commit);
      expectSame(all?.subarray(block, 3 * block), first);
      expectSame(all?.subarray(SUITE_SIZE - 3 * block), last);
    });

    test('clears the given ranges before anything is written', async () => {
      const { target } = await setUp();
      await target.prepare([
        { offset: 1000, length: 5000 },
        { offset: SUITE_SIZE - 700, length: 700 },
      ]);
      await target.flush();
      expect(isZero(await target.read(1000, 5000))).toBe(true);
      expect(isZero(await target.read(SUITE_SIZE - 700, 700))).toBe(true);
    });

    test('reads any range, aligned or not', async () => {
      const { target } = await setUp();
      const bytes = pattern(SUITE_SIZE, 4);
      await target.prepare([]);
      await target.write(0, bytes);
      await target.flush();
      for (const [offset, length] of [
        [0, 1],
        [1, 1],
        [511, 2],
        [4095, 4098],
        [12345, 100_000],
        [SUITE_SIZE - 1, 1],
        [0, SUITE_SIZE],
        [77, 0],
      ] as const)
        expectSame(await target.read(offset, length), bytes.slice(offset, offset + length));
    });

    test('lets the caller reuse the memory of a write', async () => {
      const { target } = await setUp();
      const block = unit(target);
      await target.prepare([]);
      const memory = new Uint8Array(block);
      for (let index = 0; index < 8; index++) {
        memory.fill(index + 1);
        await target.write(index * block, memory);
      }
      memory.fill(0xff);
      await target.flush();
      const all = await target.read(0, 8 * block);
      for (let index = 0; index < 8; index++)
        expect(all.subarray(index * block, (index + 1) * block).every((b) => b === index + 1)).toBe(
          true,
        );
    });

    test('commits a piece of any place and length', async () => {
      const { target, contents } = await setUp();
      const bytes = pattern(SUITE_SIZE, 5);
      await target.prepare([]);
      await target.write(0, bytes);
      await target.flush();
      await target.commit({ offset: 1024, bytes: pattern(1024, 6) });
      expectSame(await target.read(1024, 1024), pattern(1024, 6));
      await target.close();
      bytes.set(pattern(1024, 6), 1024);
      expectSame(await contents(), bytes);
    });

    test('commits without a held-back piece', async () => {
      const { target, contents } = await setUp();
      await target.prepare([]);
      await target.write(0, pattern(SUITE_SIZE, 7));
      await target.flush();
      await target.commit(null);
      await target.close();
      expectSame(await contents(), pattern(SUITE_SIZE, 7));
    });

    test('closed without a commit, what it was to hide stays hidden', async () => {
      const { target, contents } = await setUp();
      await target.prepare([{ offset: 0, length: 4096 }]);
      await target.write(unit(target), pattern(unit(target), 8));
      await target.flush();
      await target.close();
      const all = await contents();
      if (all !== null) expect(isZero(all.subarray(0, 4096))).toBe(true);
    });

    test('close may come during a write and ends everything', async () => {
      const { target } = await setUp();
      await target.prepare([]);
      const pending = target.write(0, pattern(SUITE_SIZE, 9)).catch((error: unknown) => error);
      await target.close();
      await target.close();
      await pending;
      await expect(target.flush()).rejects.toThrow('cancelled');
      await expect(target.commit(null)).rejects.toThrow('cancelled');
    });

    if (sabotage !== undefined) describeFailures(setUp, sabotage);

    test('refuses what its contract forbids', async () => {
      const { target } = await setUp();
      const block = unit(target);
      const bytes = pattern(block, 10);
      await expect(target.write(0, bytes)).rejects.toThrow('internal');
      await expect(target.prepare([{ offset: SUITE_SIZE, length: 1 }])).rejects.toThrow('internal');
      await target.prepare([]);
      await expect(target.read(0, 1)).rejects.toThrow('internal');
      await expect(target.commit(null)).rejects.toThrow('internal');
      await expect(target.write(SUITE_SIZE, bytes)).rejects.toThrow('internal');
      await expect(target.write(-block, bytes)).rejects.toThrow('internal');
      await expect(target.write(2 ** 53, bytes)).rejects.toThrow('internal');
      await target.write(block, bytes);
      if (!target.randomWrites) await expect(target.write(0, bytes)).rejects.toThrow('internal');
      await target.flush();
      await expect(target.read(SUITE_SIZE - 1, 2)).rejects.toThrow('internal');
      const beyond = { offset: SUITE_SIZE - 1, bytes };
      await expect(target.commit(beyond)).rejects.toThrow('internal');
    });

    test('refuses writes that are not aligned to its blocks', async () => {
      const { target } = await setUp();
      if (target.blockSize === 1) return;
      await target.prepare([]);
      const bytes = new Uint8Array(target.blockSize);
      await expect(target.write(1, bytes)).rejects.toThrow('internal');
      await expect(target.write(0, bytes.subarray(1))).rejects.toThrow('internal');
    });
  });
}

function describeFailures(
  setUp: () => Promise<TargetFixture>,
  sabotage: (how: Sabotage) => Promise<void>,
): void {
  test('writes all bytes where the medium takes some at a time', async () => {
    const { target, contents } = await setUp();
    const bytes = pattern(SUITE_SIZE, 11);
    await target.prepare([]);
    await sabotage('short writes');
    await target.write(0, bytes);
    await target.flush();
    expectSame(await target.read(0, SUITE_SIZE), bytes);
    const commit = pattern(unit(target), 12);
    await target.commit({ offset: 0, bytes: commit });
    await target.close();
    bytes.set(commit);
    expectSame(await contents(), bytes);
  });

  test.each<[string, Exclude<Sabotage, 'short writes'>]>([
    ['prepare', 'prepare'],
    ['write', 'write'],
    ['flush', 'flush'],
    ['read', 'read'],
    ['commit', 'write'],
    ['commit', 'flush'],
  ])('an error in %s (%s) is reported, ends everything, and leaves nothing', async (call, kind) => {
    const { target, contents } = await setUp();
    const block = unit(target);
    const steps: [string, () => Promise<unknown>][] = [
      ['prepare', () => target.prepare([{ offset: 0, length: 4096 }])],
      ['write', () => target.write(block, pattern(block, 13))],
      ['flush', () => target.flush()],
      ['read', () => target.read(block, block)],
      ['commit', () => target.commit({ offset: 0, bytes: pattern(block, 14) })],
    ];
    for (const [name, step] of steps) {
      if (name !== call) {
        await step();
        continue;
      }
      await sabotage(kind);
      const error = await step().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(BuilderError);
      expect((error as BuilderError).code).not.toMatch(/^(internal|cancelled)$/);
      break;
    }
    // The medium says that all is well again, but what it lost stays lost.
    await sabotage('short writes');
    await expect(target.write(SUITE_SIZE / 2, pattern(block, 15))).rejects.toThrow();
    await expect(target.flush()).rejects.toThrow();
    await expect(target.commit(null)).rejects.toThrow();
    await target.close();
    const all = await contents();
    if (all !== null) expect(isZero(all.subarray(0, 4096))).toBe(true);
  });
}

/** A length that every target can write. */
function unit(target: Target): number {
  return Math.max(target.blockSize, 4096);
}

/** Bytes that differ at every place and with every seed. */
function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 0x9e3779b1 + 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** A target may give a Buffer or a plain array; only the bytes count. */
function expectSame(actual: Uint8Array | null | undefined, expected: Uint8Array): void {
  expect(actual?.length).toBe(expected.length);
  expect(Buffer.compare(actual ?? new Uint8Array(), expected)).toBe(0);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
