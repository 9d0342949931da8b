import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileReader } from '../../../../../test/support/ext4/examine.ts';
import { debugfsTool, mkfsTool, run } from '../../../../../test/support/ext4/oracles.ts';
import { tmpFolder } from '../../../../../test/support/tmp.ts';
import { testNeeding } from '../../../../../test/support/tools.ts';
import { toErrorData } from '../../../../shared/errors.ts';
import { Ext4Reader } from './ext4-reader.ts';
import { boundedReader, findBlobs } from './find-blobs.ts';

const { signal } = new AbortController();
const BLOCK = 4096;

test('a filesystem with more entries than any stick of ours is given up after a million', async () => {
  let seen = 0;
  const endless = {
    blockSize: BLOCK,
    // eslint-disable-next-line @typescript-eslint/require-await
    async *checkedWalk() {
      for (;;) yield { path: `data/${String(seen++)}`, kind: 'directory', links: 1, size: 0 };
    },
  } as unknown as Ext4Reader;
  const found = findBlobs(
    endless,
    () => undefined,
    () => 1,
    signal,
  );
  await expect(found).rejects.toMatchObject({ data: { code: 'filesystem-limit' } });
  expect(seen).toBe(1_000_001);
});

/** Types in a directory, and the inodes that mkfs.ext4 and debugfs give. */
const [FILE, DIRECTORY] = [1, 2];
const [ROOT, SMALL, LARGE] = [2, 12, 13];

/** One block of a directory whose entries all name the same inode. */
function directoryBlock(block: number, nameOf: (entry: number) => string): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  let at = 0;
  const add = (inode: number, type: number, name: string, end?: number): void => {
    const length = end === undefined ? 12 : end - at;
    bytes.writeUInt32LE(inode, at);
    bytes.writeUInt16LE(length, at + 4);
    bytes.writeUInt8(name.length, at + 6);
    bytes.writeUInt8(type, at + 7);
    bytes.write(name, at + 8, 'latin1');
    at += length;
  };
  if (block === 0) {
    add(LARGE, DIRECTORY, '.');
    add(ROOT, DIRECTORY, '..');
  }
  for (let number = block * 400; at < BLOCK; number++)
    add(SMALL, FILE, nameOf(number), at + 24 > BLOCK ? BLOCK : undefined);
  return bytes;
}

/** A stick of mkfs.ext4 with such a directory of so many blocks. */
function stickWith(blocks: number, nameOf: (entry: number) => string): string {
  const folder = tmpFolder();
  const [content, small, stick] = ['directory', 'small', 'stick.img'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const file = openSync(content, 'w');
  for (let block = 0; block < blocks; block++) writeSync(file, directoryBlock(block, nameOf));
  closeSync(file);
  writeFileSync(small, 'text');
  writeFileSync(stick, '');
  truncateSync(stick, 200 * 1024 * 1024);
  const features = '^metadata_csum,^has_journal,^dir_index,^resize_inode';
  const options = ['-q', '-F', '-b', '4096', '-O', features, '-L', 'ota_cache_src'];
  expect(run(mkfsTool, [...options, stick]).status).toBe(0);
  // Its content becomes a directory, and its name says so.
  for (const command of [
    `write ${small} small`,
    `write ${content} file`,
    'sif /file mode 040755',
    `ln <${LARGE}> data`,
    'unlink file',
  ])
    expect(run(debugfsTool, ['-w', '-R', command, stick]).status).toBe(0);
  return stick;
}

/** What a look at the stick ends with, and how many reads it took. */
async function endOf(stick: string): Promise<{ code: string; params: object; reads: number }> {
  using source = new FileReader(stick);
  const ext4 = await Ext4Reader.open(boundedReader(source), 'stick');
  const found = findBlobs(
    ext4,
    () => undefined,
    () => 1,
    signal,
  );
  const error = await found.then(
    () => null,
    (reason: unknown) => toErrorData(reason),
  );
  return { code: error?.code ?? '', params: error?.params ?? {}, reads: source.reads };
}

const BLOCKS = 30_000;

testNeeding(
  [mkfsTool, debugfsTool],
  'a stick with ten million entries in a directory is given up, without reading all of it',
  async () => {
    expect(BLOCKS * 340).toBeGreaterThan(10_000_000);
    const { code, params, reads } = await endOf(
      stickWith(BLOCKS, (entry) => entry.toString(36).padStart(4, '0')),
    );
    expect([code, params]).toMatchObject(['filesystem-limit', { what: 'files', limit: 1_000_000 }]);
    // The inode tables of so small a stick, and a tenth of the directory.
    expect(reads).toBeLessThan(200);
  },
);

testNeeding(
  [mkfsTool, debugfsTool],
  'a stick on which two files have one name is damaged',
  async () => {
    const { code, params } = await endOf(
      stickWith(1, (entry) => String(entry % 100).padStart(4, '0')),
    );
    expect(code).toBe('filesystem-damaged');
    expect(JSON.stringify(params)).toContain('a name that is there twice');
  },
);
