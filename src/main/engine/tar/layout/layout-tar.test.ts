import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tmpFolder } from '../../../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../../../test/support/tools.ts';
import { openInput } from '../../archive/open-input.ts';
import type { PlannedFile } from '../../plan/build-plan.ts';
import { layoutTar } from './layout-tar.ts';

const tar = tool('tar');

testNeeding([tar], 'GNU tar lists files of any size and name where we put them', async () => {
  const sizes: [string, number][] = [
    ['manifest.json', 300],
    ['data/empty', 0],
    [`data/${'a'.repeat(64)}.zst`, 512],
    ['data/8 GiB less one', 8 * 2 ** 30 - 1],
    ['data/8 GiB', 8 * 2 ** 30],
    ['data/100 GiB', 100 * 2 ** 30],
    [`meta/0/${'long'.repeat(40)}.txt`, 13],
    [`meta/0/${'n'.repeat(240)}`, 14],
    ['meta/0/日本語の証明書.pem', 15],
  ];
  const files = sizes.map(([path, size]): PlannedFile => ({
    path,
    size,
    source: { kind: 'bytes', bytes: new Uint8Array(0) },
    contentDigest: { sha256: '', of: 'plain' },
  }));
  const layout = layoutTar({ directories: ['data', 'meta', 'meta/0'], files, timestamp: 1e9 });
  const path = join(tmpFolder(), 'sparse.tar');
  const fd = openSync(path, 'wx');
  ftruncateSync(fd, layout.size);
  let end = 0;
  for (const piece of layout.pieces()) {
    expect(piece.offset).toBe(end);
    if (piece.kind === 'bytes') writeSync(fd, piece.bytes, 0, piece.bytes.length, piece.offset);
    end = piece.offset + (piece.kind === 'bytes' ? piece.bytes.length : piece.length);
  }
  const { commit } = layout;
  expect(commit?.offset).toBe(end);
  // The end-of-archive mark is two blocks of zeros at least, and comes last.
  expect(commit?.bytes.length).toBeGreaterThanOrEqual(1024);
  writeSync(fd, commit?.bytes ?? Buffer.alloc(0), 0, commit?.bytes.length, end);
  closeSync(fd);
  expect(end + (commit?.bytes.length ?? 0)).toBe(layout.size);
  expect(layout.size % 10_240).toBe(0);
  const listed = execFileSync(tar.path, ['tvf', path, '--quoting-style=literal'], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  });
  const lines = listed
    .trim()
    .split('\n')
    .map((line) => {
      const [, size, name] = /^-\S+ \S+ +(\d+) 2001-09-09 01:46 \.\/(.*)$/.exec(line) ?? [];
      return [name, Number(size)];
    });
  expect(lines.filter(([name]) => name !== undefined)).toEqual(sizes);
  expect(lines.length).toBe(sizes.length + 4);
  const { members } = await openInput(path);
  expect(Array.from(members, ([name, { size }]) => [name, size])).toEqual(sizes);
});
