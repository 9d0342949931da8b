import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directoryHash, hashSeedOf } from '../../src/main/engine/ext4/format/directory-hash.ts';
import type { Ext4Contents } from '../../src/main/engine/ext4/layout/tree.ts';
import { FileReader, examine } from '../support/ext4/examine.ts';
import { fillContent, materialise } from '../support/ext4/materialise.ts';
import { mountTool, umountTool, whileMounted } from '../support/ext4/mounted.ts';
import { e2fsckComplaint, e2fsckTool } from '../support/ext4/oracles.ts';
import {
  HASH_SEED,
  TIMESTAMP,
  layoutOf,
  randomContents,
  stickContents,
} from '../support/ext4/plans.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices } from '../support/tools.ts';

const GIB = 1024 ** 3;

function image(contents: Ext4Contents, size: number | null, content = true): string {
  const path = join(tmpFolder(), 'test.img');
  materialise(layoutOf(contents, size), path, { content });
  return path;
}

function expectContents(folder: string, contents: Ext4Contents): void {
  contents.files.forEach(({ path, size }, fileIndex) => {
    const expected = new Uint8Array(size);
    fillContent(fileIndex, 0, expected);
    if (Buffer.compare(readFileSync(join(folder, path)), expected) !== 0) {
      throw new Error(`${path} has other contents`);
    }
  });
}

describeNeeding([needsLoopDevices(), mountTool, umountTool, e2fsckTool], 'the kernel', () => {
  test('finds every file of a stick with its content', () => {
    const contents = stickContents(4000);
    const path = image(contents, 8 * GIB);
    whileMounted(path, 'ro', (folder) => {
      expectContents(folder, contents);
      expect(readdirSync(join(folder, 'data')).length).toBe(4000);
      expect(readdirSync(folder).sort()).toEqual(['data', 'lost+found', 'manifest.json', 'meta']);
      const { mode, uid, gid, mtimeMs } = statSync(join(folder, 'manifest.json'));
      expect([mode & 0o7777, uid, gid, mtimeMs]).toEqual([0o644, 0, 0, TIMESTAMP * 1000]);
      expect(statSync(join(folder, 'data')).mode & 0o7777).toBe(0o755);
      expect(statSync(folder)).toMatchObject({ nlink: 5, mtimeMs: TIMESTAMP * 1000 });
    });
  });

  test.each([900, 901, 902, 903])('finds every file of random tree %i', (seed) => {
    const contents = randomContents(seed, 50_000);
    whileMounted(image(contents, null), 'ro', (folder) => expectContents(folder, contents));
  });

  test('finds each of 300,000 names', () => {
    const contents = stickContents(300_000);
    whileMounted(image(contents, 64_000_000_000, false), 'ro', (folder) => {
      let wrong = 0;
      for (const { path, size } of contents.files) {
        if (statSync(join(folder, path)).size !== size) wrong++;
      }
      expect(wrong).toBe(0);
    });
  });

  test('finds names with one hash that stand in two blocks of an index', async () => {
    const seed = hashSeedOf(HASH_SEED);
    const hashOf = (name: string): number => directoryHash(Buffer.from(name), name.length, 1, seed);
    const byHash = new Map<number, string>();
    const pairs: [string, string][] = [];
    for (let index = 0; pairs.length < 6; index++) {
      const name = `${index}`.padStart(56, 'n');
      const other = byHash.get(hashOf(name));
      if (other === undefined) byHash.set(hashOf(name), name);
      else pairs.push([other, name]);
    }
    // 63 names of 56 bytes fill a block: with 62 lower ones the pair is cut.
    for (const pair of pairs) {
      const lower = [...byHash].filter(([hash]) => hash < hashOf(pair[0])).slice(0, 62);
      const higher = [...byHash].filter(([hash]) => hash > hashOf(pair[0])).slice(0, 200);
      expect(lower.length).toBe(62);
      const names = [...pair, ...[...lower, ...higher].map(([, name]) => name)];
      const contents = {
        directories: ['d'],
        files: names.map((name) => ({ path: `d/${name}`, size: 1 })),
      };
      const path = image(contents, null);
      expect(e2fsckComplaint(path)).toBeNull();
      whileMounted(path, 'ro', (folder) => expectContents(folder, contents));
      using source = new FileReader(path);
      expect((await examine(source)).length).toBe(names.length + 2);
    }
  });

  test('adds and deletes thousands of files, and e2fsck is content', async () => {
    const contents = stickContents(12_000, 3000);
    const path = image(contents, 2 * GIB);
    const left = whileMounted(path, 'rw', (folder) => {
      const data = join(folder, 'data');
      for (const name of readdirSync(data).filter((_, index) => index % 4 === 0)) {
        rmSync(join(data, name));
      }
      for (let index = 0; index < 3500; index++) {
        writeFileSync(join(data, `${index} added by a person`), Buffer.alloc(index * 3, index));
      }
      mkdirSync(join(folder, 'new/folder'), { recursive: true });
      writeFileSync(join(folder, 'new/folder/large'), Buffer.alloc(50_000_000, 7));
      for (let index = 0; index < 900; index++) writeFileSync(join(folder, `meta/0/${index}`), '');
      return readdirSync(folder, { recursive: true }).length;
    });
    expect(e2fsckComplaint(path)).toBeNull();
    using source = new FileReader(path);
    expect((await examine(source)).length).toBe(left);
  });

  test('writes nothing of its own but the superblock when it mounts read-write', () => {
    const path = image(stickContents(50), 300_000_000);
    const before = readFileSync(path);
    whileMounted(path, 'rw', () => undefined);
    const after = readFileSync(path);
    expect(Buffer.compare(before.subarray(4096), after.subarray(4096))).toBe(0);
    expect(Buffer.compare(before.subarray(0, 4096), after.subarray(0, 4096))).not.toBe(0);
  });
});
