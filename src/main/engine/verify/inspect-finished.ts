import { BuilderError, builderError } from '../../../shared/errors.ts';
import type { CheckFault } from '../../../shared/model/job.ts';
import type { SignatureReport } from '../../../shared/model/image-report.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { fingerprint } from '../archive/fingerprint.ts';
import type { ContentDigest } from '../content/digest.ts';
import { locationOffset, type Member } from '../content/member-location.ts';
import { atOnce, Pace, runYielding, yieldToEventLoop } from '../event-loop.ts';
import { openFinished } from '../finished/open-finished.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import { MAX_MANIFEST_BYTES, readManifest } from '../finished/read-manifest.ts';
import type {
  InspectedBlob,
  InspectedFinished,
  InspectOptions,
  Metafile,
} from '../inspect/inspected-image.ts';
import { MAX_TABLE_BYTES } from '../inspect/legacy/tables.ts';
import { MemberBlob } from '../inspect/member-blob.ts';
import { signatureWarnings } from '../inspect/signature-warnings.ts';
import { sha256Steps } from '../sha256.ts';
import { sortInSteps } from '../sort.ts';
import { examine, figuresOf, validateFigures, type Examined } from './examine.ts';
import { joinSignatures, signatureOf } from './signer.ts';

const MANIFEST = 'manifest.json';

/**
 * All of meta/ is in memory from here to the end of a job. Forty ECUs with 300,000 files each have as much; links
 * and holes make far more of a small file.
 */
const MAX_METADATA_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * Inspects a finished offline OTA image as the input of a build. Everything that `verify` refuses is refused, but
 * for the contents of its blobs, which are hashed later; of the signatures in meta/ also who made them and whether
 * that holds now, as of an OTA image.
 * @param path absolute.
 * @throws as {@link openFinished}; `finished-…` for what is wrong with it; what is wrong with a signature.
 */
export async function inspectFinished(
  path: string,
  options: InspectOptions,
): Promise<InspectedFinished> {
  const { signal } = options;
  const before = await fingerprint(path);
  const opened = await openAsInput(path, signal);
  try {
    const figures = await figuresOf(opened, signal);
    if (figures.metaBytes > MAX_METADATA_BYTES)
      throw builderError('archive-limit', {
        ...{ file: path, what: 'metadata-size', limit: MAX_METADATA_BYTES },
      });
    const image = await readOnce(opened);
    // Who signed is asked below, and its answers are errors of their own.
    const examined = await examine(image, { signal, checkSignature: false, count: true });
    const { manifest } = image;
    if (manifest !== null) validateFigures(figures, manifest, examined.faults);
    refuseFaults(path, examined);
    if (manifest === null) throw new Error('a manifest that cannot be read is a fault');
    const signature = await signatureOfAll(image, manifest, options);
    const { bytes, metafiles } = await readMetadata(image, signal);
    const { payloads } = examined;
    return {
      report: {
        ...{ path, format: 'offline', container: containerOf(image), fingerprint: before },
        digest: atOnce(sha256Steps(bytes)),
        ...{ signature, payloads, warnings: signatureWarnings(signature) },
        ...{ manifest, files: image.files.size, bytes: figures.bytes },
      },
      manifest: bytes,
      blobs: await blobsOf(image, examined.blobs, signal),
      metafiles,
    };
  } catch (error) {
    throw toInputError(path, error);
  } finally {
    await opened.close();
  }
}

/**
 * The same image, of which manifest.json and each file of meta/ is read once: so what is taken is what was proved,
 * also where a file of a folder changes between two looks. Files of data/ are hashed when they are taken.
 */
async function readOnce(image: FinishedImage): Promise<FinishedImage> {
  const known = new Map<string, Uint8Array>();
  const readMany: FinishedImage['readMany'] = async (paths, maxBytes) => {
    const found = await image.readMany(
      paths.filter((path) => !known.has(path)),
      maxBytes,
    );
    for (const path of paths) {
      const bytes = known.get(path) ?? found.get(path);
      if (bytes === undefined) continue;
      found.set(path, bytes);
      if (!path.startsWith('data/')) known.set(path, bytes);
    }
    return found;
  };
  if (!image.files.has(MANIFEST)) return { ...image, readMany };
  const bytes = (await readMany([MANIFEST], MAX_MANIFEST_BYTES)).get(MANIFEST);
  return { ...image, readMany, manifest: bytes === undefined ? null : await readManifest(bytes) };
}

