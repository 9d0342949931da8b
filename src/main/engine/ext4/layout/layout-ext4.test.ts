import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  LABEL,
  UUID_TEXT,
  fragmentedRuns,
  layoutOf,
  randomContents,
  stickContents,
} from '../../../../../test/support/ext4/plans.ts';
import { examine, FileReader } from '../../../../../test/support/ext4/examine.ts';
import { fillContent, materialise } from '../../../../../test/support/ext4/materialise.ts';
import {
  blkidTags,
  blkidTool,
  debugfs,
  debugfsTool,
  dumpe2fsHeader,
  dumpe2fsTool,
  e2fsckComplaint,
  e2fsckTool,
  resize2fsTool,
  run,
} from '../../../../../test/support/ext4/oracles.ts';
import { tmpFolder } from '../../../../../test/support/tmp.ts';
import { describeNeeding } from '../../../../../test/support/tools.ts';
import { BuilderError } from '../../../../shared/errors.ts';
import type { Layout, Piece } from '../../layout/layout.ts';
import { hasSuperblockCopy } from '../format/superblock.ts';
import { HASH_SEED } from '../../../../../test/support/ext4/plans.ts';
import { smallestExt4Size } from './layout-ext4.ts';
import type { Ext4Contents } from './tree.ts';

const NIGHTLY = process.env['NIGHTLY'] === '1';
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const BLOCK = 4096;
const GROUP = 32768 * BLOCK;

/** Written without contents: the structure is what counts here. */
function image(layout: Layout): string {
  const path = join(tmpFolder(), 'test.img');
  materialise(layout, path, { content: false });
  return path;
}

