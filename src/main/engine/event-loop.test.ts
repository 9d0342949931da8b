import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Timers from 'node:timers/promises';
import { setImmediate as turned } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LABEL, layoutOf, randomSource } from '../../../test/support/ext4/plans.ts';
import { packTar } from '../../../test/support/tar-writer.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { openPlainTar } from './archive/tar-input.ts';
import { layoutExt4Steps } from './ext4/layout/layout-ext4.ts';
import { Ext4Reader } from './ext4/reader/ext4-reader.ts';
import type { InspectedBlob, InspectedImage } from './inspect/inspected-image.ts';
import type { ContentDigest } from './content/digest.ts';
import { planSteps, type Plan } from './plan/plan.ts';
import { volumeOf } from './plan/volume.ts';
import { sha256Steps } from './sha256.ts';
import { sortInSteps, sortNumbersInSteps } from './sort.ts';
import { layoutTarSteps } from './tar/layout/layout-tar.ts';
import { atOnce, runYielding, Pace, STEP_ITEMS, type Steps } from './event-loop.ts';
import { openFinishedExt4 } from './finished/open-ext4.ts';
import { openFinishedTar } from './finished/open-tar.ts';
import type { ImageInput } from './archive/image-input.ts';
import { findBlobs } from './inspect/legacy/blobs.ts';
import type { Claims } from './inspect/legacy/claims.ts';
import { verify } from './verify/verify.ts';
import type { FinishedImage } from './finished/finished-image.ts';

/** Turns of the event loop are counted; what waits for the disk or a promise is none. */
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof Timers>();
  return { ...timers, setImmediate: vi.fn(timers.setImmediate) };
});
const turns = vi.mocked(turned);

const FILES = 60_000;

/** A clock of the test, on which each look takes a millisecond: a slow machine changes nothing. */
beforeEach(() => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => ++now);
  turns.mockClear();
  return () => clock.mockRestore();
});

/** The most that `count` grew by between two steps. */
function mostInAStep<T>(steps: Steps<T>, count: () => number): { most: number; result: T } {
  let most = 0;
  for (;;) {
    const before = count();
    const step = steps.next();
    most = Math.max(most, count() - before);
    if (step.done === true) return { most, result: step.value };
  }
}

let looks = 0;

/** Counts how often it is looked at. */
class CountedBlob implements InspectedBlob {
  readonly #name: string;
  readonly #offset: number;

  constructor(index: number, offset: number) {
    this.#name = index.toString(16).padStart(64, '0');
    this.#offset = offset;
  }

  get name(): string {
    looks++;
    return this.#name;
  }

  get size(): number {
    looks++;
    return 100;
  }

