import { builderError } from '../../../../shared/errors.ts';
import type { ImageWarning, PayloadReport } from '../../../../shared/model/image-report.ts';
import { wallClock } from '../../../../shared/wall-clock.ts';
import type { ImageInput } from '../../archive/image-input.ts';
import type { InspectedImage, InspectedPayload, InspectOptions } from '../inspected-image.ts';
import { signatureWarnings } from '../signature-warnings.ts';
import { BlobReader } from './blob-reader.ts';
import { BlobStore, sha256 } from './blob-store.ts';
import { payloadNames, readCatalogue, type Catalogue, type PayloadEntry } from './catalogue.ts';
import {
  DocumentFault,
  indexSchema,
  LAYOUT_VERSION,
  parseDocument,
  readLayoutVersion,
  type ImageIndex,
} from './documents.ts';
import { FileTable } from './file-table.ts';
import { INDEX, LAYOUT, MAX_METAFILE_BYTES, METAFILES, TOKEN } from './metafiles.ts';
import { parseIndexToken, uncheckedSignature, verifyIndexToken } from './index-token.ts';
import { PayloadFiles } from './payload-files.ts';
import { RebuildCheck } from './rebuild-check.ts';
import { ResourceFault, ResourceTable } from './resource-table.ts';
import { Tables } from './tables.ts';

/**
 * Inspects an OTA image v1: signature and certificates of index.jwt, the documents that it vouches
 * for, both kinds of tables, the presence and size of every blob that a client would ask for, and
 * that files kept in parts are whole. The contents of blobs are hashed when they are streamed.
 * @throws what the parts of this folder name, as errors of the product.
 */
export async function inspectV1(
  input: ImageInput,
  options: InspectOptions,
): Promise<InspectedImage> {
  const file = input.path;
  try {
    return await new Inspection(input, options).run();
  } catch (error) {
    if (error instanceof DocumentFault)
      throw builderError('metadata-invalid', { file, reason: error.message }, error);
    if (error instanceof ResourceFault)
      throw builderError(
        RESOURCE_CODES[error.kind],
        { file, resource: error.resource, reason: error.message },
        error,
      );
    throw error;
  }
}

/** More would fill the screen. */
const TYPES_SHOWN = 3;

const RESOURCE_CODES = {
  invalid: 'resource-invalid',
  outside: 'resource-outside',
  filter: 'filter-invalid',
  nested: 'resource-nested',
} as const;

class Inspection {
  readonly #input: ImageInput;
  readonly #options: InspectOptions;
  readonly #blobs: BlobStore;
  readonly #tables: Tables;
  readonly #rebuilds = new RebuildCheck();

  constructor(input: ImageInput, options: InspectOptions) {
    this.#input = input;
    this.#options = options;
    this.#blobs = new BlobStore(input);
    this.#tables = new Tables(input.path, this.#blobs, options.signal);
  }

