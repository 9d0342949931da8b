import type { Manifest } from '../../../shared/model/manifest.ts';

/** A manifest has a few hundred bytes and one line for each ECU. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;

/** @returns null for what is no manifest of this layout. */
export async function readManifest(bytes: Uint8Array): Promise<Manifest | null> {
  // A build to a file needs no schemas, and starts sooner without.
  const { manifest } = await import('../../../shared/model-schemas.ts');
  try {
    return manifest.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}