  get location() {
    looks++;
    return { kind: 'extent', offset: this.#offset } as const;
  }

  get contentDigest(): ContentDigest {
    return { sha256: this.#name, of: 'plain' };
  }
}

/** Files that stand in no order. */
function planOfMany(): Steps<Plan> {
  const random = randomSource(1);
  const blobs = Array.from(
    { length: FILES },
    (_, i) => new CountedBlob(i, Math.floor(random() * 1e9)),
  );
  const payload = { blobs, metafiles: [{ name: 'metadata.jwt', bytes: new Uint8Array(9) }] };
  const image: InspectedImage = {
    report: {
      path: '/image',
      format: 'legacy',
      container: 'tar',
      fingerprint: { size: 1, mtimeMs: 1, inode: '1' },
      digest: '',
      signature: { state: 'unanchored', signer: null, chain: null, validFrom: null, validTo: null },
      payloads: [],
      warnings: [],
    },
    payloads: [payload],
  };
  const meta = { ecu_id: 'ecu', image_version: '', ota_metadata_version: 1 } as const;
  return planSteps([{ image, payload, meta }], 0);
}

describe('steps', () => {
  test('of planning and of both layouts look at few files each', () => {
    const limit = 8 * STEP_ITEMS;
    const { most, result: plan } = mostInAStep(planOfMany(), () => looks);
    expect(most).toBeLessThan(limit);
    const volume = mostInAStep(volumeOf(plan), () => looks);
    expect(volume.most).toBeLessThan(limit);
    const request = { target: 'x', size: (smallest: number) => smallest, ...plan };
    const ext4 = layoutExt4Steps({ ...request, ...volume.result });
    expect(mostInAStep(ext4, () => looks).most).toBeLessThan(limit);
    expect(mostInAStep(layoutTarSteps(plan), () => looks).most).toBeLessThan(limit);
    // The oracle: without a pause it is all of them.
    const before = looks;
    atOnce(volumeOf(plan));
    expect(looks - before).toBeGreaterThanOrEqual(2 * FILES);
  });

  test('of sorting compare few items each, and sort as Array.sort does, equals in their order', () => {
    const random = randomSource(2);
    const items = Array.from({ length: FILES + 1 }, (_, i) => ({
      key: Math.floor(random() * 1000),
      i,
    }));
    let compared = 0;
    const byKey = (a: { key: number }, b: { key: number }): number => {
      compared++;
      return a.key - b.key;
    };
    const expected = items.toSorted(byKey);
    compared = 0;
    expect(mostInAStep(sortInSteps(items, byKey), () => compared).most).toBeLessThan(
      12 * STEP_ITEMS,
    );
    expect(items).toEqual(expected);
  });

  test.each([0, 1, 2, 16_384, 16_385, 100_000])('of sorting %i numbers sort them', (length) => {
    const random = randomSource(length);
    const numbers = Float64Array.from({ length }, () => Math.floor(random() * 1e6));
    const expected = numbers.toSorted();
    atOnce(sortNumbersInSteps(numbers));
    expect(numbers).toEqual(expected);
  });

  test('of a SHA-256 take a MiB each', () => {
    const steps = [...sha256Steps(new Uint8Array(5 * 1024 * 1024 + 1))];
    expect(steps).toHaveLength(6);
  });

  test('in turns end at a cancel', async () => {
    const cancel = new AbortController();
    function* endless(): Steps<void> {
      for (let step = 0; ; step++) {
        if (step === 100) cancel.abort();
        yield;
      }
    }
    await expect(runYielding(endless(), cancel.signal)).rejects.toThrow('aborted');
  });
});

test('a pace asks for a turn each 10 ms of the clock', () => {
  const pace = new Pace();
  const asked = Array.from({ length: 100 }, () => pace.isDue);
  expect(asked.filter(Boolean)).toHaveLength(10);
});

/** Notes how many of its files are looked at between two turns. */
class CountedFiles extends Map<string, number> {
  most = 0;
  #turn = -1;
  #count = 0;

  override *[Symbol.iterator](): MapIterator<[string, number]> {
    for (const entry of super[Symbol.iterator]()) {
      this.#see();
      yield entry;
    }
  }

  override *keys(): MapIterator<string> {
    for (const key of super.keys()) {
      this.#see();
      yield key;
    }
  }

  #see(): void {
    if (turns.mock.calls.length !== this.#turn) this.#count = 0;
    this.#turn = turns.mock.calls.length;
    this.most = Math.max(this.most, ++this.#count);
  }
}

test('a check looks at few files between two turns', async () => {
  const files = new CountedFiles();
  for (let i = 0; i < FILES; i++) files.set(`data/${i.toString(16).padStart(64, '0')}`, 0);
  const output: FinishedImage = {
    ...{ name: 'x', kind: 'folder', files, folders: new Set(), faults: [], others: [] },
    manifest: null,
    read: () => Promise.reject(new Error('nothing is read')),
    readMany: () => Promise.resolve(new Map()),
    locate: () => Promise.reject(new Error('nothing is located')),
    async *windows() {
      // Empty files have nothing to read.
    },
    async *stream() {
      // Nor has anything else.
    },
    close: () => Promise.resolve(),
  };
  const report = await verify(output);
  // No manifest, and each of the files is unexpected and not what its name says.
  expect(report.faultCount).toBe(1 + 2 * FILES);
  expect(files.most).toBeLessThanOrEqual(20);
});

describe('headers of a tar archive are read in turns', () => {
  const members = 5000;
  const save = (): string => {
    const path = join(tmpFolder(), 'x.tar');
    const names = Array.from({ length: members }, (_, i) => ({ name: `data/${i}` }));
    writeFileSync(path, packTar(names));
    return path;
  };

  test('of an input', async () => {
    const { members: found } = await openPlainTar(save());
    expect(found.size).toBe(members);
    expect(turns.mock.calls.length).toBeGreaterThan(members / 20);
  });

  test('of an output', async () => {
    const { files } = await openFinishedTar(save(), undefined);
    expect(files.size).toBe(members);
    expect(turns.mock.calls.length).toBeGreaterThan(members / 20);
  });
});

test('an ext4 filesystem is looked at in turns, also after its last name', async () => {
  const count = 5000;
  const layout = layoutOf(
    {
      directories: ['data'],
      files: Array.from({ length: count }, (_, i) => ({ path: `data/${i}`, size: 0 })),
    },
    null,
  );
  const bytes = new Uint8Array(layout.size);
  for (const piece of layout.pieces())
    if (piece.kind === 'bytes') bytes.set(piece.bytes, piece.offset);
  if (layout.commit !== null) bytes.set(layout.commit.bytes, layout.commit.offset);
  // No read ever waits: each turn is one that the walk takes by itself.
  const reader = {
    size: bytes.length,
    read: (offset: number, length: number) =>
      Promise.resolve(bytes.subarray(offset, offset + length)),
  };
  const ext4 = await Ext4Reader.open(reader, 'x');
  expect(ext4.label).toBe(LABEL);
  let walked = 0;
  let atEnd = 0;
  for await (const { kind } of ext4.checkedWalk()) {
    if (kind === 'file') walked++;
    atEnd = turns.mock.calls.length;
  }
  expect(walked).toBe(count);
  expect(atEnd).toBeGreaterThan(count / 20);
  expect(turns.mock.calls.length - atEnd).toBeGreaterThan(count / 20);
});

/** Most keys of one `Map` or `Set` while `work` runs: a table that is full is made anew in one go. */
async function largestTable(work: () => unknown): Promise<number> {
  let largest = 0;
  const note = (size: number): void => void (largest = Math.max(largest, size));
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const [set, add] = [Map.prototype.set, Set.prototype.add];
  Map.prototype.set = function (this: Map<unknown, unknown>, key, value) {
    note(this.size);
    return set.call(this, key, value);
  };
  Set.prototype.add = function (this: Set<unknown>, value) {
    note(this.size);
    return add.call(this, value);
  };
  try {
    await work();
  } finally {
    Map.prototype.set = set;
    Set.prototype.add = add;
  }
  return largest;
}

describe('no table of all files grows in one go', () => {
  const count = 20_000;
  const limit = count / 40;
  const names = Array.from({ length: count }, (_, i) => `data/${sha(i)}`);
  const archive = (): string => {
    const path = join(tmpFolder(), 'x.tar');
    writeFileSync(path, packTar(names.map((name) => ({ name }))));
    return path;
  };

  test('the oracle: a Map does', async () => {
    const fill = (map: Map<string, number>): void => names.forEach((name) => map.set(name, 0));
    expect(await largestTable(() => fill(new Map()))).toBe(count - 1);
  });

  test('in planning and both layouts', async () => {
    const largest = await largestTable(() => {
      const plan = atOnce(planOfMany());
      const request = { target: 'x', size: (smallest: number) => smallest, ...plan };
      atOnce(layoutExt4Steps({ ...request, ...atOnce(volumeOf(plan)) }));
      atOnce(layoutTarSteps(plan));
    });
    expect(largest).toBeLessThan(FILES / 40);
  });

  test('in reading the headers of an archive, as an input and as an output', async () => {
    const path = archive();
    expect(await largestTable(() => openPlainTar(path))).toBeLessThan(limit);
    expect(await largestTable(() => openFinishedTar(path, undefined))).toBeLessThan(limit);
  });

  test('in finding the blobs of a list', async () => {
    const { members } = await openPlainTar(archive());
    const lines = names.map((name, i) => `0644,0,0,1,${sha(i)},'/${name.slice(5)}',0,${i},`);
    const claims = { rootfs: 'data', compressed: null, regulars: { name: 'regulars.txt' } };
    const find = () =>
      findBlobs(
        { path: 'x', members } as unknown as ImageInput,
        claims as unknown as Claims,
        Buffer.from(lines.join('\n')),
      );
    expect(await largestTable(find)).toBeLessThan(limit);
    expect((await find()).blobs).toHaveLength(count);
  });

  test('in the walk of a filesystem', async () => {
    const files = names.map((path) => ({ path, size: 0 }));
    const layout = layoutOf({ directories: ['data'], files }, null);
    const bytes = new Uint8Array(layout.size);
    for (const piece of layout.pieces())
      if (piece.kind === 'bytes') bytes.set(piece.bytes, piece.offset);
    if (layout.commit !== null) bytes.set(layout.commit.bytes, layout.commit.offset);
    const read = (offset: number, length: number) =>
      Promise.resolve(bytes.subarray(offset, offset + length));
    const fill = async (offset: number, into: Uint8Array) =>
      into.set(await read(offset, into.length));
    const reader = { size: bytes.length, read, fill };
    const open = () => openFinishedExt4('x', 'img', reader);
    expect(await largestTable(open)).toBeLessThan(limit);
    expect((await open()).files.size).toBe(count);
  });
});

function sha(index: number): string {
  return createHash('sha256').update(`${index}`).digest('hex');
}
