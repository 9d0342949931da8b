import type { ReleaseKey } from '../../../../shared/model/image-report.ts';
import type { BlobStore } from './blob-store.ts';
import {
  ANNOTATIONS,
  clientManifestSchema,
  configSchema,
  conform,
  descriptorSchema,
  DocumentFault,
  ecuIdSchema,
  MEDIA_TYPES,
  parseDocument,
  payloadManifestSchema,
  releaseKeySchema,
  versionSchema,
  type Descriptor,
  type ImageIndex,
  type IndexEntry,
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
  readonly unknown: UnknownEntries;
}

/** Entries of index.json of which this format knows nothing, such as payloads of whole partitions. */
export interface UnknownEntries {
  readonly count: number;
  /** Artifact types, or media types where there are none. */
  readonly types: readonly string[];
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
  readonly unknown: UnknownEntries;
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
  assertUnique(names);
  return names;
}

/** The table that says how resources are made from blobs. @throws DocumentFault */
export function resourceTableOf(index: ImageIndex): Descriptor {
  return sortEntries(index.manifests).resourceTable;
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
  const { clients, resourceTable, unknown } = sortEntries(index.manifests);
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
    if (layers[0].digest !== fileTable.digest)
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
    unknown,
  };
}

/**
 * Sorts the entries by what clients take them for: a payload's manifest and an otaclient package need no
 * artifact type, and of several resource tables the first counts.
 */
function sortEntries(entries: readonly IndexEntry[]): Sorted {
  const payloads: Descriptor[] = [];
  const clients: Descriptor[] = [];
  const tables: Descriptor[] = [];
  const unknown: string[] = [];
  const toDescriptor = (entry: IndexEntry) => conform('index.json entry', entry, descriptorSchema);
  for (const entry of entries) {
    const { mediaType } = entry;
    const artifactType = entry.artifactType ?? null;
    const isKind = (media: string, artifact: string) =>
      mediaType === media && (artifactType === null || artifactType === artifact);
    if (isKind(MEDIA_TYPES.manifest, MEDIA_TYPES.payload)) payloads.push(toDescriptor(entry));
    else if (isKind(MEDIA_TYPES.clientManifest, MEDIA_TYPES.client))
      clients.push(toDescriptor(entry));
    else if (tables.length === 0 && isOneOf(mediaType, MEDIA_TYPES.resourceTable))
      tables.push(toDescriptor(entry));
    else unknown.push(artifactType ?? mediaType);
  }
  const [resourceTable] = tables;
  if (resourceTable === undefined) throw new DocumentFault('index.json: no resource table');
  const types = [...new Set(unknown)];
  if (payloads.length === 0) {
    const others = types.length === 0 ? '' : `, only ${types.join(', ')}`;
    throw new DocumentFault(`index.json: no payload${others}`);
  }
  return { payloads, clients, resourceTable, unknown: { count: unknown.length, types } };
}

function assertUnique(names: readonly PayloadName[]): void {
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
