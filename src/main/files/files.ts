/**
 * The way to people's files: images, outputs, CA folders.
 *
 * Electron changes Node's `fs`: it takes every path with `.asar` in it for an archive that can be entered like a
 * folder, in worker threads and in plain Node (ELECTRON_RUN_AS_NODE) as well. An image called `x.asar` could not be
 * opened then, nor a file in a folder of that name. Electron keeps the unchanged functions in its module
 * `original-fs`, which plain Node does not have.
 */
import * as nodeFs from 'node:fs';
import * as nodePromises from 'node:fs/promises';

const original = process.getBuiltinModule('original-fs') as typeof nodeFs | undefined;

export const {
  closeSync,
  constants,
  fstatSync,
  open: openWithCallback,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
} = original ?? nodeFs;

export const {
  access,
  link,
  lstat,
  mkdir,
  open,
  opendir,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  unlink,
} = original?.promises ?? nodePromises;
