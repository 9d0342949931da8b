import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const CORPUS = join(import.meta.dirname, 'corpus');

/**
 * Seeds of a target and the inputs that have broken it before, in the order of their names. A name in
 * `.gz` is unpacked: filesystems are mostly zeros.
 */
export function loadCorpus(target: string): Buffer[] {
  const folder = join(CORPUS, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    });
}
