import { BuilderError, toErrorData, type ErrorData } from '../../../shared/errors.ts';
import type { CheckFault } from '../../../shared/model/job.ts';
import type { ManifestImage } from '../../../shared/model/manifest.ts';
import type { ImageInput } from '../archive/image-input.ts';
import type { Member } from '../content/member-location.ts';
import type { FileReader } from '../inspect/v1/blob-reader.ts';
import { blobPath, BlobStore, sha256 } from '../inspect/v1/blob-store.ts';
import { payloadNames, readCatalogue, type PayloadName } from '../inspect/v1/catalogue.ts';
import {
  DocumentFault,
  indexSchema,
  LAYOUT_VERSION,
  parseDocument,
  readLayoutVersion,
} from '../inspect/v1/documents.ts';
import { FileTable } from '../inspect/v1/file-table.ts';
import { isSignedByItsOwn, parseIndexToken, type IndexToken } from '../inspect/v1/index-token.ts';
import { INDEX, LAYOUT, MAX_METAFILE_BYTES, METAFILES, TOKEN } from '../inspect/v1/metafiles.ts';
import { RebuildCheck } from '../inspect/v1/rebuild-check.ts';
import { ResourceFault, ResourceTable } from '../inspect/v1/resource-table.ts';
import { plainFile, stickFiles, type StickFile } from '../inspect/v1/stick-names.ts';
import { Tables } from '../inspect/v1/tables.ts';
import type { ContentDigest } from '../content/digest.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import type { Expectation, ExpectationOptions, PayloadCounts } from './expectation.ts';
import { ShardedMap } from '../sharded.ts';

/**
 * What a client of an OTA image v1 asks for after it has read meta/<index>/, and what is wrong with the
 * metadata itself or with files that the client would put together from parts.
 */
export async function expectV1(
  output: FinishedImage,
  index: number,
  image: ManifestImage,
  options: ExpectationOptions,
): Promise<Expectation> {
  const folder = `meta/${index}/`;
  const metafiles = new Set(METAFILES.map((name) => folder + name));
  const missing = [...metafiles].filter((path) => !output.files.has(path));
  const blobs = new ShardedMap<string, ContentDigest>();
  const faults: CheckFault[] = missing.map((path) => ({
    kind: 'missing',
    path,
    detail: 'a client asks for it first',
  }));
  let counts: PayloadCounts | null = null;
  if (missing.length === 0) {
    try {
      const own = await readMetafiles(output, folder);
      if (options.checkSignature && !isSignedByItsOwn(own.token))
        faults.push({ kind: 'corrupt', path: folder + TOKEN, detail: 'its signature is wrong' });
      for await (const found of expectations(output, folder, own, image, options))
        if ('directories' in found) counts = found;
        else if ('contentDigest' in found) blobs.set(found.name, contentOf(found.contentDigest));
        else faults.push(found);
    } catch (error) {
      faults.push(toFault(folder + INDEX, error));
    }
  }
  return { blobs, metafiles, faults, counts };
}

/** Of two images' encodings of one file the output keeps the first, so the bytes are left open. */
function contentOf({ sha256, of, unpackedSize }: ContentDigest): ContentDigest {
  return { sha256, of, ...(unpackedSize !== undefined && { unpackedSize }) };
}

interface Metafiles {
  readonly token: IndexToken;
  readonly indexBytes: Uint8Array;
}

async function readMetafiles(output: FinishedImage, folder: string): Promise<Metafiles> {
  const paths = METAFILES.map((name) => folder + name);
  const contents = await output.readMany(paths, MAX_METAFILE_BYTES);
  const bytesOf = (name: string) => contents.get(folder + name) ?? new Uint8Array(0);
  const version = readLayoutVersion(bytesOf(LAYOUT));
  if (version !== LAYOUT_VERSION) throw new DocumentFault(`oci-layout: version ${version}`);
  return { token: parseIndexToken(bytesOf(TOKEN)), indexBytes: bytesOf(INDEX) };
}