function containerOf({ kind }: FinishedImage): 'tar' | 'folder' | 'img' {
  if (kind === 'drive') throw new Error('a drive is no input');
  return kind;
}

async function openAsInput(path: string, signal: AbortSignal | undefined): Promise<FinishedImage> {
  try {
    return await openFinished(path, signal);
  } catch (error) {
    throw toInputError(path, error);
  }
}

/** What reading finds damaged is a file to be got again, and no stick to be written again. */
function toInputError(file: string, error: unknown): unknown {
  if (!(error instanceof BuilderError) || error.data.code !== 'filesystem-damaged') return error;
  const { what, reason } = error.data.params;
  return builderError('finished-damaged', { file, what, reason }, error);
}

const FAULT_CODES = {
  missing: 'finished-file-missing',
  unexpected: 'finished-file-foreign',
  corrupt: 'finished-file-wrong',
  size: 'finished-file-wrong',
  structure: 'finished-file-wrong',
} as const;

/** Says the first fault; `verify` lists them all. */
function refuseFaults(file: string, { faults: { kept, count: faults } }: Examined): void {
  const [first]: readonly (CheckFault | undefined)[] = kept;
  if (first === undefined) return;
  const { kind, path, detail } = first;
  if (kind === 'manifest') throw builderError('finished-manifest-wrong', { file, reason: detail });
  throw builderError(FAULT_CODES[kind], { file, path, faults });
}

async function signatureOfAll(
  image: FinishedImage,
  { image_meta: images }: Manifest,
  options: InspectOptions,
): Promise<SignatureReport> {
  const signatures: SignatureReport[] = [];
  for (const [index, { image_format }] of images.entries())
    signatures.push(await signatureOf(image, index, image_format === 'ota-image-v1', options));
  return joinSignatures(signatures);
}

/** The files of which every byte is in memory while an output is written: manifest.json and all of meta/. */
async function readMetadata(
  image: FinishedImage,
  signal: AbortSignal | undefined,
): Promise<{ bytes: Uint8Array; metafiles: Metafile[] }> {
  const prefix = 'meta/';
  const names = image.files.keys().filter((path) => path.startsWith(prefix));
  const placed = await placesOf(image, [...names], signal);
  const paths = placed.map(({ path }) => path);
  const contents = await image.readMany(paths, MAX_TABLE_BYTES);
  const manifest = await image.readMany([MANIFEST], MAX_MANIFEST_BYTES);
  const metafiles = paths.map((path) => ({
    name: path.slice(prefix.length),
    bytes: contents.get(path) ?? new Uint8Array(0),
  }));
  return { bytes: manifest.get(MANIFEST) ?? new Uint8Array(0), metafiles };
}

async function blobsOf(
  image: FinishedImage,
  wanted: ReadonlyMap<string, ContentDigest>,
  signal: AbortSignal | undefined,
): Promise<InspectedBlob[]> {
  const prefix = 'data/';
  const pace = new Pace();
  const blobs: InspectedBlob[] = [];
  for (const [name, { unpackedSize = null }] of wanted) {
    if (pace.isDue) await yieldToEventLoop(signal);
    const member = await memberOf(image, prefix + name);
    blobs.push(new MemberBlob(name, member, unpackedSize));
  }
  await runYielding(
    sortInSteps(blobs, (a, b) => comparePlaces(a, b) || compareTexts(a.name, b.name)),
    signal,
  );
  return blobs;
}

interface PlacedFile extends Member {
  readonly path: string;
}

async function placesOf(
  image: FinishedImage,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<PlacedFile[]> {
  const files: PlacedFile[] = [];
  for (const path of paths) files.push({ path, ...(await memberOf(image, path)) });
  signal?.throwIfAborted();
  return files.sort((a, b) => comparePlaces(a, b) || compareTexts(a.path, b.path));
}

async function memberOf(image: FinishedImage, path: string): Promise<Member> {
  return { size: image.files.get(path) ?? 0, location: await image.locate(path) };
}

/** Files of a folder have no order but that of their names. */
function comparePlaces(
  { location: a }: Pick<Member, 'location'>,
  { location: b }: Pick<Member, 'location'>,
): number {
  return (locationOffset(a) ?? 0) - (locationOffset(b) ?? 0);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : +(a > b);
}
