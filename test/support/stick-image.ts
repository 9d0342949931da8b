import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tool } from './tools.ts';

export const LABEL = 'ota_cache_src';

const CHUNK = 1024 * 1024;

/** Makes an ext4 filesystem with the label and `fill` bytes of content that differ everywhere. */
export function makeStickImage(folder: string, size: number, fill: number): Uint8Array {
  const content = join(folder, 'content');
  const image = join(folder, 'stick.img');
  const file = openSync(content, 'w');
  for (let done = 0; done < fill; done += CHUNK)
    writeSync(file, noise(Math.min(CHUNK, fill - done), done));
  closeSync(file);
  closeSync(openSync(image, 'w'));
  truncateSync(image, size);
  const options = [
    '-q',
    '-F',
    '-O',
    '^has_journal,^resize_inode',
    '-E',
    'lazy_itable_init=0',
    '-m',
    '0',
  ];
  execFileSync(tool('mke2fs').path, [...options, '-t', 'ext4', '-b', '4096', '-L', LABEL, image], {
    stdio: 'pipe',
  });
  execFileSync(tool('debugfs').path, ['-w', '-R', `write ${content} data`, image], {
    stdio: 'pipe',
  });
  return readFileSync(image);
}

/** Bytes that look random but are the same for the same `seed`. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  const block = createHash('sha512').update(String(seed)).digest();
  for (let offset = 0; offset < length; offset += 64) {
    block.writeUInt32LE(offset, 0);
    block.copy(bytes, offset);
  }
  return bytes;
}

/** What blkid, reading past every cache of its own, says of a device or file; '' when nothing. */
export function labelOf(path: string): string {
  try {
    const args = ['--probe', '--output', 'value', '--match-tag', 'LABEL', path];
    return execFileSync(tool('blkid').path, args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
