import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { put, SAMPLES } from '../../../test/support/cli.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { findImages } from './find-images.ts';

/** What is found for a folder, relative to it. */
async function foundIn(folder: string): Promise<string[]> {
  return (await findImages([folder])).map((path) => relative(folder, path) || '.');
}

function folderWith(...files: readonly string[]): string {
  const folder = tmpFolder();
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    put(folder, file, '');
  }
  return folder;
}

const copySample = (folder: string, as: string): void =>
  copyFileSync(join(SAMPLES, 'p1_image.tgz'), join(folder, as));

test('a folder that holds images stands for all of them, as people count, and for nothing else in it', async () => {
  const folder = folderWith('notes.txt', 'sums.sha256', 'deep/er/x', 'unpacked/metadata.jwt');
  // Known by what is in it, whatever it is called.
  for (const name of ['image10.tgz', 'image9.tgz', 'renamed', '._image9.tgz', '.hidden.tgz'])
    copySample(folder, name);
  mkdirSync(join(folder, 'also'));
  copySample(join(folder, 'also'), 'deeper.tgz');
  symlinkSync('/etc', join(folder, 'link'));
  expect(await foundIn(folder)).toEqual(['image9.tgz', 'image10.tgz', 'renamed', 'unpacked']);
});

test.each([
  ['of ota-metadata', ['metadata.jwt']],
  ['an OTA image v1', ['oci-layout', 'index.json']],
  ['finished', ['manifest.json', 'data/x', 'meta/0/x']],
])('a folder that is an image itself (%s) stays one', async (_, files) => {
  const folder = folderWith(...files);
  copySample(folder, 'beside.tgz');
  expect(await foundIn(folder)).toEqual(['.']);
});

test('what holds no image, is none, or cannot be read is left to the inspection', async () => {
  const folder = folderWith('notes.txt');
  writeFileSync(join(folder, 'manifest.json'), '{}');
  expect(await foundIn(folder)).toEqual(['.']);
  const secret = tmpFolder();
  chmodSync(secret, 0);
  const paths = [join(folder, 'notes.txt'), join(folder, 'missing'), secret, '/dev/null'];
  expect(await findImages(paths)).toEqual(paths);
});
