import { z } from 'zod';
import type { Manifest } from '../../../shared/model/manifest.ts';

/** A manifest has a few hundred bytes and one line for each ECU. */
export const MANIFEST_BYTES_MAX = 1024 * 1024;

const count = z.number().int().nonnegative();

const schema = z.object({
  schema_version: z.literal(1),
  image_layout_version: z.literal(1),
  build_timestamp: count,
  data_size: count,
  data_files_num: count,
  meta_size: count,
  image_meta: z.array(
    z.object({
      ecu_id: z.string(),
      image_version: z.string(),
      ota_metadata_version: z.literal(1),
      image_format: z.literal('ota-image-v1').exactOptional(),
    }),
  ),
});

/** @returns null for what is no manifest of this layout. */
export function readManifest(bytes: Uint8Array): Manifest | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}
