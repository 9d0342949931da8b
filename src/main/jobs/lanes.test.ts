import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MemoryTarget } from '../../../test/support/memory-target.ts';
import { builderError, toErrorData } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { BuildRequest, DriveRequest } from '../../shared/model/job.ts';
import { slowestLane, type Outcome } from '../../shared/model/outcome.ts';
import type { Phase } from '../../shared/model/progress.ts';
import { build } from './build.ts';
import { HashPool } from '../engine/pool/hash-pool.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import type { JobContext } from './context.ts';
import { PREPARE_TIMEOUT_MS, STANDSTILL_TIMEOUT_MS } from './watched-drive.ts';

const SAMPLE = join(import.meta.dirname, '../../../test/fixtures/samples/p3_nozst_image.tar.xz');
const MIB = 1024 * 1024;
const SIZE = 32 * MIB;

/** What a stick does wrong. */
interface Behaviour {
  /** Bytes after which every write rejects. */
  readonly failsAfter?: number;
  /** Bytes after which no write settles until the drive is closed. */
  readonly standsStillAfter?: number;
  readonly prepareFails?: boolean;
  /** Its preparation does not settle until the drive is closed. */
  readonly prepareStandsStill?: boolean;
  readonly readsWrong?: boolean;
  readonly size?: number;
}

class FakeStick extends MemoryTarget implements DriveTarget {
  readonly #behaviour: Behaviour;
  readonly memory: Uint8Array;
  readonly closing = Promise.withResolvers<never>();
  written = 0;
  isClosed = false;
  isCommitted = false;
  ejections = 0;
  onStill: () => void = () => undefined;

  constructor(name: string, behaviour: Behaviour) {
    const memory = new Uint8Array(behaviour.size ?? SIZE);
    super(memory, { name, blockSize: 512, writeBytes: MIB });
    this.memory = memory;
    this.#behaviour = behaviour;
    this.closing.promise.catch(() => undefined);
  }

