import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStickTarget } from '../../src/main/elevation/stick-target.ts';
import { checkoutEntries, findWriterProgram } from '../../src/main/elevation/writer-program.ts';
import { toErrorData } from '../../src/shared/errors.ts';
import { cli, SAMPLES } from '../support/cli.ts';
import { loopDevice } from '../support/loop.ts';
import { SIGNATURES, type PlantedSignature } from '../support/signatures.ts';
import { LABEL, labelOf, makeStickImage } from '../support/stick-image.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, testNeeding, tool } from '../support/tools.ts';
import { writeStick } from '../support/write-stick.ts';

const MIB = 1024 * 1024;
/** The least that libblkid takes for a member of ZFS. */
const SIZE = 64 * MIB;
const blkid = tool('blkid');
const sfdisk = tool('sfdisk');
const mount = tool('mount');
const umount = tool('umount');
const partx = tool('partx');

/** @param at where in the file the device begins that they are on. @param size of that device. */
function plant(
  file: string,
  signatures: readonly PlantedSignature[],
  { at = 0, size = SIZE } = {},
): void {
  const descriptor = openSync(file, 'r+');
  try {
    for (const { bytes } of signatures)
      for (const [offset, piece] of bytes(size))
        writeSync(descriptor, piece, 0, piece.length, at + offset);
  } finally {
    closeSync(descriptor);
  }
}

const promiseAt3087 = SIGNATURES.filter(({ title }) => title.includes(' 3087 '));

/** All that blkid finds by itself, past every cache. */
function found(path: string): string {
  const args = ['-p', '-o', 'udev', path];
  return spawnSync(blkid.path, args, { encoding: 'utf8' }).stdout;
}

function expectOurs(device: string): void {
  expect(found(device)).toContain('ID_FS_TYPE=ext4\n');
  expect(found(device)).toContain(`ID_FS_LABEL=${LABEL}\n`);
  expect(found(device)).not.toMatch(/AMBIVALENT|ID_PART_TABLE/);
  const folder = tmpFolder();
  // Without a type: mount asks libblkid what it is.
  execFileSync(mount.path, ['-o', 'ro', device, folder]);
  try {
    expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).not.toBe('');
  } finally {
    execFileSync(umount.path, [folder]);
  }
}

async function build(device: string): Promise<void> {
  const image = `--image=p1:${join(SAMPLES, 'p1_image.tgz')}`;
  const { exit, stderr } = await cli([image, '-w', device, '--allow-fixed', '--confirm-write-to']);
  expect(exit, stderr).toBe(0);
}

/** As few sets as have no two signatures in one place. */
function sets(): PlantedSignature[][] {
  const all: PlantedSignature[][] = [];
  const overlap = (a: PlantedSignature, b: PlantedSignature) =>
    a
      .bytes(SIZE)
      .some(([from, bytes]) =>
        b.bytes(SIZE).some(([at, other]) => from < at + other.length && at < from + bytes.length),
      );
  for (const signature of SIGNATURES) {
    const room = all.find((set) => !set.some((other) => overlap(signature, other)));
    if (room === undefined) all.push([signature]);
    else room.push(signature);
  }
  return all;
}

describeNeeding([blkid], 'blkid sees on a drive', () => {
  test.each(SIGNATURES)('$title', (signature) => {
    const file = join(tmpFolder(), 'drive');
    const descriptor = openSync(file, 'wx');
    ftruncateSync(descriptor, SIZE);
    closeSync(descriptor);
    plant(file, [signature]);
    expect(found(file)).toContain(`ID_FS_TYPE=${signature.type}\n`);
  });
});

describeNeeding([needsLoopDevices(), blkid, mount, umount, sfdisk], 'a stick', () => {
  test.each(sets().map((set) => [set.map(({ title }) => title).join(', '), set] as const))(
    'is found by its label where there was before: %s',
    async (_, set) => {
      const device = loopDevice({ size: SIZE, fill: (file) => plant(file, set) });
      expect(found(device.path)).not.toBe('');
      await build(device.path);
      expectOurs(device.path);
    },
  );

  test.each(['dos', 'gpt'])('is found where there was a partition table: %s', async (table) => {
    const input = `label: ${table}\nstart=1M,size=16M\n`;
    const fill = (file: string) =>
      void execFileSync(sfdisk.path, ['--quiet', file], { input, stdio: 'pipe' });
    const device = loopDevice({ size: SIZE, fill });
    expect(found(device.path)).toContain(`ID_PART_TABLE_TYPE=${table}\n`);
    await build(device.path);
    expectOurs(device.path);
  });

  testNeeding(
    [partx],
    'whose partition is written has ours there, and what is elsewhere stays',
    async () => {
      const [at, size] = [16 * MIB, 2 * SIZE];
      const [signatures = []] = sets();
      const fill = (file: string) => {
        const input = `start=${String(at / 512)},size=${String(SIZE / 512)}\n`;
        execFileSync(sfdisk.path, ['--quiet', file], { input, stdio: 'pipe' });
        plant(file, signatures, { at });
        plant(file, promiseAt3087, { size });
      };
      const device = loopDevice({ size, fill });
      // By hand: not every kernel knows this kind of partition table.
      execFileSync(partx.path, ['--add', device.path], { stdio: 'pipe' });
      onTestFinished(() => void execFileSync(partx.path, ['--delete', device.path]));
      const partition = `${device.path}p1`;
      const raid = 'ID_FS_TYPE=promise_fasttrack_raid_member\n';
      expect(found(partition)).toMatch(/ID_FS_TYPE|AMBIVALENT/);
      expect(found(device.path)).toContain(raid);
      const before = readFileSync(device.file);
      await build(partition);
      expectOurs(partition);
      expect(found(device.path)).toContain(raid);
      const after = readFileSync(device.file);
      expect(after.subarray(0, at).equals(before.subarray(0, at))).toBe(true);
      expect(after.subarray(at + SIZE).equals(before.subarray(at + SIZE))).toBe(true);
    },
  );

  test('gets no label where a signature comes back that was cleared', async () => {
    const device = loopDevice({ size: SIZE });
    const { identity } = await device.resolve();
    const target = await openStickTarget({
      ...{ identity, allowFixed: true, program: findWriterProgram(checkoutEntries(), 'write') },
    });
    onTestFinished(() => target.close());
    const image = makeStickImage(tmpFolder(), 16 * MIB, 8 * MIB);
    const written = writeStick(target, image, (phase) => {
      // As a device would that brings old contents back.
      if (phase === 'commit') plant(device.file, promiseAt3087);
    });
    expect(await written.then(() => null, toErrorData)).toEqual({
      code: 'drive-hidden',
      params: { drive: expect.any(String) as string, found: 'promise_fasttrack_raid_member' },
    });
    await target.close();
    expect(labelOf(device.path)).toBe('');
    const block = Buffer.alloc(4096);
    expect(readFileSync(device.file).subarray(0, 4096).equals(block)).toBe(true);
  });
});

describe('the sets of signatures', () => {
  test('hold each of them once', () => {
    expect(sets().flat()).toHaveLength(SIGNATURES.length);
    expect(new Set(sets().flat())).toEqual(new Set(SIGNATURES));
    expect(sets().length).toBeLessThan(SIGNATURES.length / 3);
  });
});
