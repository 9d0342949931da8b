import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layoutOf } from '../../../../../test/support/ext4/plans.ts';
import { tmpFolder } from '../../../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../../../test/support/tools.ts';
import { PROBED_END, PROBED_FRONT } from './probed.ts';

const MIB = 1024 * 1024;
const blkid = tool('blkid');
const CONTENTS = { directories: ['data'], files: [{ path: 'data/blob', size: 12 * MIB }] };

/** A filesystem as small as may be, whose one file holds `bytes` again and again; `behind` first. */
function blkidOf(bytes: Uint8Array, behind: boolean): string {
  const layout = layoutOf(CONTENTS, null);
  const file = join(tmpFolder(), 'image');
  const descriptor = openSync(file, 'wx');
  ftruncateSync(descriptor, layout.size);
  const hostile = (length: number) => Buffer.alloc(length, bytes);
  if (behind) writeSync(descriptor, hostile(layout.size), 0, layout.size, 0);
  for (const piece of layout.pieces()) {
    const content =
      piece.kind === 'bytes'
        ? piece.bytes
        : piece.kind === 'file'
          ? hostile(piece.length)
          : Buffer.alloc(piece.length);
    writeSync(descriptor, content, 0, content.length, piece.offset);
  }
  const { offset, bytes: first } = layout.commit ?? { offset: 0, bytes: Buffer.alloc(0) };
  writeSync(descriptor, first, 0, first.length, offset);
  closeSync(descriptor);
  const args = ['-p', '-o', 'udev', file];
  const { stdout } = spawnSync(blkid.path, args, { encoding: 'utf8' });
  return (/ID_FS_(?:TYPE|AMBIVALENT)=(.*)/.exec(stdout)?.[1] ?? '').trim();
}

const repeated = (length: number, at: number, bytes: Buffer): Buffer => {
  const unit = Buffer.alloc(length);
  bytes.copy(unit, at);
  return unit;
};

for (const [title, bytes] of [
  ['VMFS’s volume', repeated(4096, 0, Buffer.from('0dd001c0', 'hex'))],
  ['VMFS', repeated(4096, 0, Buffer.from('5ef1ab2f', 'hex'))],
  ['Promise', repeated(512, 0, Buffer.from('Promise Technology, Inc.'))],
  ['JMicron', repeated(512, 0, Buffer.from('JM'))],
  ['a RAID of MD', repeated(65536, 0, Buffer.from('fc4e2ba9000000005a', 'hex'))],
] as const)
  testNeeding([blkid], `a file that says that it is ${title} hides nothing`, () => {
    expect(blkidOf(bytes, false)).toBe('ext4');
    // The oracle can fail: the same bytes in the places that no file gets.
    expect(blkidOf(bytes, true)).not.toBe('ext4');
  });

test('no file lies where libblkid looks, whatever the size', () => {
  for (const size of [null, 20 * MIB, 200 * MIB, 5000 * MIB]) {
    const layout = layoutOf(CONTENTS, size);
    for (const piece of layout.pieces()) {
      if (piece.kind !== 'file') continue;
      expect(piece.offset).toBeGreaterThanOrEqual(PROBED_FRONT);
      expect(piece.offset + piece.length).toBeLessThanOrEqual(layout.size - PROBED_END);
    }
  }
});