async function* expectations(
  output: FinishedImage,
  folder: string,
  { token: { imageIndex }, indexBytes }: Metafiles,
  image: ManifestImage,
  { signal, count }: ExpectationOptions,
): AsyncGenerator<StickFile | CheckFault | PayloadCounts> {
  const digest = sha256(indexBytes);
  if (digest !== imageIndex.digest || indexBytes.length !== imageIndex.size)
    yield { kind: 'corrupt', path: folder + INDEX, detail: 'it is not what index.jwt vouches for' };
  yield plainFile({ digest, size: indexBytes.length });

  const blobs = new BlobStore(await asImage(output, signal));
  const indexDocument = parseDocument(INDEX, indexBytes, indexSchema);
  const name = payloadOf(payloadNames(indexDocument), image, output);
  if (name === null) {
    yield {
      kind: 'manifest',
      path: folder + INDEX,
      detail: `it has no payload of ${image.ecu_id}`,
    };
    return;
  }
  // Of an image's other payloads nothing needs to be here.
  const catalogue = await readCatalogue(indexDocument, [name], blobs, signal);
  const [payload] = catalogue.payloads;
  if (payload === undefined) throw new Error('one name gives one payload');
  for (const blob of [...catalogue.shared, ...payload.blobs]) yield plainFile(blob);

  const tables = new Tables(output.name, blobs, signal);
  const rebuilds = new RebuildCheck();
  using resources = await tables.open(catalogue.resourceTable, ResourceTable);
  using files = await tables.open(payload.fileTable, FileTable);
  if (count) yield { ...tables.inTable(payload.fileTable, () => files.counts()), persistents: 0 };
  for await (const recipe of tables.recipes(
    [payload.fileTable, files],
    [catalogue.resourceTable, resources],
  )) {
    const wanted = stickFiles(recipe);
    yield* wanted;
    // What is missing is reported as such; the rest can still be put together.
    if (wanted.every(({ name }) => output.files.has(`data/${name}`))) rebuilds.add(recipe);
  }
  const wrong: string[] = [];
  await rebuilds.run(stickReader(output, signal), {
    signal,
    onFault: ({ resource }) => wrong.push(resource),
  });
  for (const resource of wrong)
    yield {
      kind: 'corrupt',
      path: `${folder}${INDEX}`,
      detail: `what a client puts together is not ${resource}`,
    };
}

/**
 * The payload that a manifest entry means. The manifest names no release key; of two payloads of
 * one ECU the one whose manifest was stored is meant.
 */
function payloadOf(
  payloads: readonly PayloadName[],
  { ecu_id: ecuId }: ManifestImage,
  output: FinishedImage,
): PayloadName | null {
  const candidates = payloads.filter((payload) => payload.ecuId === ecuId);
  const stored = candidates.find(({ manifest }) => output.files.has(`data/${manifest.digest}`));
  return stored ?? candidates[0] ?? null;
}

/** The stick's blobs under their own digests, as an image has them. */
async function asImage(
  output: FinishedImage,
  signal: AbortSignal | undefined,
): Promise<ImageInput> {
  const members = new ShardedMap<string, Member>();
  const prefix = 'data/';
  const pace = new Pace();
  for (const [path, size] of output.files) {
    if (pace.isDue) await yieldToEventLoop(signal);
    const digest = path.slice(prefix.length);
    if (path.startsWith(prefix) && /^[0-9a-f]{64}$/.test(digest))
      members.set(blobPath({ digest }), { size, location: { kind: 'file', path } });
  }
  return {
    path: output.name,
    container: 'folder',
    fingerprint: { size: 0, mtimeMs: 0, inode: '0' },
    members,
    others: new Set(),
    async readMany(names, maxBytes) {
      const paths = names.map((name) => prefix + (name.split('/').at(-1) ?? ''));
      const contents = await output.readMany(paths, maxBytes);
      return new Map(
        names.map((name, i) => [name, contents.get(paths[i] ?? '') ?? new Uint8Array(0)]),
      );
    },
  };
}

/** One file at a time: an output streams several in the order in which they stand. */
function stickReader(output: FinishedImage, signal: AbortSignal | undefined): FileReader {
  return {
    async *read(files) {
      for (const { name } of files)
        for await (const window of output.windows([`data/${name}`], signal)) {
          for (const { start, length } of window.segments)
            yield new Uint8Array(window.memory, start, length);
          window.release();
        }
    },
  };
}

function toFault(path: string, error: unknown): CheckFault {
  if (error instanceof DocumentFault) return { kind: 'corrupt', path, detail: error.message };
  if (error instanceof ResourceFault)
    return { kind: 'corrupt', path, detail: `${error.resource}: ${error.message}` };
  if (!(error instanceof BuilderError)) throw error;
  const data: ErrorData = toErrorData(error);
  if (data.code === 'blob-missing' || data.code === 'blob-size-mismatch') {
    const name = data.params.path.split('/').at(-1) ?? '';
    const kind = data.code === 'blob-missing' ? 'missing' : 'size';
    return { kind, path: `data/${name}`, detail: 'an image needs it' };
  }
  return { kind: 'corrupt', path, detail: data.code };
}
