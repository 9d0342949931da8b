import type { ImageSignature } from '../../../shared/model/job.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import { tokenDigest } from '../inspect/image-signature.ts';
import { METADATA_JWT } from '../inspect/legacy/claims.ts';
import { MAX_METAFILE_BYTES, TOKEN } from '../inspect/v1/metafiles.ts';
import { signatureOf } from './signer.ts';

/**
 * The signatures of a finished image, in the order of its manifest. Whether they are right is not asked here:
 * what cannot be read is null.
 */
export async function readSignatures(output: FinishedImage): Promise<ImageSignature[]> {
  const found: ImageSignature[] = [];
  for (const [index, { image_format: format }] of (output.manifest?.image_meta ?? []).entries())
    found.push(await readSignature(output, index, format === 'ota-image-v1'));
  return found;
}

async function readSignature(
  output: FinishedImage,
  index: number,
  isV1: boolean,
): Promise<ImageSignature> {
  const path = `meta/${index}/${isV1 ? TOKEN : METADATA_JWT}`;
  if (!output.files.has(path)) return { digest: null, signer: null };
  try {
    const token = (await output.readMany([path], MAX_METAFILE_BYTES)).get(path);
    const unchecked = { caDir: null, checkSignature: false };
    const report = await signatureOf(output, index, isV1, unchecked).catch(() => null);
    return {
      digest: token === undefined ? null : tokenDigest(token),
      signer: report?.signer ?? null,
    };
  } catch {
    // Too large to be a token, or it cannot be read: a fault of its own.
    return { digest: null, signer: null };
  }
}
