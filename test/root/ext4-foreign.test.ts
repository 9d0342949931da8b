import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Ext4Reader } from '../../src/main/engine/ext4/reader/ext4-reader.ts';
import { FileReader, examine } from '../support/ext4/examine.ts';
import { mountTool, umountTool, whileMounted } from '../support/ext4/mounted.ts';
import { debugfsTool, mkfsTool, run } from '../support/ext4/oracles.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

const MIB = 1024 * 1024;
const fallocateTool = tool('fallocate');

/** What the kernel says about one path: kind, size, time and content. */
type View = Map<string, string>;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function kernelView(folder: string): View {
  const view: View = new Map();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const full = join(folder, path);
    const stat = lstatSync(full);
    const seconds = Math.floor(stat.mtimeMs / 1000);
    if (stat.isFile()) {
      view.set(path, `file ${stat.size} ${seconds} ${digest(readFileSync(full))}`);
    } else if (stat.isDirectory()) view.set(path, `directory ${stat.size} ${seconds}`);
    else view.set(path, `${stat.isSymbolicLink() ? 'symlink' : 'other'} ${stat.size} ${seconds}`);
  }
  return view;
}

async function readerView(path: string): Promise<View> {
  using source = new FileReader(path);
  const reader = await Ext4Reader.open(source, path);
  await reader.checkGroups();
  const view: View = new Map();
  for await (const node of reader.walk()) {
    let text = `${node.kind} ${node.size} ${node.modified}`;
    if (node.kind === 'file') {
      const hash = createHash('sha256');
      for await (const chunk of reader.content(node)) hash.update(chunk);
      text += ` ${hash.digest('hex')}`;
      expect(await reader.stat(node.path)).toMatchObject({ inode: node.inode });
    }
    view.set(node.path, text);
  }
  return view;
}

/** A bit of everything that the kernel does with a filesystem. */
function populate(folder: string): void {
  mkdirSync(join(folder, 'many'));
  const names = ['data', '日本語のファイル', 'ähnlich', 'x'.repeat(200)];
  for (let index = 0; index < 900; index++) {
    writeFileSync(join(folder, 'many', `${names[index % 4] ?? ''} ${index}`), `content ${index}`);
  }
  for (let index = 0; index < 900; index += 3) {
    rmSync(join(folder, 'many', `${names[index % 4] ?? ''} ${index}`));
  }
  mkdirSync(join(folder, 'a/deeply/nested/folder'), { recursive: true });
  writeFileSync(join(folder, 'a/deeply/nested/folder/empty'), '');
  writeFileSync(join(folder, 'large'), Buffer.alloc(5 * MIB + 17, 'large '));
  symlinkSync('large', join(folder, 'short link'));
  symlinkSync('long/'.repeat(40), join(folder, 'long link'));
  const sparse = openSync(join(folder, 'sparse'), 'w');
  writeSync(sparse, 'in the middle', 3 * MIB + 100);
  ftruncateSync(sparse, 9 * MIB + 1);
  closeSync(sparse);
  // Every other block: hundreds of extents, more than a block of the tree holds.
  const scattered = openSync(join(folder, 'scattered'), 'w');
  for (let index = 0; index < 500; index++)
    writeSync(scattered, `${index}`, (index * 2 * 65536) / 8);
  fsyncSync(scattered);
  closeSync(scattered);
  run(fallocateTool, ['-l', '1M', join(folder, 'reserved')]);
  const reserved = openSync(join(folder, 'reserved'), 'r+');
  writeSync(reserved, 'written', 300_000);
  closeSync(reserved);
}

function make(options: readonly string[]): string {
  const path = join(tmpFolder(), 'foreign.img');
  writeFileSync(path, '');
  truncateSync(path, 128 * MIB);
  const { status, stderr } = run(mkfsTool, ['-q', '-F', ...options, path]);
  if (status !== 0) throw new Error(stderr);
  return path;
}

describeNeeding(
  [needsLoopDevices(), mountTool, umountTool, mkfsTool, debugfsTool, fallocateTool],
  'reads what mkfs.ext4 and the kernel wrote',
  () => {
    test.each([
      '',
      '-b 1024',
      '-b 2048 -I 128',
      '-I 512',
      '-O ^64bit',
      '-O ^metadata_csum',
      '-O ^metadata_csum,uninit_bg',
      '-O ^metadata_csum,^uninit_bg,^64bit -b 1024',
      '-O ^dir_index',
      '-O ^flex_bg',
      '-O ^resize_inode,meta_bg -b 1024',
      '-O bigalloc -C 65536',
      '-O bigalloc -b 4096',
      '-b 4096',
      '-O sparse_super2',
      '-O ^sparse_super,^resize_inode',
      '-O ^has_journal',
      '-O large_dir -b 4096',
      '-O metadata_csum_seed',
      '-O ea_inode',
      '-O mmp',
      '-g 4096 -N 4000 -G 4',
      '-E hash_seed=01234567-89ab-cdef-0123-456789abcdef',
    ])('made with "%s"', async (options) => {
      const path = make(options.split(' ').filter((option) => option !== ''));
      whileMounted(path, 'rw', populate);
      const expected = whileMounted(path, 'ro', kernelView);
      expect(expected.size).toBeGreaterThan(600);
      expect(await readerView(path)).toEqual(expected);
    });

    test.each([
      ['def_hash_version', 'tea'],
      ['def_hash_version', 'legacy'],
      // Names hash their bytes as unsigned, as on ARM.
      ['flags', '2'],
    ])('with %s %s', async (field, value) => {
      const path = make([]);
      run(debugfsTool, ['-w', '-R', `set_super_value ${field} ${value}`, path]);
      whileMounted(path, 'rw', populate);
      expect(await readerView(path)).toEqual(whileMounted(path, 'ro', kernelView));
    });

    test.each([
      ['-O inline_data', 'inline_data'],
      ['-O ^extent,^64bit', 'block maps'],
      ['-t ext2', 'block maps'],
    ])('refuses with a clear word what it cannot read: "%s"', async (options, word) => {
      const path = make(options.split(' '));
      using source = new FileReader(path);
      await expect(
        (async () => {
          whileMounted(path, 'rw', (folder) => writeFileSync(join(folder, 'a'), 'b'));
          await examine(source);
        })(),
      ).rejects.toMatchObject({
        data: {
          code: 'filesystem-unsupported',
          params: { feature: expect.stringContaining(word) as string },
        },
      });
    });

    test.each(['encrypt', 'casefold'])('refuses the feature %s', async (feature) => {
      using source = new FileReader(make(['-O', feature]));
      await expect(Ext4Reader.open(source, 'x')).rejects.toMatchObject({
        data: { code: 'filesystem-unsupported', params: { feature } },
      });
    });

    test('refuses a journal that was not replayed', async () => {
      const path = make([]);
      run(debugfsTool, ['-w', '-R', 'feature +needs_recovery', path]);
      using source = new FileReader(path);
      await expect(Ext4Reader.open(source, 'x')).rejects.toMatchObject({
        data: { code: 'filesystem-unsupported', params: { feature: 'a journal to be replayed' } },
      });
    });
  },
);
