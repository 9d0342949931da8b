import { builderError } from '../../../../shared/errors.ts';
import type { ImageWarning, SignatureReport } from '../../../../shared/model/image-report.ts';
import type { ImageInput } from '../../archive/image-input.ts';
import { sha256Steps } from '../../sha256.ts';
import { runYielding, STEP_ITEMS, yieldToEventLoop, type Steps } from '../../event-loop.ts';
import type { InspectedImage, InspectOptions, Metafile } from '../inspected-image.ts';
import { signatureWarnings } from '../signature-warnings.ts';
import { findBlobs, type RegularFiles } from './blobs.ts';
import { METADATA_JWT, readClaims, signedFiles, type Claims } from './claims.ts';
import { MAX_JWT_BYTES, parseJwt } from './jwt.ts';
import { validateSigner } from './signer.ts';
import {
  isDirectoryLine,
  isPersistentLine,
  isSymlinkLine,
  LINES_PER_YIELD,
  MAX_TABLE_BYTES,
  MAX_TABLE_LINES,
  tableLines,
} from './tables.ts';

/** Whether an input claims to be a legacy image. */
export function isLegacy(input: ImageInput): boolean {
  return input.members.has(METADATA_JWT);
}

/**
 * Inspects an image of ota-metadata ("version 1 metadata"): claims, signature, hashes of the
 * metafiles, grammar of every line, presence and size of every blob. Contents of blobs are checked
 * when they are streamed.
 */
export async function inspectLegacy(
  input: ImageInput,
  options: InspectOptions,
): Promise<InspectedImage> {
  const file = input.path;
  const jwtBytes = await readOne(input, METADATA_JWT, MAX_JWT_BYTES, options.signal);
  const jwt = parseJwt(jwtBytes);
  if (jwt === null)
    throw builderError('metadata-invalid', { file, reason: 'metadata.jwt is not a JWT' });
  const claims = readClaims(file, jwt);
  const metafiles = await readMetafiles(input, claims, options.signal);
  const content = ({ name }: { name: string }) => metafiles.get(name) ?? new Uint8Array(0);

  const signature = await validateSigner(file, jwt, content(claims.certificate), options);
  const count = (claim: { name: string }, isLine: (line: string) => boolean) =>
    countLines(file, claim.name, content(claim), isLine, options.signal);
  const directories = await count(claims.directories, isDirectoryLine);
  const symlinks = await count(claims.symlinks, isSymlinkLine);
  const persistents = await count(claims.persistents, isPersistentLine);
  const regulars = await findBlobs(input, claims, content(claims.regulars), options.signal);

  return {
    report: {
      path: input.path,
      format: 'legacy',
      container: input.container,
      fingerprint: input.fingerprint,
      digest: await runYielding(sha256Steps(jwtBytes), options.signal),
      signature,
      payloads: [
        {
          ecuId: null,
          releaseKey: null,
          version: null,
          directories,
          symlinks,
          files: regulars.files,
          persistents,
          hardLinkedFiles: regulars.hardLinkedFiles,
          blobs: regulars.blobs.length,
          compressedBlobs: regulars.blobs.filter(({ contentDigest }) => contentDigest.of === 'zstd')
            .length,
          storedBytes: regulars.blobs.reduce((sum, { size }) => sum + size, 0),
          unpackedBytes: regulars.unpackedBytes,
        },
      ],
      warnings: await runYielding(warnings(input, claims, regulars, signature), options.signal),
    },
    payloads: [
      {
        blobs: regulars.blobs,
        metafiles: [
          { name: METADATA_JWT, bytes: jwtBytes },
          ...Array.from(metafiles, ([name, bytes]): Metafile => ({ name, bytes })),
        ],
      },
    ],
  };
}

async function readOne(
  input: ImageInput,
  name: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return (await input.readMany([name], maxBytes, signal)).get(name) ?? new Uint8Array(0);
}

/** Contents of the signed files, each checked against its hash. */
async function readMetafiles(
  input: ImageInput,
  claims: Claims,
  signal: AbortSignal | undefined,
): Promise<Map<string, Uint8Array>> {
  const file = input.path;
  const wanted = signedFiles(claims);
  for (const { name } of wanted)
    if (!input.members.has(name)) throw builderError('metafile-missing', { file, name });
  const names = wanted.map(({ name }) => name);
  const contents = await input.readMany(names, MAX_TABLE_BYTES, signal);
  for (const { name, hash } of wanted) {
    const bytes = contents.get(name) ?? new Uint8Array(0);
    if ((await runYielding(sha256Steps(bytes), signal)) !== hash)
      throw builderError('metafile-hash-mismatch', { file, name });
  }
  return new Map(names.map((name) => [name, contents.get(name) ?? new Uint8Array(0)]));
}

async function countLines(
  file: string,
  name: string,
  table: Uint8Array,
  isLine: (line: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<number> {
  let count = 0;
  for (const { text, number } of tableLines(table)) {
    if (number % LINES_PER_YIELD === 0) await yieldToEventLoop(signal);
    if (number > MAX_TABLE_LINES)
      throw builderError('table-limit', { file, name, limit: MAX_TABLE_LINES });
    if (!isLine(text)) throw builderError('line-invalid', { file, name, line: number });
    count++;
  }
  return count;
}

function* warnings(
  input: ImageInput,
  claims: Claims,
  regulars: RegularFiles,
  signature: SignatureReport,
): Steps<ImageWarning[]> {
  const found: ImageWarning[] = signatureWarnings(signature);
  const unlisted = yield* countUnlisted(input, claims, regulars);
  if (unlisted > 0) found.push({ code: 'unlisted-members', params: { count: unlisted } });
  if (regulars.sizesNotListed > 0)
    found.push({ code: 'sizes-not-listed', params: { count: regulars.sizesNotListed } });
  return found;
}

/** Members below data/ beyond the listed paths (those are in the archive, hard links included). */
function* countUnlisted(input: ImageInput, claims: Claims, { files }: RegularFiles): Steps<number> {
  let plain = 0;
  let seen = 0;
  for (const name of input.members.keys()) {
    if (++seen % STEP_ITEMS === 0) yield;
    if (name.startsWith(`${claims.rootfs}/`)) plain++;
  }
  return Math.max(0, plain - files);
}
