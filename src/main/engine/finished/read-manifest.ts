import type { Manifest } from '../../../shared/model/manifest.ts';

/** A manifest has a few hundred bytes and one line for each ECU. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;

/** Strict as the vehicle's reader: no replacement of wrong bytes, no mark before the first one. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns null for what is no manifest of this layout. */
export async function readManifest(bytes: Uint8Array): Promise<Manifest | null> {
  // A build to a file needs no schemas, and starts sooner without.
  const { manifest } = await import('../../../shared/model-schemas.ts');
  try {
    return manifest.safeParse(JSON.parse(utf8.decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}
