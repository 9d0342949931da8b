import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  contentOf,
  newStick,
  placesOn,
  randomVersions,
  refreshLayout,
  wholeLayout,
  writeLayout,
  type Version,
} from '../../../../../test/support/ext4/refreshing.ts';
import { examine, FileReader } from '../../../../../test/support/ext4/examine.ts';
import { e2fsckComplaint, e2fsckTool } from '../../../../../test/support/ext4/oracles.ts';
import { tmpFolder } from '../../../../../test/support/tmp.ts';
import { describeNeeding } from '../../../../../test/support/tools.ts';
import { BlobPlaces } from '../../content/blob-places.ts';
import { WIPE_BYTES } from './probed.ts';

const MIB = 1024 * 1024;
const BLOCK = 4096;
const NIGHTLY = process.env['NIGHTLY'] === '1';

/** Exactly the files of a version are there, and hold what their names say. */
async function expectVersion(path: string, version: Version): Promise<void> {
  expect(e2fsckComplaint(path)).toBeNull();
  using source = new FileReader(path);
  const sizes = new Map(version.files.map((file) => [file.path, file.size]));
  const read = new Map<string, number>();
  const nodes = await examine(source, (node, from, bytes) => {
    read.set(node.path, from + bytes.length);
    if (Buffer.compare(bytes, contentOf(node.path, from, bytes.length)) !== 0)
      throw new Error(`${node.path} is wrong from byte ${from} on`);
  });
  const files = nodes.filter(({ kind }) => kind === 'file');
  expect(files.map(({ path: name, size }) => [name, size]).sort()).toEqual([...sizes].sort());
  for (const [name, size] of sizes)
    expect(read.get(name) ?? 0, name).toBeGreaterThanOrEqual(Math.min(size, 4 * MIB));
}

describeNeeding([e2fsckTool], 'versions that follow each other on one stick', () => {
  const cases = [
    // Hardly any room, some room, several groups with copies of the superblock.
    { size: 26 * MIB, blobs: 700, largest: MIB },
    { size: 64 * MIB, blobs: 1500, largest: 3 * MIB },
    { size: 500 * MIB, blobs: 1200, largest: 2 * MIB },
  ];
  const seeds = Array.from({ length: NIGHTLY ? 40 : 2 }, (_, seed) => seed);
  test.each(cases.flatMap((each) => seeds.map((seed) => ({ ...each, seed }))))(
    '$blobs blobs on $size bytes, seed $seed: every one is whole, and what is kept is not written',
    async ({ size, blobs, largest, seed }) => {
      const path = join(tmpFolder(), 'stick.img');
      newStick(path, size);
      let keptBytes = 0;
      let isFirst = true;
      let count = 0;
      for (const version of randomVersions(seed, blobs, largest)) {
        if (count++ === 7) break;
        const total = version.files.reduce((sum, file) => sum + file.size, 0);
        if (total > 0.8 * (size - 14 * MIB)) continue;
        const refreshed = isFirst
          ? null
          : refreshLayout(version, size, await placesOn(path, version));
        const layout = refreshed ?? wholeLayout(version, size);
        const written = writeLayout(path, layout, version);
        isFirst = false;
        keptBytes += layout.kept?.bytes ?? 0;
        expect(written + (layout.kept?.bytes ?? 0)).toBe(total);
        await expectVersion(path, version);
      }
      expect(keptBytes).toBeGreaterThan(0);
    },
  );
});

/** A version of equal blobs, a block each unless said otherwise. */
function versionOf(name: string, blobs: readonly string[], size = BLOCK): Version {
  return {
    name,
    directories: ['data'],
    files: blobs.map((blob) => ({ path: `data/${blob}`, size })),
  };
}