  async run(): Promise<InspectedImage> {
    const { path, container, fingerprint } = this.#input;
    const metafiles = await this.#readMetafiles();
    const bytesOf = (name: string) => metafiles.get(name) ?? new Uint8Array(0);
    const layoutVersion = readLayoutVersion(bytesOf(LAYOUT));
    if (layoutVersion !== LAYOUT_VERSION)
      throw builderError('metadata-version-unsupported', { file: path, version: layoutVersion });
    const signature = await this.#validateToken(bytesOf(TOKEN), bytesOf(INDEX));
    const index: ImageIndex = parseDocument(INDEX, bytesOf(INDEX), indexSchema);
    const names = payloadNames(index);
    const catalogue = await readCatalogue(index, names, this.#blobs, this.#options.signal);
    const kept = METAFILES.map((name) => ({ name, bytes: bytesOf(name) }));

    const reports: PayloadReport[] = [];
    const payloads: InspectedPayload[] = [];
    {
      using resources = await this.#tables.open(catalogue.resourceTable, ResourceTable);
      for (const entry of catalogue.payloads) {
        const files = new PayloadFiles(this.#input, this.#blobs);
        files.addMember(INDEX, sha256(bytesOf(INDEX)));
        for (const blob of catalogue.shared) files.addBlob(blob);
        for (const blob of entry.blobs) files.addBlob(blob);
        reports.push(await this.#payload(entry, catalogue, resources, files));
        payloads.push({ blobs: files.list(), metafiles: kept });
      }
    }
    this.#blobs.refuseMissing();
    await this.#proveRebuilds();
    const warnings = [
      ...signatureWarnings(signature),
      ...unknownEntries(catalogue),
      ...this.#unreferenced(),
    ];
    return {
      report: {
        path,
        format: 'v1',
        container,
        fingerprint,
        digest: sha256(bytesOf(TOKEN)),
        signature,
        payloads: reports,
        warnings,
      },
      payloads,
    };
  }

  async #readMetafiles(): Promise<Map<string, Uint8Array>> {
    for (const name of METAFILES)
      if (!this.#input.members.has(name))
        throw builderError('metafile-missing', { file: this.#input.path, name });
    return this.#input.readMany(METAFILES, MAX_METAFILE_BYTES, this.#options.signal);
  }

  async #validateToken(tokenBytes: Uint8Array, indexBytes: Uint8Array) {
    const { caDir, checkSignature } = this.#options;
    const file = this.#input.path;
    const token = parseIndexToken(tokenBytes);
    const signature = checkSignature
      ? await verifyIndexToken(token, { file, caDir, now: wallClock() })
      : uncheckedSignature(token);
    const { size, digest } = token.imageIndex;
    if (indexBytes.length !== size || sha256(indexBytes) !== digest)
      throw builderError('metafile-hash-mismatch', { file, name: INDEX });
    return signature;
  }

  /** Walks one payload's resources; what they need goes into `files` and the rebuild check. */
  async #payload(
    entry: PayloadEntry,
    { version, resourceTable }: Catalogue,
    resources: ResourceTable,
    files: PayloadFiles,
  ): Promise<PayloadReport> {
    const { ecuId, releaseKey, fileTable } = entry;
    using table = await this.#tables.open(fileTable, FileTable);
    const counts = this.#tables.inTable(fileTable, () => table.counts());
    for await (const recipe of this.#tables.recipes(
      [fileTable, table],
      [resourceTable, resources],
    )) {
      files.addResource(recipe);
      this.#rebuilds.add(recipe);
    }
    return { ecuId, releaseKey, version, ...counts, persistents: 0, ...files.totals() };
  }

  async #proveRebuilds(): Promise<void> {
    const { signal, onProgress } = this.#options;
    const total = this.#rebuilds.bytes;
    let done = 0;
    await using reader = new BlobReader(this.#input, signal);
    await this.#rebuilds.run(reader, {
      signal,
      onRead(bytes) {
        done += bytes;
        onProgress?.(done, total);
      },
      onFault: ({ resource, tooLarge }) => {
        const { path: file } = this.#input;
        if (tooLarge === null) throw builderError('resource-corrupt', { file, resource });
        throw builderError('archive-limit', { file, what: 'bytes of a bundle', limit: tooLarge });
      },
    });
  }

  #unreferenced(): ImageWarning[] {
    const count = this.#blobs.unreferenced();
    return count === 0 ? [] : [{ code: 'unlisted-members', params: { count } }];
  }
}

/** Leaves out what vehicles pass over, and reports it. */
function unknownEntries({ unknown: { count, types } }: Catalogue): ImageWarning[] {
  if (count === 0) return [];
  const shown = types.slice(0, TYPES_SHOWN).join(', ') + (types.length > TYPES_SHOWN ? ', …' : '');
  return [{ code: 'entries-unknown', params: { count, types: shown } }];
}
