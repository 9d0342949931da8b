import { builderError } from '../../../../shared/errors.ts';
import type { ImageWarning, PayloadReport } from '../../../../shared/model/image-report.ts';
import type { ImageInput } from '../../archive/image-input.ts';
import type { InspectedImage, InspectedPayload, InspectOptions } from '../inspected-image.ts';
import { signatureWarnings } from '../signature-warnings.ts';
import { BlobReader } from './blob-reader.ts';
import { blobPath, BlobStore, sha256 } from './blob-store.ts';
import { readCatalogue, type Catalogue, type PayloadEntry } from './catalogue.ts';
import {
  DocumentFault,
  indexSchema,
  isCompressed,
  layoutSchema,
  parseDocument,
  type Descriptor,
  type ImageIndex,
} from './documents.ts';
import { FileTable } from './file-table.ts';
import { parseIndexToken, uncheckedSignature, verifyIndexToken } from './index-token.ts';
import { PayloadFiles } from './payload-files.ts';
import { RebuildCheck } from './rebuild-check.ts';
import { ResourceFault, ResourceTable } from './resource-table.ts';
import { DatabaseFault } from './untrusted-database.ts';
import { unzstd, ZstdFault } from './unzstd.ts';

const LAYOUT = 'oci-layout';
const INDEX = 'index.json';
const TOKEN = 'index.jwt';
/** Copied to the output as they are. */
const METAFILES = [LAYOUT, INDEX, TOKEN] as const;

/** A few KiB in real images. */
const MAX_METAFILE_BYTES = 4 * 1024 * 1024;
/** A million files with long paths take about 300 MiB; the table is held in memory. */
const MAX_TABLE_BYTES = 1024 * 1024 * 1024;
/** Ten times what a vehicle's filesystem has. */
const MAX_TABLE_ROWS = 10_000_000;
/** Rows between two looks at the abort signal. */
const ROWS_PER_TURN = 10_000;

/** Whether an input is an OTA image v1, in whatever container. */
export function isV1(input: ImageInput): boolean {
  return input.members.has(LAYOUT) && input.members.has(INDEX);
}

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
        'resource-invalid',
        { file, resource: error.resource, reason: error.message },
        error,
      );
    throw error;
  }
}

class Inspection {
  readonly #input: ImageInput;
  readonly #options: InspectOptions;
  readonly #blobs: BlobStore;
  readonly #rebuilds = new RebuildCheck();

  constructor(input: ImageInput, options: InspectOptions) {
    this.#input = input;
    this.#options = options;
    this.#blobs = new BlobStore(input);
  }

  async run(): Promise<InspectedImage> {
    const { path, container, fingerprint } = this.#input;
    const metafiles = await this.#readMetafiles();
    const bytesOf = (name: string) => metafiles.get(name) ?? new Uint8Array(0);
    checkLayout(path, bytesOf(LAYOUT));
    const signature = await this.#checkToken(bytesOf(TOKEN), bytesOf(INDEX));
    const index: ImageIndex = parseDocument(INDEX, bytesOf(INDEX), indexSchema);
    const catalogue = await readCatalogue(index, this.#blobs, this.#options.signal);
    const kept = METAFILES.map((name) => ({ name, bytes: bytesOf(name) }));

    const reports: PayloadReport[] = [];
    const payloads: InspectedPayload[] = [];
    {
      using resources = await this.#open(catalogue.resourceTable, ResourceTable);
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
    await this.#checkRebuilds();
    const warnings = signatureWarnings(signature);
    return {
      report: {
        path,
        format: 'v1',
        container,
        fingerprint,
        signature,
        payloads: reports,
        warnings: [...warnings, ...this.#unreferenced()],
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

  async #checkToken(tokenBytes: Uint8Array, indexBytes: Uint8Array) {
    const { caDir, checkSignature } = this.#options;
    const file = this.#input.path;
    const token = parseIndexToken(tokenBytes);
    const signature = checkSignature
      ? await verifyIndexToken(token, { file, caDir, now: new Date() })
      : uncheckedSignature(token);
    const { size, digest } = token.imageIndex;
    if (indexBytes.length !== size || sha256(indexBytes) !== digest)
      throw builderError('metafile-hash-mismatch', { file, name: INDEX });
    return signature;
  }

  /** Walks one payload's resources; what they need goes into `files` and the rebuild check. */
  async #payload(
    entry: PayloadEntry,
    { version }: Catalogue,
    resources: ResourceTable,
    files: PayloadFiles,
  ): Promise<PayloadReport> {
    using table = await this.#open(entry.fileTable, FileTable);
    const counts = this.#ofTable(entry.fileTable, () => table.counts());
    let row = 0;
    for (const resource of this.#rowsOf(entry.fileTable, table.resources())) {
      if (row++ % ROWS_PER_TURN === 0) this.#options.signal?.throwIfAborted();
      const recipe = resources.recipe(resource);
      files.addResource(recipe);
      this.#rebuilds.add(recipe);
    }
    return {
      ecuId: entry.ecuId,
      releaseKey: entry.releaseKey,
      version,
      ...counts,
      persistents: 0,
      ...files.totals(),
    };
  }

  async #open<Table extends { rowCount(): number } & Disposable>(
    descriptor: Descriptor,
    Type: new (bytes: Uint8Array) => Table,
  ): Promise<Table> {
    const [stored = new Uint8Array(0)] = await this.#blobs.read(
      [descriptor],
      MAX_TABLE_BYTES,
      this.#options.signal,
    );
    return this.#ofTable(descriptor, () => {
      const table = new Type(isCompressed(descriptor) ? unzstd(stored, MAX_TABLE_BYTES) : stored);
      if (table.rowCount() <= MAX_TABLE_ROWS) return table;
      table[Symbol.dispose]();
      const name = blobPath(descriptor);
      throw builderError('table-limit', { file: this.#input.path, name, limit: MAX_TABLE_ROWS });
    });
  }

  *#rowsOf<Row>(descriptor: Descriptor, rows: Generator<Row>): Generator<Row> {
    for (;;) {
      const next = this.#ofTable(descriptor, () => rows.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Says which blob a fault was found in. */
  #ofTable<Result>(descriptor: Descriptor, use: () => Result): Result {
    try {
      return use();
    } catch (error) {
      if (!(error instanceof DatabaseFault || error instanceof ZstdFault)) throw error;
      const name = blobPath(descriptor);
      const { message: reason } = error;
      throw builderError('table-invalid', { file: this.#input.path, name, reason }, error);
    }
  }

  async #checkRebuilds(): Promise<void> {
    const { signal, onProgress } = this.#options;
    const total = this.#rebuilds.bytes;
    let done = 0;
    await using reader = new BlobReader(this.#input, signal);
    await this.#rebuilds.run(this.#input.path, reader, (bytes) => {
      done += bytes;
      onProgress?.(done, total);
    });
  }

  #unreferenced(): ImageWarning[] {
    const count = this.#blobs.unreferenced();
    return count === 0 ? [] : [{ code: 'unlisted-members', params: { count } }];
  }
}

function checkLayout(file: string, bytes: Uint8Array): void {
  const { imageLayoutVersion: version } = parseDocument(LAYOUT, bytes, layoutSchema);
  if (version !== '1.0.0') throw builderError('metadata-version-unsupported', { file, version });
}
