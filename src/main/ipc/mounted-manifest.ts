import { join } from 'node:path';
import type { Drive } from '../../shared/model/drive.ts';
import { CACHE_LABEL, type Manifest } from '../../shared/model/manifest.ts';
import { MAX_MANIFEST_BYTES, readManifest } from '../engine/finished/read-manifest.ts';
import { constants, open } from '../files/files.ts';

/**
 * The manifest of an offline OTA image on a drive that the desktop has mounted, read with the person's own rights.
 * Nothing of it is proved. @returns null where there is none that can be read.
 */
export async function mountedManifest({ labels, mounts }: Drive): Promise<Manifest | null> {
  if (!labels.includes(CACHE_LABEL)) return null;
  for (const { path, pinned } of mounts) {
    const found = pinned ? null : await manifestIn(path).catch(() => null);
    if (found !== null) return found;
  }
  return null;
}

async function manifestIn(folder: string): Promise<Manifest | null> {
  // Anything may be on a stick: a symbolic link would lead to another file, and a pipe would never end.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using file = await open(join(folder, 'manifest.json'), flags);
  const stat = await file.stat();
  if (!stat.isFile() || stat.size > MAX_MANIFEST_BYTES) return null;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(stat.size), 0, stat.size, 0);
  return await readManifest(buffer.subarray(0, bytesRead));
}