function errorOf(action: () => unknown): BuilderError {
  try {
    action();
  } catch (error) {
    if (error instanceof BuilderError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Milliseconds for the largest trees on a slow machine, beside other tests; for hangs alone. */
const LARGEST = 600_000;

/** Bytes of the smallest filesystem. */
const smallest = (contents: Ext4Contents): number =>
  smallestExt4Size({ ...contents, hashSeed: HASH_SEED });

describeNeeding([e2fsckTool, dumpe2fsTool, blkidTool], 'e2fsck finds nothing to say', () => {
  const sizes = [8 * MIB, 64 * MIB, 1000 * MIB, 7_751_073_792, 64_000_000_000, 2_000_398_934_016];
  for (const blobs of [0, 1, 2, 100, 10_000, ...(NIGHTLY ? [300_000] : [])]) {
    test(`about ${blobs} blobs, from the smallest size up`, { timeout: LARGEST }, () => {
      const contents = stickContents(blobs);
      const needed = smallest(contents);
      for (const size of [needed, ...sizes.filter((each) => each > needed)]) {
        const layout = layoutOf(contents, size);
        const path = image(layout);
        expect(e2fsckComplaint(path), `${size} bytes`).toBeNull();
        const header = dumpe2fsHeader(path);
        expect(header.get('Filesystem volume name')).toBe(LABEL);
        expect(header.get('Filesystem UUID')).toBe(UUID_TEXT);
        const used = Number(header.get('Inode count')) - Number(header.get('Free inodes'));
        expect(used).toBe(contents.files.length + contents.directories.length + 11);
        expect(Number(header.get('Free inodes'))).toBeGreaterThanOrEqual(
          Math.max(1000, Math.ceil(used / 4)),
        );
        // Spans the device, but for a last group of less than a few MiB.
        expect(size - Number(header.get('Block count')) * BLOCK).toBeLessThan(16 * MIB);
        expect(header.get('Filesystem features')).toBe(
          'ext_attr dir_index filetype extent flex_bg sparse_super large_file huge_file dir_nlink extra_isize metadata_csum',
        );
        expect(blkidTags(path)).toEqual(
          expect.arrayContaining([`LABEL=${LABEL}`, `UUID=${UUID_TEXT}`, 'TYPE=ext4']),
        );
        rmSync(path);
      }
    });
  }

  test.each(Array.from({ length: NIGHTLY ? 400 : 30 }, (_, seed) => seed))(
    'random tree %i',
    (seed) => {
      const contents = randomContents(seed);
      const needed = smallest(contents);
      for (const size of [needed, Math.floor(needed * (1 + ((seed * 37) % 100) / 25)) + 4097]) {
        expect(e2fsckComplaint(image(layoutOf(contents, size))), `${size} bytes`).toBeNull();
      }
    },
  );

  test.runIf(NIGHTLY)('16 TiB, and what lies beyond is left alone', () => {
    const contents: Ext4Contents = {
      directories: ['data'],
      files: [
        { path: 'data/small', size: 5000 },
        // Three levels of extent tree: more than four blocks of 340 extents of 128 MiB.
        { path: 'data/large', size: 1500 * 340 * 128 * MIB * 0.02 },
      ],
    };
    const path = image(layoutOf(contents, 16 * 1024 * GIB - BLOCK));
    expect(e2fsckComplaint(path)).toBeNull();
    expect(layoutOf(contents, 40 * 1024 * GIB).commit).toEqual(
      layoutOf(contents, 16 * 1024 * GIB - BLOCK).commit,
    );
  });
});

describeNeeding([e2fsckTool, resize2fsTool], 'resize2fs', () => {
  test.each([
    ['grows a small one to many groups', 200 * MIB, `${30 * 1024}M`],
    ['grows within the last group', 300 * MIB, '330M'],
    // Each group takes its share of the inodes with it, of which few are to spare.
    ['shrinks', 3000 * MIB, '2600M'],
  ])('%s', (_, size, to) => {
    const path = image(layoutOf(stickContents(3000), size));
    expect(e2fsckComplaint(path)).toBeNull();
    const { status, stderr } = run(resize2fsTool, ['-f', path, to]);
    expect(status, stderr).toBe(0);
    expect(e2fsckComplaint(path)).toBeNull();
    const header = dumpe2fsHeader(path);
    expect(Number(header.get('Block count')) * BLOCK).toBe(Number.parseInt(to, 10) * MIB);
  });
});

describeNeeding([e2fsckTool], 'sizes', () => {
  test('every size from the smallest up is taken, and none below', () => {
    for (const contents of [stickContents(0), stickContents(4000, 70_000), stickContents(9)]) {
      const needed = smallest(contents);
      for (const size of [needed - BLOCK, needed - 1, 0, 100, 5000]) {
        const error = errorOf(() => layoutOf(contents, size));
        expect(error.data).toEqual({
          code: 'output-size-too-small',
          params: { path: 'test.img', needed, size },
        });
      }
      for (let step = 0; step < 400; step++) {
        const size = needed + Math.floor((step / 400) ** 3 * 20 * GROUP);
        expect(() => layoutOf(contents, size)).not.toThrow();
      }
    }
  });

  test('a last group that is too small to be of use is left out', () => {
    for (const rest of [1, 30, 60, 130, 600]) {
      const layout = layoutOf(stickContents(10), 3 * GROUP + rest * BLOCK);
      expect(e2fsckComplaint(image(layout)), `${rest} blocks`).toBeNull();
    }
  });
});

describeNeeding([e2fsckTool, debugfsTool], 'places', () => {
  /** [first, last] physical blocks of each extent of a file. */
  function extentsOf(path: string, name: string): [number, number][] {
    const lines = debugfs(path, `extents ${name}`).split('\n').slice(1);
    return lines.flatMap((line): [number, number][] => {
      const match = /^\s*(\d+)\/\s*(\d+)\s+\d+\/\s*\d+\s+\d+ -\s+\d+\s+(\d+) -\s+(\d+)/.exec(line);
      return match?.[1] === match?.[2] && match !== null
        ? [[Number(match[3]), Number(match[4])]]
        : [];
    });
  }

  test('a file has one extent for every 128 MiB and superblock copy that it crosses', () => {
    const contents: Ext4Contents = {
      directories: ['data'],
      files: [
        { path: 'data/first', size: 3 * GIB + 77 },
        { path: 'data/empty', size: 0 },
        { path: 'data/second', size: 50 * MIB },
        { path: 'data/third', size: 200 * GIB },
      ],
    };
    const path = image(layoutOf(contents, 300 * GIB));
    expect(e2fsckComplaint(path)).toBeNull();
    expect(extentsOf(path, '/data/empty')).toEqual([]);
    for (const { path: name, size } of contents.files) {
      const extents = extentsOf(path, `/${name}`);
      const blocks = Math.ceil(size / BLOCK);
      expect(extents.reduce((sum, [first, last]) => sum + last - first + 1, 0)).toBe(blocks);
      let crossed = 0;
      extents.slice(1).forEach(([first], index) => {
        const before = extents[index]?.[1] ?? 0;
        if (first === before + 1) return;
        crossed++;
        const group = Math.floor(first / 32768);
        expect(hasSuperblockCopy(group), `group ${group}`).toBe(true);
        expect(before).toBe(group * 32768 - 1);
      });
      // Each stretch between copies is cut every 128 MiB.
      expect(extents.length).toBeLessThanOrEqual(Math.ceil(blocks / 32768) + crossed);
    }
  });

  test('pieces ascend, do not overlap and stay on the device; files come in order', () => {
    for (let seed = 100; seed < 130; seed++) {
      const contents = randomContents(seed);
      const needed = smallest(contents);
      const layout = layoutOf(contents, seed % 2 === 0 ? needed : needed + 9 * GROUP);
      let end = layout.commit?.bytes.length ?? 0;
      const seen = new Map<number, number>();
      let fileIndex = -1;
      let written = end;
      for (const piece of layout.pieces()) {
        expect(piece.offset).toBeGreaterThanOrEqual(end);
        const length = piece.kind === 'bytes' ? piece.bytes.length : piece.length;
        end = piece.offset + length;
        written += length;
        if (piece.kind !== 'file') continue;
        expect(piece.fileIndex).toBeGreaterThanOrEqual(fileIndex);
        fileIndex = piece.fileIndex;
        expect(piece.from).toBe(seen.get(fileIndex) ?? 0);
        seen.set(fileIndex, piece.from + piece.length);
      }
      expect(end).toBeLessThanOrEqual(layout.size);
      expect(written).toBeLessThanOrEqual(layout.bytesWritten);
      expect(layout.bytesWritten).toBeLessThanOrEqual(layout.size);
      contents.files.forEach(({ size }, index) => expect(seen.get(index) ?? 0).toBe(size));
    }
  });
});

describeNeeding([e2fsckTool], 'over free runs', () => {
  const SIZE = 400 * MIB;
  const contents = stickContents(400, 500_000);
  /** Fragments of a few blocks: most files are in many, some in more than a tree of one level holds. */
  const withLarge: Ext4Contents = {
    directories: contents.directories,
    files: [...contents.files, { path: 'data/large', size: 4 * MIB - 3 }],
  };

  test.each([
    ['behind the metadata', { front: 4000, longest: 6 }],
    ['from the first block on, too short for an inode table at times', { longest: 200 }],
  ])('%s, e2fsck finds nothing to say, and every file is whole', async (_, shape) => {
    for (const seed of [1, 2]) {
      const usable = fragmentedRuns(seed, SIZE / BLOCK, shape);
      const layout = layoutOf(withLarge, SIZE, usable);
      const path = join(tmpFolder(), 'test.img');
      materialise(layout, path);
      expect(e2fsckComplaint(path)).toBeNull();
      using source = new FileReader(path);
      const indexOf = new Map(withLarge.files.map((file, index) => [file.path, index]));
      let seen = 0;
      await examine(source, (node, from, bytes) => {
        const expected = new Uint8Array(bytes.length);
        fillContent(indexOf.get(node.path) ?? -1, from, expected);
        expect(Buffer.compare(bytes, expected), node.path).toBe(0);
        seen += bytes.length;
      });
      expect(seen).toBe(withLarge.files.reduce((sum, { size }) => sum + size, 0));
    }
  });

  test('what is not free is not written, but for copies of the superblock', () => {
    const usable = fragmentedRuns(3, SIZE / BLOCK, { front: 4000, longest: 30 });
    const isFree = new Uint8Array(SIZE / BLOCK);
    for (const { first, end } of usable) isFree.fill(1, first, end);
    let fragments = 0;
    for (const piece of layoutOf(withLarge, SIZE, usable).pieces()) {
      const length = piece.kind === 'bytes' ? piece.bytes.length : piece.length;
      if (piece.kind === 'file') fragments++;
      const first = Math.floor(piece.offset / BLOCK);
      for (let block = first; block * BLOCK < piece.offset + length; block++) {
        const group = Math.floor(block / 32768);
        const isCopy = hasSuperblockCopy(group) && block % 32768 < 2;
        expect(isFree[block] === 1 || isCopy, `block ${block}`).toBe(true);
      }
    }
    expect(fragments).toBeGreaterThan(2 * withLarge.files.length);
  });

  test('free runs that do not suffice are refused as a device that is too small', () => {
    const usable = [{ first: 0, end: 4000 }];
    expect(errorOf(() => layoutOf(withLarge, SIZE, usable)).code).toBe('output-size-too-small');
    const ends = [...layoutOf(withLarge, SIZE).pieces()].map((piece) =>
      piece.kind === 'file' ? piece.offset + piece.length : 0,
    );
    const enough = Math.ceil(Math.max(...ends) / BLOCK);
    expect(() => layoutOf(withLarge, SIZE, [{ first: 0, end: enough }])).not.toThrow();
  });
});

describe('the same request', () => {
  test('gives the same bytes, each time that the pieces are asked for', () => {
    const contents = randomContents(7);
    const layout = layoutOf(contents, null);
    const pieces = [...layout.pieces()];
    expect([...layout.pieces()]).toEqual(pieces);
    expect([...layoutOf(contents, null).pieces()]).toEqual(pieces);
  });

  test('gives the same pieces apart: metadata, and what is written file by file', () => {
    for (let seed = 1; seed < 20; seed++) {
      const layout = layoutOf(randomContents(seed), null);
      const metadata = [...(layout.independent?.metadata() ?? [])];
      const files = [...(layout.independent?.files() ?? [])];
      expect(metadata.map(({ kind }) => kind)).not.toContain('file');
      expect([...metadata, ...files].sort((a, b) => a.offset - b.offset)).toEqual([
        ...layout.pieces(),
      ]);
      const blocks = (piece: Piece) => Math.floor(piece.offset / 4096);
      const ofMetadata = new Set(metadata.map(blocks));
      expect(files.filter((piece) => ofMetadata.has(blocks(piece)))).toEqual([]);
    }
  });

  test('clears both ends of the device', () => {
    expect(layoutOf(stickContents(1), 64 * MIB + 512).wipe).toEqual([
      { offset: 0, length: 5 * MIB },
      { offset: 59 * MIB, length: 5 * MIB + 512 },
    ]);
    expect(layoutOf(stickContents(1), 8 * MIB).wipe).toEqual([{ offset: 0, length: 8 * MIB }]);
  });
});

describe('refuses', () => {
  const layoutWith = (directories: string[], paths: string[]): Layout =>
    layoutOf({ directories, files: paths.map((path) => ({ path, size: 1 })) }, 8 * MIB);

  test('names of more than 255 bytes, counted in UTF-8', () => {
    expect(() => layoutWith([], ['x'.repeat(255), 'あ'.repeat(85)])).not.toThrow();
    for (const name of ['x'.repeat(256), 'あ'.repeat(86)]) {
      expect(errorOf(() => layoutWith([], [name])).data).toEqual({
        code: 'output-name-too-long',
        params: { name, limit: 255 },
      });
    }
  });

  test.each([
    ['the same name twice', ['data'], ['data/a', 'data/a']],
    ['a file named like a folder', ['data'], ['data']],
    ['a name that mke2fs takes', [], ['lost+found']],
    ['a file without its folder', [], ['data/a']],
    ['a folder after its child', ['a/b', 'a'], []],
    ['an absolute path', [], ['/a']],
    ['a path out of the tree', ['data'], ['data/..']],
    ['an empty name', ['data'], ['data/']],
    ['a NUL', [], ['a\0b']],
    ['half a character', [], ['a\ud800']],
  ])('%s', (_, directories, paths) => {
    expect(errorOf(() => layoutWith(directories, paths)).code).toBe('internal');
  });
});
