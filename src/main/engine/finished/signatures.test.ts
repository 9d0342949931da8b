import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { MemoryReader } from '../../../../test/support/ext4/examine.ts';
import { materialise } from '../../../../test/support/ext4/materialise.ts';
import { blkidTool } from '../../../../test/support/ext4/oracles.ts';
import { LABEL, layoutOf } from '../../../../test/support/ext4/plans.ts';
import { SIGNATURES, type PlantedSignature } from '../../../../test/support/signatures.ts';
import { sharedTmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding } from '../../../../test/support/tools.ts';
import { BuilderError } from '../../../shared/errors.ts';
import { openFinishedExt4 } from './open-ext4.ts';
import { assertNoOtherSignature } from './signatures.ts';

/** The least that libblkid takes for a member of ZFS. */
const SIZE = 64 * 1024 * 1024;
/** The blocks before it are looked at with the superblock. */
const FIRST_PLACE = 2048;

/** Puts a signature into `bytes`, and gives what takes it back. */
function plant(bytes: Uint8Array, { bytes: pieces }: PlantedSignature): () => void {
  const before = pieces(bytes.length).map(
    ([at, piece]) => [at, bytes.slice(at, at + piece.length)] as const,
  );
  for (const [at, piece] of pieces(bytes.length)) bytes.set(piece, at);
  return () => before.forEach(([at, old]) => bytes.set(old, at));
}

async function codeOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => null,
    (error: unknown) => {
      if (error instanceof BuilderError) return error.code;
      throw error;
    },
  );
}

describe('the table of signatures knows', () => {
  const bytes = new Uint8Array(SIZE);
  const look = () => codeOf(assertNoOtherSignature(new MemoryReader(bytes), 'x'));
  const behind = SIGNATURES.filter(({ bytes: pieces }) =>
    pieces(SIZE).some(([at]) => at >= FIRST_PLACE),
  );

  test('nothing in zeros', async () => {
    expect(await look()).toBeNull();
  });

  test.each(behind)('$title', async (signature) => {
    const takeBack = plant(bytes, signature);
    // What else libblkid wants of these two is before the superblock.
    const isSeen = signature.title !== 'NTFS' && signature.title !== 'exfat';
    expect(await look()).toBe(isSeen ? 'filesystem-damaged' : null);
    takeBack();
    expect(await look()).toBeNull();
  });

  test('neither letters nor numbers that stand there by chance', async () => {
    const chance: PlantedSignature = {
      ...{ type: '', title: '' },
      bytes: (size) => [
        [
          size - 512,
          Buffer.from('JM but of no RAID, and much more text than its mode would allow'),
        ],
        [size - 512 + 0x60, Buffer.from('0000002f', 'hex')],
        [size - 4096 + 6, Buffer.from('3434', 'hex')],
        [51_200, Buffer.from('feedbabe', 'hex')],
        [128 * 1024, Buffer.from('0cb1ba0000000000', 'hex')],
        [16 * 1024, Buffer.from('0101', 'hex')],
      ],
    };
    const takeBack = plant(bytes, chance);
    expect(await look()).toBeNull();
    takeBack();
  });
});

describeNeeding([blkidTool], 'a finished image in which blkid sees', () => {
  const shared = sharedTmpFolder();
  const path = (): string => join(shared(), 'x.img');
  let bytes = Buffer.alloc(0);
  beforeAll(() => {
    const name = 'ab'.repeat(32);
    const contents = {
      directories: ['data', 'meta', 'meta/0'],
      files: [
        { path: 'manifest.json', size: 300 },
        { path: `data/${name}`, size: 20_000_000 },
      ],
    };
    materialise(layoutOf(contents, SIZE), path());
    bytes = readFileSync(path());
  });
  const save = (signature: PlantedSignature): void => {
    const descriptor = openSync(path(), 'r+');
    for (const [at, piece] of signature.bytes(SIZE))
      writeSync(descriptor, bytes, at, piece.length, at);
    closeSync(descriptor);
  };
  /** Whether blkid finds our filesystem there, by its label, and nothing else. */
  const isOurs = (): boolean => {
    const args = ['-p', '-o', 'udev', path()];
    const { stdout } = spawnSync(blkidTool.path, args, { encoding: 'utf8' });
    const isAlone = !/AMBIVALENT|ID_PART_TABLE/.test(stdout);
    return isAlone && stdout.includes('TYPE=ext4\n') && stdout.includes(`LABEL=${LABEL}\n`);
  };
  const verdict = () => {
    const reader = new MemoryReader(bytes);
    const filling = {
      size: SIZE,
      read: (offset: number, length: number) => reader.read(offset, length),
      fill: async (offset: number, into: Uint8Array) =>
        into.set(await reader.read(offset, into.length)),
    };
    return codeOf(openFinishedExt4('x', 'img', filling));
  };

  test('nothing else is taken', async () => {
    expect(isOurs()).toBe(true);
    expect(await verdict()).toBeNull();
  });

  test.each(SIGNATURES)('$title is refused', async (signature) => {
    const takeBack = plant(bytes, signature);
    save(signature);
    const [ours, found] = [isOurs(), await verdict()];
    takeBack();
    save(signature);
    expect({ ours, found }).toEqual({ ours: false, found: expect.any(String) as string });
  });
});
