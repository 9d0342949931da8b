import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/programs');

/** All that the bundles are made of. */
const SOURCES = [
  'src/{main,shared}/**/*.ts',
  'scripts/{build-writer,bundle-program}.ts',
  'package-lock.json',
];

/**
 * The folder of the bundled launcher, writer and sudo-prompt host of these sources: made once and then kept by what
 * they are made of. Not `out/writer`, which the tests of the app's window build at the same time.
 */
export function bundledPrograms(): string {
  const hash = createHash('sha256').update(process.version);
  for (const name of globSync(SOURCES, { cwd: ROOT, exclude: ['**/*.test.ts'] }).sort())
    hash.update(`\0${name}\0`).update(readFileSync(join(ROOT, name)));
  const folder = join(CACHE, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  // Built aside and renamed: an interrupted build is never taken for a whole one.
  const draft = mkdtempSync(join(CACHE, 'draft-'));
  execFileSync(process.execPath, ['scripts/build-writer.ts', draft], { cwd: ROOT, stdio: 'pipe' });
  renameSync(draft, folder);
  return folder;
}
