import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './ext4/oracles.ts';
import { tool, type Tool } from './tools.ts';

export const gnuTar = tool('tar');
export const bsdTar = tool('bsdtar');

/** Files by their paths with their bytes; what is no file has its kind instead. */
export type Extracted = ReadonlyMap<string, Buffer | 'folder' | 'other'>;

/** Attributes that the system cannot set, and words about times and keywords, tell nothing of contents. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  tar: ['--warning=no-timestamp', '--warning=no-unknown-keyword'],
  bsdtar: ['--no-xattrs', '--no-acls', '--no-fflags'],
};

/**
 * What a tool makes of an archive in an empty folder, or the words with which it fails or complains.
 * @param mayWarn whether words without a failure are none.
 */
export function extract(
  command: Tool,
  archive: string,
  folder: string,
  mayWarn = false,
): Extracted | string {
  mkdirSync(folder);
  const options = OPTIONS[command.name] ?? [];
  const { status, stderr } = run(command, [...options, '-xf', archive, '-C', folder]);
  return status === 0 && (mayWarn || stderr === '')
    ? contentsOf(folder)
    : `exit ${status ?? ''}: ${stderr}`;
}

export function contentsOf(folder: string): Extracted {
  const found = new Map<string, Buffer | 'folder' | 'other'>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const stats = lstatSync(join(folder, path));
    if (stats.isDirectory()) found.set(path, 'folder');
    else found.set(path, stats.isFile() ? readFileSync(join(folder, path)) : 'other');
  }
  return found;
}
