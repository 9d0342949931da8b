import type { ReleaseKey } from '../../../../shared/model/image-report.ts';
import type { BlobStore } from './blob-store.ts';
import {
  ANNOTATIONS,
  clientManifestSchema,
  configSchema,
  conform,
  DocumentFault,
  ecuIdSchema,
  MEDIA_TYPES,
  parseDocument,
  payloadManifestSchema,
  releaseKeySchema,
  versionSchema,
  type Descriptor,
  type ImageIndex,
} from './documents.ts';

/** What index.json leads to. */
export interface Catalogue {
  /** In the order of the names that were asked for. */
  readonly payloads: readonly PayloadEntry[];
  readonly resourceTable: Descriptor;
  /** Blobs that clients of every payload fetch by their descriptors. */
  readonly shared: readonly Descriptor[];
  /** Version of the project that the image was made of. */
  readonly version: string | null;
}

/** What index.json itself tells about a payload. */
export interface PayloadName {
  readonly ecuId: string;
  readonly releaseKey: ReleaseKey;
  readonly manifest: Descriptor;
}

export interface PayloadEntry extends PayloadName {
  readonly fileTable: Descriptor;
  /** Blobs that a client of this payload fetches by their descriptors. */
  readonly blobs: readonly Descriptor[];
}

/** Manifests and configs are a few KiB. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

interface Sorted {
  readonly payloads: readonly Descriptor[];
  readonly clients: readonly Descriptor[];
  readonly resourceTable: Descriptor;
}

/** The payloads of an image, in index order. @throws DocumentFault */
export function payloadNames(index: ImageIndex): PayloadName[] {
  const names = sortEntries(index.manifests).payloads.map((manifest): PayloadName => {
    const { annotations = null } = manifest;
    return {
      ecuId: conform('ECU id', annotations?.[ANNOTATIONS.ecu], ecuIdSchema),
      releaseKey: conform('release key', annotations?.[ANNOTATIONS.releaseKey], releaseKeySchema),
      manifest,
    };
  });
  checkUnique(names);
  return names;
}

/**
 * Reads the documents below index.json, each with the digest that its descriptor says.
 * @param names of the payloads whose documents are there: all in an image, one on a stick.
 * @throws DocumentFault, and what {@link BlobStore.read} throws.
 */
export async function readCatalogue(
  index: ImageIndex,
  names: readonly PayloadName[],
  blobs: BlobStore,
  signal?: AbortSignal,
): Promise<Catalogue> {
  const { clients, resourceTable } = sortEntries(index.manifests);
  const read = (descriptors: readonly Descriptor[]) =>
    blobs.read(descriptors, MAX_DOCUMENT_BYTES, signal);

  const manifests = (await read(names.map(({ manifest }) => manifest))).map((bytes) =>
    parseDocument('payload manifest', bytes, payloadManifestSchema),
  );
  const configs = (await read(manifests.map(({ config }) => config))).map((bytes) =>
    parseDocument('payload config', bytes, configSchema),
  );
  const packages = (await read(clients)).map((bytes) =>
    parseDocument('otaclient package manifest', bytes, clientManifestSchema),
  );

  const payloads = names.map((name, i): PayloadEntry => {
    const { config, layers } = at(manifests, i);
    const { file_table: fileTable, sys_config: sysConfig } = at(configs, i);
    if (!isOneOf(fileTable.mediaType, MEDIA_TYPES.fileTable))
      throw new DocumentFault('payload config: file_table is no file table');
    if (at(layers, 0).digest !== fileTable.digest)
      throw new DocumentFault('payload manifest and config name different file tables');
    const blobs = [name.manifest, config, fileTable, ...(sysConfig ? [sysConfig] : [])];
    return { ...name, fileTable, blobs };
  });
  return {
    payloads,
    resourceTable,
    shared: [
      resourceTable,
      ...clients,
      ...packages.flatMap(({ config, layers }) => [config, ...layers]),
    ],
    version:
      conform('project version', index.annotations?.[ANNOTATIONS.version], versionSchema) ?? null,
  };
}

function sortEntries(manifests: readonly Descriptor[]): Sorted {
  const payloads: Descriptor[] = [];
  const clients: Descriptor[] = [];
  const tables: Descriptor[] = [];
  for (const entry of manifests) {
    const { mediaType, artifactType } = entry;
    if (mediaType === MEDIA_TYPES.manifest && artifactType === MEDIA_TYPES.payload)
      payloads.push(entry);
    else if (mediaType === MEDIA_TYPES.clientManifest && artifactType === MEDIA_TYPES.client)
      clients.push(entry);
    else if (isOneOf(mediaType, MEDIA_TYPES.resourceTable)) tables.push(entry);
    else throw new DocumentFault(`index.json: unknown entry of type ${mediaType}`);
  }
  const [resourceTable] = tables;
  if (resourceTable === undefined || tables.length > 1)
    throw new DocumentFault('index.json: not exactly one resource table');
  if (payloads.length === 0) throw new DocumentFault('index.json: no payload');
  return { payloads, clients, resourceTable };
}

function checkUnique(names: readonly PayloadName[]): void {
  const seen = new Set<string>();
  for (const { ecuId, releaseKey } of names) {
    const pair = JSON.stringify([ecuId, releaseKey]);
    if (seen.has(pair))
      throw new DocumentFault(`index.json: two payloads for ${ecuId}, ${releaseKey}`);
    seen.add(pair);
  }
}

function isOneOf(value: string, values: readonly string[]): boolean {
  return values.includes(value);
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
