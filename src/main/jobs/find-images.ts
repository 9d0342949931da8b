import { join } from 'node:path';
import { readdir, stat } from '../files/files.ts';
import { DETECT_BYTES, detectContainer } from '../engine/archive/detect-container.ts';
import { openOrdinary } from '../engine/stream/open-ordinary.ts';

/** Names at the top of an OTA image: legacy, v1. */
const IMAGE_TOPS = ['metadata.jwt', 'index.jwt', 'oci-layout'];

/** Entries of a folder that are looked at: a folder of images has some tens, a download folder thousands. */
const MAX_ENTRIES = 10_000;

/**
 * What a person means by these paths: of a folder that holds images all of them, in the order of their names;
 * every other path as it is. A folder that is an image itself, or holds none, stays what it is. Archives are known
 * by their content; folders in a folder are looked at, not what is deeper. Never rejects: what cannot be read is
 * said where it is inspected.
 * @param paths absolute.
 */
export async function findImages(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) found.push(...(await imagesAt(path, signal)));
  return found;
}

async function imagesAt(path: string, signal: AbortSignal | undefined): Promise<string[]> {
  const names = await namesIn(path);
  if (names === null || isImageFolder(names)) return [path];
  const images: string[] = [];
  for (const name of names.slice(0, MAX_ENTRIES)) {
    signal?.throwIfAborted();
    const child = join(path, name);
    // macOS keeps attributes in files that begin with "._"; on Linux a dot at the beginning hides a file.
    if (!name.startsWith('.') && (await isImage(child))) images.push(child);
  }
  return images.length === 0 ? [path] : images;
}

async function isImage(path: string): Promise<boolean> {
  const names = await namesIn(path);
  if (names !== null) return isImageFolder(names);
  try {
    await using handle = await openOrdinary(path);
    const head = new Uint8Array(DETECT_BYTES);
    const { bytesRead } = await handle.read(head, 0, DETECT_BYTES, 0);
    return detectContainer(head.subarray(0, bytesRead)) !== null;
  } catch {
    return false;
  }
}

function isImageFolder(names: readonly string[]): boolean {
  const isFinished = names.includes('manifest.json') && names.includes('data');
  return isFinished || IMAGE_TOPS.some((name) => names.includes(name));
}

/** Names in a folder, in the order in which people count; null for what is none, or cannot be read. */
async function namesIn(path: string): Promise<string[] | null> {
  try {
    if (!(await stat(path)).isDirectory()) return null;
    const names = await readdir(path);
    return names.sort(new Intl.Collator('en', { numeric: true }).compare);
  } catch {
    return null;
  }
}
