import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FileReader, examine } from '../../../../../test/support/ext4/examine.ts';
import { contentByte, materialise } from '../../../../../test/support/ext4/materialise.ts';
import {
  debugfs,
  debugfsTool,
  e2fsckComplaint,
  e2fsckTool,
} from '../../../../../test/support/ext4/oracles.ts';
import {
  LABEL,
  TIMESTAMP,
  UUID,
  layoutOf,
  randomContents,
  stickContents,
} from '../../../../../test/support/ext4/plans.ts';
import { sharedTmpFolder, tmpFolder } from '../../../../../test/support/tmp.ts';
import { describeNeeding } from '../../../../../test/support/tools.ts';
import { BuilderError } from '../../../../shared/errors.ts';
import type { ErrorData } from '../../../../shared/errors.ts';
import type { RandomReader } from '../../content/random-reader.ts';
import { sealSuperblock } from '../format/superblock.ts';
import type { Ext4Contents } from '../layout/tree.ts';
import { Ext4Reader } from './ext4-reader.ts';

const MIB = 1024 * 1024;

async function errorOf(action: Promise<unknown>): Promise<ErrorData> {
  try {
    await action;
  } catch (error) {
    if (error instanceof BuilderError) return error.data;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function image(contents: Ext4Contents, size: number | null = null): string {
  const path = join(tmpFolder(), 'test.img');
  materialise(layoutOf(contents, size), path);
  return path;
}

describe('reads back what the layout holds', () => {
  test.each(Array.from({ length: 12 }, (_, index) => 500 + index))(
    'every name, size and byte of random tree %i',
    async (seed) => {
      const contents = randomContents(seed, 300_000);
      using source = new FileReader(image(contents));
      const files = new Map(contents.files.map(({ path }, index) => [path, index]));
      let wrong = 0;
      const nodes = await examine(source, (node, from, bytes) => {
        const fileIndex = files.get(node.path) ?? -1;
        bytes.forEach((byte, index) => {
          if (byte !== contentByte(fileIndex, from + index)) wrong++;
        });
      });
      expect(wrong).toBe(0);
      const found = new Map(
        nodes.map(({ path, kind, size }) => [path, kind === 'file' ? size : kind]),
      );
      const expected = new Map<string, number | string>([['lost+found', 'directory']]);
      for (const path of contents.directories) expected.set(path, 'directory');
      for (const { path, size } of contents.files) expected.set(path, size);
      expect(found).toEqual(expected);
      expect(nodes.length).toBe(expected.size);
    },
  );

  test('looks up each of 20,000 names by its hash, and misses others', async () => {
    const contents = stickContents(20_000, 3);
    using source = new FileReader(image(contents));
    const reader = await Ext4Reader.open(source, 'stick');
    expect(reader.label).toBe(LABEL);
    expect(Buffer.from(reader.uuid).equals(UUID)).toBe(true);
    expect(reader.clean).toBe(true);
    for (const { path, size } of contents.files) {
      expect(await reader.stat(path)).toMatchObject({
        kind: 'file',
        size,
        mode: 0o644,
        links: 1,
        modified: TIMESTAMP,
      });
    }
    for (const path of ['data/missing', 'nothing', 'data/a/b', 'manifest.json/x']) {
      expect(await errorOf(reader.stat(path))).toEqual({
        code: 'filesystem-path-missing',
        params: { target: 'stick', path },
      });
    }
    expect(await reader.stat('')).toMatchObject({ kind: 'directory', mode: 0o755, links: 5 });
    expect(await reader.stat('lost+found')).toMatchObject({ mode: 0o700, size: 16384 });
    const names: string[] = [];
    for await (const { name } of reader.readdir('data')) names.push(`data/${name}`);
    expect(names.length).toBe(20_000);
    expect(new Set(names)).toEqual(
      new Set(contents.files.map(({ path }) => path).filter((path) => path.startsWith('data/'))),
    );
  });

  test('small files in the order of their places are read in large pieces', async () => {
    const contents = stickContents(3000, 9000);
    const path = image(contents);
    using source = new FileReader(path);
    await examine(source);
    // 15 MB of content in windows of 4 MiB, 1 MiB of tables and directories in pages of 256 KiB.
    expect(source.reads).toBeLessThan(40);
  });

  test('a file larger than a group, and its extents', async () => {
    const contents: Ext4Contents = {
      directories: [],
      files: [{ path: 'large', size: 900 * MIB + 5 }],
    };
    const path = join(tmpFolder(), 'test.img');
    materialise(layoutOf(contents, 4096 * MIB), path, { content: false });
    using source = new FileReader(path);
    const reader = await Ext4Reader.open(source, 'stick');
    const node = await reader.stat('large');
    let blocks = 0;
    for await (const { logical, length } of reader.extents(node)) {
      expect(logical).toBe(blocks);
      blocks += length;
    }
    expect(blocks).toBe(Math.ceil(node.size / 4096));
    let bytes = 0;
    for await (const chunk of reader.content(node)) bytes += chunk.length;
    expect(bytes).toBe(node.size);
    expect((await errorOf(reader.readFile('large', 1000))).code).toBe('filesystem-limit');
  });
});

describe('what is no finished filesystem', () => {
  test.each([0, 1000, 2047, 4096, 65536])('%i zeros', async (size) => {
    const bytes = new Uint8Array(size);
    const source = { size, read: () => Promise.resolve(bytes.slice(1024, 2048)) };
    expect((await errorOf(Ext4Reader.open(source, 'x'))).code).toBe('filesystem-absent');
  });

  test('a device that is too short for the filesystem on it', async () => {
    const path = image(stickContents(5), 8 * MIB);
    using source = new FileReader(path, 7 * MIB);
    expect(await errorOf(Ext4Reader.open(source, 'x'))).toMatchObject({
      code: 'filesystem-damaged',
      params: { what: 'superblock' },
    });
  });
});

describe('what would take memory or time without end is given up:', () => {
  /** A superblock with right checksums on a device of 32 TiB that holds nothing else. */
  function lying(change: (view: DataView) => void): RandomReader {
    const file = image(stickContents(5));
    const bytes = new Uint8Array(readFileSync(file).subarray(1024, 2048));
    change(new DataView(bytes.buffer));
    sealSuperblock(bytes, 0);
    const read = (offset: number, length: number): Promise<Uint8Array> => {
      const found = Buffer.alloc(length);
      if (offset < 4096) Buffer.concat([Buffer.alloc(1024), bytes]).copy(found, 0, offset);
      return Promise.resolve(found);
    };
    return { size: 2 ** 45, read };
  }

  test('groups of eight blocks', async () => {
    const groups = 2 ** 28;
    const reader = lying((view) => {
      view.setUint32(0x4, 8 * groups, true);
      for (const perGroup of [0x20, 0x24, 0x28]) view.setUint32(perGroup, 8, true);
      view.setUint32(0x0, 8 * groups, true);
    });
    expect(await errorOf(Ext4Reader.open(reader, 'x'))).toMatchObject({
      code: 'filesystem-limit',
      params: { what: 'groups of blocks' },
    });
  });

  test('billions of reserved inodes', async () => {
    const reader = lying((view) => view.setUint32(0x54, 0xffff_fff0, true));
    const ext4 = await Ext4Reader.open(reader, 'x');
    expect(await errorOf(ext4.checkedWalk().next())).toMatchObject({
      code: 'filesystem-limit',
      params: { what: 'reserved inodes' },
    });
  });
});

describeNeeding([e2fsckTool, debugfsTool], 'one flipped bit', () => {
  const folder = sharedTmpFolder();
  const long = (index: number): string => `${index}`.padStart(6, '0').repeat(40);
  const contents: Ext4Contents = {
    directories: ['data', 'few'],
    files: [
      { path: 'few/one', size: 10 },
      // Five extents and more: a tree block.
      { path: 'large', size: 900 * MIB },
      // More than 507 leaves of 16 names: index nodes below the root.
      ...Array.from({ length: 9000 }, (_, index) => ({ path: `data/${long(index)}`, size: 0 })),
    ],
  };
  const path = (): string => join(folder(), 'base.img');
  beforeAll(() => materialise(layoutOf(contents, 2048 * MIB), path(), { content: false }));

  /** Calls `body` while one bit of the byte at `offset` is wrong. */
  async function whileFlipped(offset: number, body: () => Promise<void>): Promise<void> {
    const file = openSync(path(), 'r+');
    try {
      const byte = new Uint8Array(1);
      readSync(file, byte, 0, 1, offset);
      writeSync(file, Uint8Array.of((byte[0] ?? 0) ^ 0x10), 0, 1, offset);
      try {
        await body();
      } finally {
        writeSync(file, byte, 0, 1, offset);
      }
    } finally {
      closeSync(file);
    }
  }
  const blocksOf = (path: string, name: string): number[] =>
    debugfs(path, `blocks ${name}`).trim().split(/\s+/).map(Number);
  const locate = (path: string, number: number): number => {
    const match = /located at block (\d+), offset 0x([0-9a-f]+)/.exec(
      debugfs(path, `imap <${number}>`),
    );
    return Number(match?.[1]) * 4096 + Number.parseInt(match?.[2] ?? '', 16);
  };
  const stats = (path: string, what: string): number =>
    Number(new RegExp(`${what} (?:at )?(?:block )?(\\d+)`).exec(debugfs(path, 'stats'))?.[1]) *
    4096;
  const inodeOf = (path: string, name: string): number =>
    Number(/Inode: (\d+)/.exec(debugfs(path, `stat ${name}`))?.[1]);
  const treeBlock = (path: string): number =>
    Number(/^ 0\/ 1 .* (\d+) +\d+\s*$/m.exec(debugfs(path, 'extents /large'))?.[1]) * 4096;

  test.each<[string, (path: string) => number]>([
    ['superblock', () => 1024 + 0x34],
    ['superblock label', () => 1024 + 0x78],
    ['group descriptor', () => 4096 + 3 * 32 + 0xc],
    ['block bitmap', (path) => stats(path, 'block bitmap') + 2000],
    ['inode bitmap', (path) => stats(path, 'inode bitmap') + 30],
    ['inode of a file', (path) => locate(path, inodeOf(path, '/few/one')) + 4],
    ['inode of a directory', (path) => locate(path, inodeOf(path, '/data')) + 0x90],
    ['extent tree block', (path) => treeBlock(path) + 12 + 4],
    ['directory with few entries', (path) => (blocksOf(path, '/few')[0] ?? 0) * 4096 + 33],
    ['directory tail', (path) => (blocksOf(path, '/few')[0] ?? 0) * 4096 + 4095],
    ['index root', (path) => (blocksOf(path, '/data')[0] ?? 0) * 4096 + 0x28],
    ['index node', (path) => (blocksOf(path, '/data')[1] ?? 0) * 4096 + 0x20],
    ['index node checksum', (path) => (blocksOf(path, '/data')[1] ?? 0) * 4096 + 4092],
    ['leaf of an index', (path) => (blocksOf(path, '/data')[200] ?? 0) * 4096 + 70],
  ])('in the %s is reported by e2fsck and by the reader', async (_, place) => {
    const offset = place(path());
    expect(offset).toBeGreaterThan(0);
    await whileFlipped(offset, async () => {
      expect(e2fsckComplaint(path())).not.toBeNull();
      using source = new FileReader(path());
      expect((await errorOf(examine(source))).code).toBe('filesystem-damaged');
    });
  });

  test('is needed: without one, both are content', async () => {
    expect(e2fsckComplaint(path())).toBeNull();
    using source = new FileReader(path());
    expect((await examine(source)).length).toBe(contents.files.length + 3);
  });
});