  override async prepare(wipe: Parameters<MemoryTarget['prepare']>[0]): Promise<void> {
    if (this.#behaviour.prepareFails === true)
      throw builderError('drive-unplugged', { drive: this.name });
    if (this.#behaviour.prepareStandsStill === true) {
      this.onStill();
      return this.closing.promise;
    }
    await super.prepare(wipe);
  }

  override async write(offset: number, bytes: Uint8Array): Promise<void> {
    const { failsAfter = Infinity, standsStillAfter = Infinity } = this.#behaviour;
    if (this.written >= failsAfter) throw builderError('drive-unplugged', { drive: this.name });
    if (this.written >= standsStillAfter) {
      this.onStill();
      return this.closing.promise;
    }
    await super.write(offset, bytes);
    this.written += bytes.length;
  }

  override async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await super.read(offset, length);
    // In the middle of what is written: block 0 is held back, metadata is at the front.
    if (this.#behaviour.readsWrong === true && length > 64 * 1024) bytes.fill(0xaa, 0, 64);
    return bytes;
  }

  override async commit(piece: Parameters<MemoryTarget['commit']>[0]): Promise<void> {
    await super.commit(piece);
    this.isCommitted = true;
  }

  eject(): Promise<boolean> {
    this.ejections++;
    return Promise.resolve(true);
  }

  override async close(): Promise<void> {
    this.isClosed = true;
    this.closing.reject(builderError('cancelled', {}));
    await super.close();
  }
}

function identityOf(index: number): DriveIdentity {
  return {
    ...{ path: `/dev/stick${index}`, serial: `S${index}`, model: 'Stick', size: SIZE },
    ...{ transport: 'usb', deviceNumber: `8:${index * 16}`, generation: `${index}` },
  };
}

function requestFor(count: number): BuildRequest {
  const outputs = Array.from({ length: count }, (_, index): DriveRequest => ({
    ...{ kind: 'drive', identity: identityOf(index), allowFixed: false, eject: true },
  }));
  return {
    images: [{ path: SAMPLE, ecuId: 'p3', version: '1', releaseKey: null }],
    ...{ outputs, caDir: null, checkSignature: true, timestamp: 1_700_000_000 },
  };
}

interface Run {
  readonly sticks: readonly FakeStick[];
  readonly outcomes: readonly Outcome[];
  /** Code of what the build rejected with; null where it resolved. */
  readonly code: string | null;
}

/** Writes to one stick for each behaviour. */
async function run(
  behaviours: readonly Behaviour[],
  context: Partial<JobContext> & { readonly onOpened?: (sticks: FakeStick[]) => void } = {},
): Promise<Run> {
  const sticks = behaviours.map((behaviour, i) => new FakeStick(`Stick ${i}`, behaviour));
  let outcomes: readonly Outcome[] = [];
  const { onOpened, onOutcomes, ...rest } = context;
  const built = build(requestFor(behaviours.length), {
    signal: new AbortController().signal,
    onProgress: () => undefined,
    openDrives: (requests) => {
      expect(requests.map(({ identity }) => identity.serial)).toEqual(
        sticks.map((_, i) => `S${i}`),
      );
      onOpened?.(sticks);
      return Promise.resolve(sticks);
    },
    ...rest,
    onOutcomes: (now) => {
      outcomes = now;
      onOutcomes?.(now);
    },
  });
  const code = await built.then(
    (result) => {
      outcomes = result.outcomes;
      return null;
    },
    (error: unknown) => toErrorData(error).code,
  );
  return { sticks, outcomes, code };
}

const states = ({ outcomes }: Run): string[] => outcomes.map(({ state }) => state);

/** The sticks that are complete hold the same bytes, and every one was given back. */
function expectWhole({ sticks, outcomes }: Run): void {
  const [first, ...others] = sticks.filter((_, i) => outcomes[i]?.state === 'done');
  for (const other of others)
    expect(Buffer.compare(other.memory, first?.memory ?? new Uint8Array())).toBe(0);
  for (const [i, stick] of sticks.entries()) {
    const isDone = outcomes[i]?.state === 'done';
    expect([stick.isCommitted, stick.ejections, stick.isClosed]).toEqual([
      isDone,
      Number(isDone),
      true,
    ]);
  }
}

describe('several sticks', () => {
  test('get the same bytes, each with its own outcome', async () => {
    const done = await run([{}, {}, {}]);
    expect(done.code).toBeNull();
    expect(done.outcomes).toMatchObject(
      [0, 1, 2].map(() => ({ state: 'done', verified: true, ejected: true, bytes: SIZE })),
    );
    expectWhole(done);
  });

  test('of different sizes get a filesystem of their own size each', async () => {
    const { outcomes, code } = await run([{}, { size: 48 * MIB }, { size: 24 * MIB }]);
    expect(code).toBeNull();
    expect(outcomes.map(({ bytes }) => bytes)).toEqual([SIZE, 48 * MIB, 24 * MIB]);
  });

  test.each([
    ['is unplugged while it is written', { failsAfter: 2 * MIB }, 'drive-unplugged'],
    ['is unplugged at the first byte', { failsAfter: 0 }, 'drive-unplugged'],
    ['cannot be prepared', { prepareFails: true }, 'drive-unplugged'],
    ['reads something else', { readsWrong: true }, 'verify-failed'],
  ])('one of which %s: it ends alone, whichever it is', async (_, behaviour, code) => {
    for (const bad of [0, 1, 2]) {
      const behaviours: Behaviour[] = [{}, {}, {}].with(bad, behaviour);
      const done = await run(behaviours);
      expect(done.code).toBeNull();
      expect(done.outcomes[bad]).toMatchObject({
        ...{ state: 'failed', error: { code }, driveModified: true, verified: false },
      });
      expect(states(done).filter((state) => state === 'done')).toHaveLength(2);
      expectWhole(done);
    }
  });

  test('one of which is stopped: it ends alone, and is given back at once', async () => {
    const stop = new AbortController();
    const still = Promise.withResolvers<undefined>();
    let closedAt: Phase | null | undefined;
    const done = await run([{}, { standsStillAfter: 2 * MIB }, {}], {
      outputSignal: (index) => (index === 1 ? stop.signal : new AbortController().signal),
      onOpened: ([, stick]) => {
        if (stick === undefined) return;
        // Nothing else ends this one: the others wait for it.
        stick.onStill = () => still.resolve(undefined);
        void still.promise.then(() => {
          stop.abort();
          closedAt = stick.isClosed ? 'write' : null;
        });
      },
    });
    expect(done.code).toBeNull();
    expect(closedAt).toBe('write');
    expect(states(done)).toEqual(['done', 'cancelled', 'done']);
    expectWhole(done);
  });

  test.each<[string, Behaviour, number]>([
    ['a minute', { standsStillAfter: MIB }, STANDSTILL_TIMEOUT_MS],
    ['three minutes while it is prepared', { prepareStandsStill: true }, PREPARE_TIMEOUT_MS],
  ])('one of which does nothing for %s: it ends alone', async (_, behaviour, limit) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const end = { isStill: false, isReached: false };
      let state: Outcome['state'] | undefined;
      const running = run([{}, behaviour, {}], {
        onOutcomes: (outcomes) => (state = outcomes[1]?.state),
        onOpened: ([, stick]) => {
          if (stick !== undefined) stick.onStill = () => (end.isStill = true);
        },
      });
      while (!end.isStill) await new Promise(setImmediate);
      void running.then(() => (end.isReached = true));
      // A second at a time: what has something to do has done some of it before the next look.
      for (let second = 0; second <= limit / 1000 + 1; second++) {
        if (second < limit / 1000) expect(end.isReached).toBe(false);
        await vi.advanceTimersByTimeAsync(1_000);
        await new Promise(setImmediate);
      }
      expect(state).toBe('failed');
      while (!end.isReached) await new Promise(setImmediate);
      const done = await running;
      expect(done.code).toBeNull();
      expect(done.outcomes[1]).toMatchObject({
        error: { code: 'drive-stands-still', params: { drive: 'Stick 1', seconds: limit / 1000 } },
      });
      expect(states(done)).toEqual(['done', 'failed', 'done']);
      expectWhole(done);
    } finally {
      vi.useRealTimers();
    }
  });

