import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MemoryReader, examine } from '../../../../../test/support/ext4/examine.ts';
import { materialise } from '../../../../../test/support/ext4/materialise.ts';
import { debugfsTool, mkfsTool, run } from '../../../../../test/support/ext4/oracles.ts';
import { layoutOf, randomSource, stickContents } from '../../../../../test/support/ext4/plans.ts';
import { sharedTmpFolder } from '../../../../../test/support/tmp.ts';
import { describeNeeding } from '../../../../../test/support/tools.ts';
import { BuilderError } from '../../../../shared/errors.ts';

const ROUNDS = process.env['NIGHTLY'] === '1' ? 20_000 : 500;
const MAX_MEMORY = 512 * 1024 * 1024;
/** A hang, not slowness: one look takes some milliseconds. */
const HANG_MS = 20_000;

/** Values that overflow, loop or point outside. */
const EVIL = [0, 1, 2, 3, 4, 8, 11, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 0xf30a];

/** Changes a few fields, mostly where metadata is. */
function mutate(image: Uint8Array, random: () => number, metadataEnd: number): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (let count = 1 + Math.floor(random() * 6); count > 0; count--) {
    const inSuperblock = random() < 0.2;
    const limit = inSuperblock ? 1024 : random() < 0.9 ? metadataEnd : image.length - 4;
    const at = (inSuperblock ? 1024 : 0) + Math.floor((random() * (limit - 4)) / 2) * 2;
    const value = EVIL[Math.floor(random() * EVIL.length)] ?? 0;
    const kind = random();
    if (kind < 0.3) image[at] = (image[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    else if (kind < 0.5) view.setUint16(at, value, true);
    else if (kind < 0.7) view.setUint32(at, value, true);
    // Structures in each other's place: their checks of themselves then pass.
    else if (kind < 0.85)
      image.copyWithin(at & ~15, Math.floor(random() * limit) & ~15, (at & ~15) + 64);
    else {
      const block = Math.floor((random() * metadataEnd) / 1024) * 1024;
      image.copyWithin(at & ~1023, block, block + 1024);
    }
  }
}

describeNeeding([mkfsTool, debugfsTool], 'a mutated image', () => {
  const folder = sharedTmpFolder();

  /** Without checksums every lie gets through to the code that has to see it. */
  function unprotected(options: readonly string[]): Uint8Array {
    const path = join(folder(), 'unprotected.img');
    writeFileSync(path, '');
    truncateSync(path, 4 * 1024 * 1024);
    const features = '^metadata_csum,^has_journal,^resize_inode,dir_index';
    const made = run(mkfsTool, ['-q', '-F', '-N', '600', '-O', features, ...options, path]);
    expect(made.stderr).toBe('');
    const content = join(folder(), 'content');
    writeFileSync(content, Buffer.alloc(70_000, 'content'));
    const commands = ['mkdir a', 'mkdir a/b', 'mkdir many', `write ${content} a/file`];
    for (let index = 0; index < 150; index++) {
      commands.push(
        `write ${index % 10 === 0 ? content : '/dev/null'} many/${'n'.repeat(40)}${index}`,
      );
    }
    run(debugfsTool, ['-w', '-f', '-', path], `${commands.join('\n')}\n`);
    // debugfs makes no index; e2fsck -D does.
    run({ ...mkfsTool, path: mkfsTool.path.replace('mkfs.ext4', 'e2fsck') }, ['-fyD', path]);
    return readFileSync(path);
  }

  function ours(): Uint8Array {
    const path = join(folder(), 'ours.img');
    materialise(layoutOf(stickContents(300, 3000), null), path);
    return readFileSync(path);
  }

  test.each<[string, () => Uint8Array, number]>([
    ['1 KiB blocks without checksums', () => unprotected(['-b', '1024']), 500_000],
    ['4 KiB blocks without checksums', () => unprotected(['-b', '4096']), 500_000],
    ['ours', ours, 500_000],
  ])(
    'of %s is read or refused, without a crash, a hang or much memory',
    async (_, make, metadataEnd) => {
      const original = make();
      const intact = (await examine(new MemoryReader(original))).length;
      expect(intact).toBeGreaterThan(100);
      const random = randomSource(original.length);
      let refused = 0;
      const unexpected: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        // Not slice(): of a Buffer that is no copy.
        const image = new Uint8Array(original);
        mutate(image, random, metadataEnd);
        const start = performance.now();
        try {
          await examine(new MemoryReader(image));
        } catch (error) {
          refused++;
          if (!(error instanceof BuilderError && error.code.startsWith('filesystem-'))) {
            unexpected.push(`round ${round}: ${String(error)}`);
          }
        }
        if (performance.now() - start > HANG_MS) unexpected.push(`round ${round} took too long`);
        if (process.memoryUsage.rss() > MAX_MEMORY) unexpected.push(`round ${round} took memory`);
      }
      expect(unexpected.slice(0, 5)).toEqual([]);
      // Some lies do no harm, most are seen.
      expect(refused).toBeGreaterThan(ROUNDS / 5);
      expect(refused).toBeLessThan(ROUNDS);
    },
    600_000,
  );
});
