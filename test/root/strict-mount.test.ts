import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFinishedExt4 } from '../../src/main/engine/finished/open-ext4.ts';
import { BuilderError } from '../../src/shared/errors.ts';
import { MemoryReader } from '../support/ext4/examine.ts';
import { materialise } from '../support/ext4/materialise.ts';
import { mountTool, tryMount, umountTool, whileMounted } from '../support/ext4/mounted.ts';
import { blobName, layoutOf } from '../support/ext4/plans.ts';
import { Image, type Poke } from '../support/ext4/tamper.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices } from '../support/tools.ts';

/**
 * A check is at least as strict as the kernel: what it takes is mounted without a word about the type, and the
 * kernel gives the same names with the same bytes.
 */

const SEED = 20261130;
/** Changed filesystems that the kernel judges where the check takes them; `NIGHTLY=1` runs more. */
const ROUNDS = process.env['NIGHTLY'] === '1' ? 10_000 : 80;
const BLOCK = 4096;
/** Larger files are not compared: none was made. */
const MAX_FILE = 1_000_000;
/** A hang, not slowness. */
const TIMEOUT = 1_200_000;

const CONTENTS = {
  directories: ['data', 'meta', 'meta/0'],
  files: [
    { path: 'manifest.json', size: 300 },
    ...Array.from({ length: 120 }, (_, index) => ({
      path: `data/${blobName(index)}`,
      size: (index % 4) * 3000,
    })),
    { path: 'meta/0/a', size: 10 },
  ],
};

/** SHA-256 of each file, by path. */
type Contents = ReadonlyMap<string, string>;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What the check sees; null where it refuses the image. */
async function checkedContents(bytes: Buffer): Promise<Contents | null> {
  const reader = new MemoryReader(bytes);
  try {
    const output = await openFinishedExt4('x', 'img', {
      size: bytes.length,
      read: (offset, length) => reader.read(offset, length),
      fill: async (offset, into) => into.set(await reader.read(offset, into.length)),
    });
    if (output.others.length > 0) return null;
    const { files } = output;
    // A hole may be as large as it likes; that it is not what was planned is found later.
    if (Math.max(...files.values()) > MAX_FILE) return null;
    const found = await output.readMany([...files.keys()], Math.max(...files.values()));
    return new Map([...found].map(([path, content]) => [path, digest(content)]));
  } catch (error) {
    if (error instanceof BuilderError) return null;
    throw error;
  }
}

function kernelContents(image: string): Contents {
  return whileMounted(image, 'ro', (folder) => {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return new Map(
      files.map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [path.slice(folder.length + 1), digest(readFileSync(path))];
      }),
    );
  });
}

const poke: fc.Arbitrary<Poke> = fc.oneof(
  ...(
    [
      ['superblock', 0, 0x3fb],
      ['superblock', 0, 0x3fb],
      ['inode', 150, 159],
      ['leaf', 3, 4083],
      ['directory', 3, 80],
      ['descriptor', 3, 0x1d],
      ['swap', 3, 20],
    ] as const
  ).map(([kind, which, at]) =>
    fc.record({
      kind: fc.constant(kind),
      which: fc.nat(which),
      at: fc.nat(at),
      value: fc.constantFrom(0, 1, 2, 3, 4, 7, 8, 16, 64, 99, 0x80, 0x1000, 0xffff, 0xffffffff),
      width: fc.constantFrom(1, 2, 4),
    }),
  ),
);

describeNeeding([needsLoopDevices(), mountTool, umountTool], 'what a check takes', () => {
  test(
    `is what the kernel mounts: ${ROUNDS} filesystems with right checksums`,
    { timeout: TIMEOUT },
    async () => {
      const path = join(tmpFolder(), 'x.img');
      materialise(layoutOf(CONTENTS, null), path);
      const pristine = readFileSync(path);
      let taken = 0;
      const property = fc.asyncProperty(
        fc.array(poke, { minLength: 1, maxLength: 2 }),
        async (pokes) => {
          const image = new Image(Buffer.from(pristine));
          for (const each of pokes) image.poke(each);
          const checked = await checkedContents(image.bytes);
          if (checked === null) return;
          taken++;
          writeFileSync(path, image.bytes);
          expect(tryMount(path)).toMatchObject({ status: 0 });
          expect(kernelContents(path)).toEqual(checked);
        },
      );
      await fc.assert(property, { seed: SEED, numRuns: ROUNDS });
      expect(taken).toBeGreaterThan(ROUNDS / 20);
      expect(taken).toBeLessThan(ROUNDS);
    },
  );

  test('is another thing where the kernel would give another content', async () => {
    const path = join(tmpFolder(), 'x.img');
    materialise(layoutOf(CONTENTS, null), path);
    const checked = await checkedContents(readFileSync(path));
    expect(checked?.size).toBe(CONTENTS.files.length);
    const image = new Image(readFileSync(path));
    const at = image.firstBlock('meta/0/a') * BLOCK;
    image.bytes.writeUInt8(image.bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, image.bytes);
    expect(kernelContents(path)).not.toEqual(checked);
  });
});