  test('all of which fail: the build does, with the first fault', async () => {
    const done = await run([{ failsAfter: MIB }, { prepareFails: true }]);
    expect(done.code).toBe('drive-unplugged');
    expect(states(done)).toEqual(['failed', 'failed']);
    expectWhole(done);
  });

  test('are all stopped by a cancel; none is recognisable, each is given back', async () => {
    const cancel = new AbortController();
    const done = await run([{}, {}, {}], {
      signal: cancel.signal,
      onOutcomes: (outcomes) => {
        if (outcomes.every(({ phase }) => phase === 'write')) cancel.abort();
      },
    });
    expect(done.code).toBe('cancelled');
    for (const stick of done.sticks)
      expect([stick.isCommitted, stick.isClosed]).toEqual([false, true]);
  });

  test('one of which is too small: the build is refused before any is changed', async () => {
    const { code, sticks } = await run([{}, { size: 2 * MIB }]);
    expect(code).toBe('output-size-too-small');
    for (const { memory, isClosed } of sticks)
      expect([memory.every((byte) => byte === 0), isClosed]).toEqual([true, true]);
  });

  test('of which two are one disk: refused before any is opened', async () => {
    const request = requestFor(2);
    const partition = { ...identityOf(0), path: '/dev/stick01', deviceNumber: '8:1', size: MIB };
    for (const identity of [identityOf(0), partition]) {
      const [first, second] = request.outputs as DriveRequest[];
      const outputs = [first, { ...second, identity }] as DriveRequest[];
      const openDrives = vi.fn();
      const built = build(
        { ...request, outputs },
        { signal: new AbortController().signal, onProgress: () => undefined, openDrives },
      );
      await expect(built).rejects.toMatchObject({ code: 'drive-named-twice' });
      expect(openDrives).not.toHaveBeenCalled();
    }
  });

