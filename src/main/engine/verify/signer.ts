import { builderError } from '../../../shared/errors.ts';
import type { SignatureReport, SignatureState } from '../../../shared/model/image-report.ts';
import { wallClock } from '../../../shared/wall-clock.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import type { InspectOptions } from '../inspect/inspected-image.ts';
import { METADATA_JWT, readClaims } from '../inspect/legacy/claims.ts';
import { MAX_JWT_BYTES, parseJwt } from '../inspect/legacy/jwt.ts';
import { validateSigner } from '../inspect/legacy/signer.ts';
import { MAX_TABLE_BYTES } from '../inspect/legacy/tables.ts';

/**
 * Checks who signed the metadata in meta/<index>/ of a finished image, as of an OTA image. Whether the metadata is
 * what was signed is checked elsewhere.
 * @throws what checking the signer of an OTA image throws.
 */
export async function signatureOf(
  image: FinishedImage,
  index: number,
  isV1: boolean,
  options: InspectOptions,
): Promise<SignatureReport> {
  const folder = `meta/${index}/`;
  const file = image.name;
  const read = async (name: string, maxBytes: number): Promise<Uint8Array> =>
    (await image.readMany([folder + name], maxBytes)).get(folder + name) ?? new Uint8Array(0);
  if (isV1) {
    // Its schemas are slow to load, and images of the older format need none.
    const [
      { parseIndexToken, uncheckedSignature, verifyIndexToken },
      { MAX_METAFILE_BYTES, TOKEN },
    ] = await Promise.all([
      import('../inspect/v1/index-token.ts'),
      import('../inspect/v1/metafiles.ts'),
    ]);
    const token = parseIndexToken(await read(TOKEN, MAX_METAFILE_BYTES));
    const { caDir, checkSignature } = options;
    return checkSignature
      ? verifyIndexToken(token, { file, caDir, now: wallClock() })
      : uncheckedSignature(token);
  }
  const jwt = parseJwt(await read(METADATA_JWT, MAX_JWT_BYTES));
  if (jwt === null)
    throw builderError('metadata-invalid', { file, reason: 'metadata.jwt is not a JWT' });
  const { certificate } = readClaims(file, jwt);
  return validateSigner(file, jwt, await read(certificate.name, MAX_TABLE_BYTES), options);
}

const WEAKEST_FIRST: readonly SignatureState[] = ['unchecked', 'unanchored', 'anchored'];

/** One report for several signatures: of the weakest state, and valid while all of them are. */
export function joinSignatures(signatures: readonly SignatureReport[]): SignatureReport {
  const state = WEAKEST_FIRST.find((each) => signatures.some((one) => one.state === each));
  const dates = (field: 'validFrom' | 'validTo') =>
    signatures.flatMap((one) => one[field] ?? []).sort((a, b) => Date.parse(a) - Date.parse(b));
  return {
    state: state ?? 'unchecked',
    signer: joined(signatures.map(({ signer }) => signer)),
    chain: joined(signatures.map(({ chain }) => chain)),
    validFrom: dates('validFrom').at(-1) ?? null,
    validTo: dates('validTo')[0] ?? null,
  };
}

/** Each once; null where there is none. */
function joined(texts: readonly (string | null)[]): string | null {
  const known = new Set(texts.filter((text) => text !== null));
  return known.size === 0 ? null : Array.from(known).join('; ');
}