describeNeeding([e2fsckTool], 'a file stays only', () => {
  const SIZE = 64 * MIB;
  const blobs = Array.from({ length: 1500 }, (_, index) => `blob-${index}`);
  const version = versionOf('1', blobs, 5000);

  /** Which files stay when they are said to be in these blocks. */
  function keptAt(
    places: Readonly<Record<number, readonly [first: number, end: number][]>>,
  ): number[] {
    const found = new BlobPlaces();
    for (const [fileIndex, runs] of Object.entries(places))
      found.set(
        Number(fileIndex),
        runs.map(([first, end]) => ({ first, end })),
      );
    const layout = refreshLayout(version, SIZE, found);
    return [...(layout?.kept?.fileIndexes() ?? [])];
  }

  const lowest = WIPE_BYTES / BLOCK;
  const highest = SIZE / BLOCK - lowest;
  test('where nothing is wiped', () => {
    expect(keptAt({ 0: [[lowest, lowest + 2]], 1: [[lowest - 2, lowest]] })).toEqual([0]);
    expect(keptAt({ 0: [[highest - 2, highest]], 1: [[highest, highest + 2]] })).toEqual([0]);
    expect(keptAt({ 0: [[SIZE, SIZE + 2]], 1: [[2 ** 40, 2 ** 40 + 2]] })).toEqual([]);
  });

  test('where no other file says to be', () => {
    expect(keptAt({ 0: [[5000, 5002]], 1: [[5001, 5003]], 2: [[5003, 5005]] })).toEqual([2]);
    expect(keptAt({ 0: [[5000, 5002]], 1: [[5000, 5002]] })).toEqual([]);
    expect(
      keptAt({
        0: [
          [5000, 5001],
          [5000, 5001],
        ],
        1: [[6000, 6002]],
      }),
    ).toEqual([1]);
  });

  test('outside of metadata', () => {
    // So many files that directories and inode tables reach beyond what is wiped.
    const many = versionOf(
      '2',
      Array.from({ length: 40_000 }, (_, index) => `b${index}`),
      1,
    );
    const size = 400 * MIB;
    const path = join(tmpFolder(), 'stick.img');
    newStick(path, size);
    const found = new BlobPlaces();
    for (let index = 0; index < 8000; index++)
      found.set(index, [{ first: lowest + index, end: lowest + index + 1 }]);
    const layout = refreshLayout(many, size, found);
    const kept = [...(layout?.kept?.fileIndexes() ?? [])];
    expect(kept.length).toBeGreaterThan(1000);
    expect(kept.length).toBeLessThan(7900);
    for (const piece of layout?.pieces() ?? [])
      if (piece.kind === 'bytes')
        for (const index of [kept[0] ?? 0, kept.at(-1) ?? 0])
          expect(
            piece.offset + piece.bytes.length <= (lowest + index) * BLOCK ||
              piece.offset >= (lowest + index + 1) * BLOCK,
          ).toBe(true);
  });

  test('outside of copies of the superblock', () => {
    const size = 300 * MIB;
    const found = new BlobPlaces();
    found.set(0, [{ first: 32767, end: 32769 }]);
    found.set(1, [{ first: 32769, end: 32771 }]);
    found.set(2, [{ first: 32770, end: 32772 }]);
    found.set(3, [{ first: 32772, end: 32774 }]);
    const layout = refreshLayout(version, size, found);
    expect([...(layout?.kept?.fileIndexes() ?? [])]).toEqual([3]);
  });
});

describeNeeding([e2fsckTool], 'free runs', () => {
  test('a large kept file of many extents gets its tree anew', async () => {
    const size = 3000 * MIB;
    const path = join(tmpFolder(), 'stick.img');
    newStick(path, size);
    const large = { path: 'data/large', size: 1100 * MIB };
    const before: Version = {
      name: 'a',
      directories: ['data'],
      files: [{ path: 'data/first', size: 2 * MIB }, large],
    };
    const after: Version = {
      name: 'b',
      directories: ['data'],
      files: [large, { path: 'data/second', size: 9000 }],
    };
    // Contents are holes: the structure is what counts here.
    const structure = (layout: ReturnType<typeof wholeLayout>) => ({
      ...layout,
      *pieces() {
        for (const piece of layout.pieces()) if (piece.kind === 'bytes') yield piece;
      },
    });
    writeLayout(path, structure(wholeLayout(before, size)), before);
    const layout = refreshLayout(after, size, await placesOn(path, after));
    expect(layout?.kept?.count).toBe(1);
    if (layout === null) throw new Error('it fits');
    writeLayout(path, structure(layout), after);
    expect(e2fsckComplaint(path)).toBeNull();
    using source = new FileReader(path);
    const nodes = await examine(source);
    expect(nodes.map(({ path: name }) => name).sort()).toEqual([
      'data',
      'data/large',
      'data/second',
      'lost+found',
    ]);
  });

  test('holes that small files left stay free while there are large ones, and a file is not cut into many', async () => {
    const size = 64 * MIB;
    const path = join(tmpFolder(), 'stick.img');
    newStick(path, size);
    const blobs = Array.from({ length: 6000 }, (_, index) => `blob-${index}`);
    const before = versionOf('a', blobs);
    writeLayout(path, wholeLayout(before, size), before);
    const half = blobs.filter((_, index) => index % 2 === 0);
    // Fits behind everything.
    const small = versionOf('b', [...half, 'new']);
    const files = [...small.files.slice(0, -1), { path: 'data/new', size: 2 * MIB }];
    const layout = refreshLayout(
      { ...small, files },
      size,
      await placesOn(path, { ...small, files }),
    );
    const pieces = [...(layout?.pieces() ?? [])].filter(({ kind }) => kind === 'file');
    expect(pieces.map(({ kind }) => kind)).toContain('file');
    expect(
      pieces.filter((piece) => piece.kind === 'file' && piece.fileIndex === files.length - 1),
    ).toHaveLength(1);
    // Needs the holes, which are of one block each: as a whole it fits.
    const large = [...small.files.slice(0, -1), { path: 'data/new', size: 38 * MIB }];
    expect(
      refreshLayout(
        { ...small, files: large },
        size,
        await placesOn(path, { ...small, files: large }),
      ),
    ).toBeNull();
    wholeLayout({ ...small, files: large }, size);
  });

  test('the same stick and contents give the same layout', async () => {
    const size = 64 * MIB;
    const path = join(tmpFolder(), 'stick.img');
    newStick(path, size);
    const [before, after] = [...randomVersions(5, 900, MIB).take(2)];
    if (before === undefined || after === undefined) throw new Error('two versions');
    writeLayout(path, wholeLayout(before, size), before);
    const copy = `${path}.copy`;
    writeFileSync(copy, readFileSync(path));
    for (const stick of [path, copy]) {
      const layout = refreshLayout(after, size, await placesOn(stick, after));
      if (layout === null) throw new Error('it fits');
      writeLayout(stick, layout, after);
    }
    expect(readFileSync(copy).equals(readFileSync(path))).toBe(true);
  });
});