  test('are sixteen at most', async () => {
    const built = build(requestFor(17), {
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    await expect(built).rejects.toMatchObject({
      data: { code: 'usage-too-many-drives', params: { most: 16 } },
    });
  });
});

test('the inputs are read as often for five sticks as for one', async () => {
  const readBytes = async (count: number): Promise<number> => {
    const before = await readOf('/proc/self/io');
    const { code } = await run(Array.from({ length: count }, () => ({})));
    expect(code).toBeNull();
    return (await readOf('/proc/self/io')) - before;
  };
  // Sources and worker threads are loaded by the first one.
  await readBytes(1);
  const [one, five] = [await readBytes(1), await readBytes(5)];
  const { size } = await fs.stat(SAMPLE);
  expect(five).toBeLessThan(one + size / 2);
});

test('contents are hashed once for all sticks, and once more of each as it is read back', async () => {
  let hashed = 0;
  const openStream = Reflect.get(HashPool.prototype, 'openStream');
  const spy = vi.spyOn(HashPool.prototype, 'openStream').mockImplementation(function (
    this: HashPool,
  ) {
    const stream = openStream.call(this);
    return {
      submit: (window, segments, inputs) => {
        for (const { contentDigest, digest, length } of segments)
          if (contentDigest !== undefined || digest !== undefined) hashed += length;
        return stream.submit(window, segments, inputs);
      },
    };
  });
  onTestFinished(() => spy.mockRestore());
  const hashedFor = async (count: number): Promise<number> => {
    hashed = 0;
    expect((await run(Array.from({ length: count }, () => ({})))).code).toBeNull();
    return hashed;
  };
  const [one, two, five] = [await hashedFor(1), await hashedFor(2), await hashedFor(5)];
  const ofEach = two - one;
  expect(ofEach).toBeGreaterThan(0);
  expect(five - one).toBe(4 * ofEach);
  // As much before the first was erased; while it is written, nothing.
  expect(ofEach).toBeLessThanOrEqual(one / 2);
});

/** Bytes that all threads of this process have read by system calls so far (proc(5)). */
async function readOf(path: string): Promise<number> {
  return Number(/^rchar: (\d+)$/m.exec(await fs.readFile(path, 'utf8'))?.[1]);
}

test('the slowest output is the one in the earliest phase with the fewest bytes, a drive before a file', () => {
  const progress = (phase: Phase, bytesDone: number) => ({
    ...{ phase, bytesDone, bytesTotal: 100, filesDone: 0, filesTotal: 0 },
    ...{ bytesPerSecond: null, secondsLeft: null },
  });
  const outcome = (kind: 'drive' | 'tar', state: Outcome['state'] = 'running'): Outcome =>
    ({ request: { kind }, state }) as Outcome;
  const lanes = [
    progress('write', 1),
    progress('verify', 0),
    progress('write', 7),
    progress('write', 5),
  ];
  const outcomes = [outcome('tar'), outcome('drive'), outcome('drive'), outcome('drive')];
  expect(slowestLane(outcomes, lanes)).toBe(3);
  expect(slowestLane(outcomes.with(3, outcome('drive', 'failed')), lanes)).toBe(2);
  expect(slowestLane(outcomes, [progress('write', 1), null, null, null])).toBe(0);
  expect(slowestLane([outcome('drive', 'done')], [progress('eject', 0)])).toBeNull();
});
