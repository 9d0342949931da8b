import type { ImageSignature } from '../../../shared/model/job.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import { parseCertificate } from '../inspect/certificate.ts';
import { tokenDigest } from '../inspect/image-signature.ts';
import { METADATA_JWT, readClaims } from '../inspect/legacy/claims.ts';
import { MAX_JWT_BYTES, parseJwt } from '../inspect/legacy/jwt.ts';
import { parseIndexToken, uncheckedSignature } from '../inspect/v1/index-token.ts';
import { TOKEN } from '../inspect/v1/metafiles.ts';

const UNKNOWN: ImageSignature = { digest: null, signer: null };

/**
 * The signatures of a finished image, in the order of its manifest. Whether they are right is not asked here:
 * what cannot be read is null.
 */
export async function readSignatures(output: FinishedImage): Promise<ImageSignature[]> {
  const images = output.manifest?.image_meta ?? [];
  return Promise.all(
    images.map(async ({ image_format: format }, index) => {
      const read = reader(output, `meta/${index}/`);
      const token = await read(format === undefined ? METADATA_JWT : TOKEN);
      if (token === null) return UNKNOWN;
      const signer =
        format === undefined ? legacySigner(output.name, token, read) : v1Signer(token);
      return { digest: tokenDigest(token), signer: await signer.catch(() => null) };
    }),
  );
}

type Read = (name: string) => Promise<Uint8Array | null>;

/** Reads small files below a folder; null for what is not there or too large to be what it is called. */
function reader(output: FinishedImage, folder: string): Read {
  return async (name) => {
    const path = folder + name;
    const size = output.files.get(path);
    if (size === undefined || size > MAX_JWT_BYTES) return null;
    return (await output.readMany([path], MAX_JWT_BYTES)).get(path) ?? null;
  };
}

async function legacySigner(file: string, token: Uint8Array, read: Read): Promise<string | null> {
  const jwt = parseJwt(token);
  if (jwt === null) return null;
  const pem = await read(readClaims(file, jwt).certificate.name);
  return pem === null ? null : parseCertificate(pem).subject.replaceAll('\n', ', ');
}

// A promise, so that what it throws is handled as the other's.
// eslint-disable-next-line @typescript-eslint/require-await
async function v1Signer(token: Uint8Array): Promise<string | null> {
  return uncheckedSignature(parseIndexToken(token)).signer;
}
