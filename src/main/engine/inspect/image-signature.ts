import { createHash } from 'node:crypto';
import type { ImageSignature } from '../../../shared/model/job.ts';
import type { Metafile } from './inspected-image.ts';
import { METADATA_JWT } from './legacy/claims.ts';
import { TOKEN } from './v1/metafiles.ts';

/**
 * What a payload is recognised by later.
 * @param metafiles as it puts them below meta/. @param signer as inspection found it.
 */
export function plannedSignature(
  metafiles: readonly Metafile[],
  signer: string | null,
): ImageSignature {
  const token = metafiles.find(({ name }) => name === METADATA_JWT || name === TOKEN);
  return { digest: token === undefined ? null : tokenDigest(token.bytes), signer };
}

/** SHA-256, in hex. Tokens have a few KiB, so that it is computed at once. */
export function tokenDigest(token: Uint8Array): string {
  return createHash('sha256').update(token).digest('hex');
}
