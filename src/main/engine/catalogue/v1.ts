import { builderError } from '../../../shared/errors.ts';
import type { ReleaseKey } from '../../../shared/model/image-report.ts';
import { sha256 } from '../inspect/v1/blob-store.ts';
import { payloadNames, resourceTableOf } from '../inspect/v1/catalogue.ts';
import {
  DocumentFault,
  indexSchema,
  isCompressed,
  parseDocument,
  type Descriptor,
} from '../inspect/v1/documents.ts';
import { INDEX, MAX_METAFILE_BYTES, METAFILES } from '../inspect/v1/metafiles.ts';
import { ResourceTable } from '../inspect/v1/resource-table.ts';
import { MAX_TABLE_BYTES } from '../inspect/v1/tables.ts';
import { DatabaseFault } from '../inspect/v1/untrusted-database.ts';
import { unzstd, ZstdFault } from '../inspect/v1/unzstd.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';
import { NameTable } from './name-table.ts';
import { plainFile, type CataloguedFiles, type NameCatalogue } from './served-file.ts';

const BLOB_NAME = /^blobs\/sha256\/([0-9a-f]{64})$/;

/**
 * What a client of an OTA image v1 asks for: the three metafiles, and blobs by their digests. A blob that is the
 * compressed form of a resource is stored under the digest of the resource, as caches have it, so the resource
 * table is read for the way back.
 * @throws `metadata-invalid`, `metafile-missing`, `table-invalid`.
 */
export async function catalogueV1(
  image: CataloguedFiles,
  index: number,
  ecuId: string,
  signal?: AbortSignal,
): Promise<NameCatalogue & { readonly releaseKey: ReleaseKey }> {
  const { name: file, files } = image;
  const folder = `meta/${index}/`;
  const missing = METAFILES.find((name) => !files.has(folder + name));
  if (missing !== undefined)
    throw builderError('metafile-missing', { file, name: folder + missing });
  const path = folder + INDEX;
  const contents = await image.readMany([path], MAX_METAFILE_BYTES);
  try {
    const document = parseDocument(INDEX, contents.get(path) ?? new Uint8Array(0), indexSchema);
    const payloads = payloadNames(document).filter((payload) => payload.ecuId === ecuId);
    const payload =
      payloads.find(({ manifest }) => files.has(`data/${manifest.digest}`)) ?? payloads[0];
    if (payload === undefined) throw new DocumentFault(`index.json: no payload of ${ecuId}`);
    const rows = await readCompressedForms(image, resourceTableOf(document), signal);
    return { releaseKey: payload.releaseKey, find: (name) => find(files, folder, rows, name) };
  } catch (error) {
    if (!(error instanceof DocumentFault)) throw error;
    throw builderError('metadata-invalid', { file, reason: error.message }, error);
  }
}

function find(files: ReadonlyMap<string, number>, folder: string, rows: NameTable, name: string) {
  if ((METAFILES as readonly string[]).includes(name))
    return plainFile(folder + name, files.get(folder + name) ?? 0, null);
  const [, digest] = BLOB_NAME.exec(name) ?? [];
  if (digest === undefined) return null;
  const stored = files.get(`data/${digest}`);
  if (stored !== undefined) return plainFile(`data/${digest}`, stored, `file_sha256=${digest}`);
  const row = rows.get(digest);
  const packed = row === null ? undefined : files.get(`data/${row.sha256}.zst`);
  if (row === null || packed === undefined) return null;
  const cacheControl = `file_sha256=${row.sha256},file_compression_alg=zstd`;
  return plainFile(`data/${row.sha256}.zst`, packed, cacheControl);
}

/** The resources by the digests of their compressed forms. */
async function readCompressedForms(
  image: CataloguedFiles,
  table: Descriptor,
  signal: AbortSignal | undefined,
): Promise<NameTable> {
  const rows = new NameTable();
  const path = `data/${table.digest}`;
  try {
    const stored = (await image.readMany([path], MAX_TABLE_BYTES)).get(path);
    if (stored === undefined || sha256(stored) !== table.digest)
      throw new DatabaseFault('it is not what index.json names');
    const bytes = isCompressed(table) ? unzstd(stored, MAX_TABLE_BYTES) : stored;
    using resources = new ResourceTable(bytes);
    const pace = new Pace();
    for (const { digest, compressed } of resources.compressedForms()) {
      if (pace.isDue) await yieldToEventLoop(signal);
      rows.set(compressed, { sha256: digest, size: null });
    }
  } catch (error) {
    if (!(error instanceof DatabaseFault || error instanceof ZstdFault)) throw error;
    throw builderError(
      'table-invalid',
      { file: image.name, name: path, reason: error.message },
      error,
    );
  }
  return rows;
}
