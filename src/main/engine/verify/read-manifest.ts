import { manifest } from '../../../shared/model-schemas.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';

/** A manifest has a few hundred bytes and one line for each ECU. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;

/** @returns null for what is no manifest of this layout. */
export function readManifest(bytes: Uint8Array): Manifest | null {
  try {
    return manifest.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}
