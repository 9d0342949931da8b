import { createHash, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Compressor } from 'zstd-napi';
import type { Identity } from './pki.ts';
import { packZip } from './zip.ts';

const P = 'application/vnd.tier4.ota.file-based-ota-image';

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Record<string, unknown>;
}

export interface ImageIndex {
  schemaVersion: number;
  mediaType: string;
  annotations: Record<string, unknown>;
  manifests: Descriptor[];
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');
export const zstd = (bytes: Uint8Array): Buffer => new Compressor().compress(bytes);
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** MessagePack of a filter as the builder writes it. */
export function filter(letter: string, ...elements: (number | bigint | string)[]): Buffer {
  const count = elements.length;
  const head = count < 16 ? [0x90 | count] : [0xdc, count >> 8, count & 0xff];
  return Buffer.concat([
    Buffer.from(`${letter}:`),
    Buffer.from(head),
    ...elements.map(packElement),
  ]);
}

function packElement(element: number | bigint | string): Buffer {
  if (typeof element === 'string')
    return Buffer.concat([Buffer.from([0xa0 | element.length]), Buffer.from(element)]);
  if (element < 0x80) return Buffer.from([Number(element)]);
  const wide = Buffer.alloc(9);
  wide[0] = 0xcf;
  wide.writeBigUInt64BE(BigInt(element), 1);
  return wide;
}

/** Collects blobs and resource rows as ota-image-builder would, without its size rules. */
export class ResourceWriter {
  readonly blobs = new Map<string, Buffer>();
  readonly database = new DatabaseSync(':memory:');
  #ids = new Map<string, number>();

  constructor() {
    this.database.exec(
      'CREATE TABLE rs_manifest (resource_id INTEGER PRIMARY KEY,digest BLOB NOT NULL UNIQUE,size INTEGER NOT NULL,filter_applied BLOB,meta BLOB)',
    );
  }

  /** Stores bytes as a blob that no table names. */
  blob(bytes: Uint8Array): { digest: string; size: number } {
    const digest = sha256(bytes);
    this.blobs.set(digest, Buffer.from(bytes));
    return { digest: `sha256:${digest}`, size: bytes.length };
  }

  /** Row of the content with a filter; null: stored as it is. @returns its resource id. */
  row(content: Uint8Array, applied: Buffer | null): number {
    const digest = sha256(content);
    const known = this.#ids.get(digest);
    if (known !== undefined) return known;
    if (applied === null) this.blob(content);
    const id = this.#ids.size + 1;
    this.#ids.set(digest, id);
    this.database
      .prepare('INSERT INTO rs_manifest VALUES (?, ?, ?, ?, NULL)')
      .run(id, Buffer.from(digest, 'hex'), content.length, applied);
    return id;
  }

  plain(content: Uint8Array): number {
    return this.row(content, null);
  }

  compressed(content: Uint8Array): number {
    return this.row(content, filter('c', this.plain(zstd(content)), 'zstd'));
  }

  sliced(content: Uint8Array, sliceBytes: number): number {
    return this.row(content, filter('s', ...this.#slices(content, sliceBytes)));
  }

  compressedSliced(content: Uint8Array, sliceBytes: number): number {
    return this.row(content, filter('c', this.sliced(zstd(content), sliceBytes), 'zstd'));
  }

  /** @param store how the bundle itself is kept. */
  bundled(contents: readonly Uint8Array[], store: (bundle: Buffer) => number): void {
    const bundle = store(Buffer.concat(contents));
    let offset = 0;
    for (const content of contents) {
      this.row(content, filter('b', bundle, offset, content.length));
      offset += content.length;
    }
  }

  #slices(content: Uint8Array, sliceBytes: number): number[] {
    const ids: number[] = [];
    for (let at = 0; at < content.length; at += sliceBytes)
      ids.push(this.plain(content.subarray(at, at + sliceBytes)));
    return ids;
  }
}

export interface PayloadSpec {
  readonly ecuId: string;
  readonly releaseKey?: string;
  /** Content by absolute path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly sysConfig?: Uint8Array;
}

export interface ImageSpec {
  readonly payloads: readonly PayloadSpec[];
  /** Signing certificate first, as in x5c. */
  readonly chain: readonly Identity[];
  /** Stores the contents of all payloads; what it leaves out is inlined. */
  readonly store: (resources: ResourceWriter) => void;
  readonly spoil?: Spoil;
}

/** Hooks by which a test makes one thing wrong. */
export interface Spoil {
  readonly resourceTable?: (database: DatabaseSync) => void;
  readonly fileTable?: (database: DatabaseSync) => void;
  readonly tableBytes?: (bytes: Buffer) => Buffer;
  readonly index?: (index: ImageIndex) => void;
  /** Stand behind the file table in every manifest. */
  readonly layers?: readonly unknown[];
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly signature?: (signature: Buffer, signed: Buffer) => Buffer;
  readonly members?: (members: Map<string, Uint8Array>) => void;
}

/** Members of an image, by their paths. */
export function makeImage({
  payloads,
  chain,
  store,
  spoil = {},
}: ImageSpec): Map<string, Uint8Array> {
  const resources = new ResourceWriter();
  store(resources);
  const manifests = payloads.map((payload) => payloadEntry(payload, resources, spoil));
  spoil.resourceTable?.(resources.database);
  manifests.push({
    mediaType: `${P}.resource_table.v1.sqlite3+zstd`,
    ...resources.blob(zstd(tableBytes(resources.database, spoil))),
  });
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    annotations: { 'vnd.tier4.pilot-auto.project.version': '1.2.3' },
    manifests,
  };
  spoil.index?.(index);
  const indexBytes = json(index);
  const members = new Map<string, Uint8Array>([
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', indexBytes],
    ['index.jwt', makeToken(indexBytes, chain, spoil)],
  ]);
  for (const [digest, bytes] of resources.blobs) members.set(`blobs/sha256/${digest}`, bytes);
  spoil.members?.(members);
  return members;
}

/** The image as ota-image-builder packs it. */
export function packImage(members: ReadonlyMap<string, Uint8Array>): Buffer {
  return packZip([
    { name: 'blobs/', content: Buffer.alloc(0) },
    { name: 'blobs/sha256/', content: Buffer.alloc(0) },
    ...Array.from(members, ([name, content]) => ({ name, content })),
  ]);
}

function payloadEntry(
  { ecuId, releaseKey, files, sysConfig }: PayloadSpec,
  resources: ResourceWriter,
  spoil: Spoil,
): Descriptor {
  const fileTable = {
    mediaType: `${P}.file_table.v1.sqlite3`,
    ...resources.blob(tableBytes(fileTableOf(files, resources, spoil), spoil)),
  };
  const mediaTypes = { config: `${P}.config.v1+json`, sysConfig: `${P}.config.v1+yaml` };
  const config = {
    mediaType: mediaTypes.config,
    ...resources.blob(
      json({
        schemaVersion: 1,
        mediaType: mediaTypes.config,
        file_table: fileTable,
        ...(sysConfig && {
          sys_config: { mediaType: mediaTypes.sysConfig, ...resources.blob(sysConfig) },
        }),
        ecuId,
      }),
    ),
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  return {
    mediaType,
    artifactType: `${P}.v1`,
    annotations: {
      'vnd.tier4.pilot-auto.platform.ecu': ecuId,
      ...(releaseKey === undefined ? {} : { 'vnd.tier4.ota.release-key': releaseKey }),
    },
    ...resources.blob(
      json({
        schemaVersion: 2,
        mediaType,
        config,
        layers: [fileTable, ...(spoil.layers ?? [])],
        releaseKey,
      }),
    ),
  };
}

function fileTableOf(
  files: Readonly<Record<string, Uint8Array>>,
  resources: ResourceWriter,
  spoil: Spoil,
): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE ft_regular (path TEXT PRIMARY KEY,inode_id INTEGER NOT NULL,resource_id INTEGER) WITHOUT ROWID;
    CREATE INDEX fr_resource_id_index ON ft_regular (resource_id);
    CREATE TABLE ft_dir (path TEXT PRIMARY KEY,inode_id INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE ft_non_regular (path TEXT PRIMARY KEY,inode_id INTEGER NOT NULL,meta BLOB) WITHOUT ROWID;
    CREATE TABLE ft_resource (resource_id INTEGER PRIMARY KEY,digest BLOB NOT NULL UNIQUE,size INTEGER NOT NULL,contents BLOB);
    CREATE TABLE ft_inode (inode_id INTEGER PRIMARY KEY,uid INTEGER NOT NULL,gid INTEGER NOT NULL,mode INTEGER NOT NULL,links_count INTEGER,xattrs BLOB);
    INSERT INTO ft_inode VALUES (1, 0, 0, 16877, NULL, NULL), (2, 0, 0, 33188, NULL, NULL);
    INSERT INTO ft_dir VALUES ('/', 1)`);
  const known = resources.database.prepare('SELECT 1 FROM rs_manifest WHERE digest = ?');
  const addResource = database.prepare('INSERT OR IGNORE INTO ft_resource VALUES (NULL, ?, ?, ?)');
  const addFile = database.prepare(
    'INSERT INTO ft_regular SELECT ?, 2, resource_id FROM ft_resource WHERE digest = ?',
  );
  for (const [path, content] of Object.entries(files)) {
    const digest = Buffer.from(sha256(content), 'hex');
    addResource.run(digest, content.length, known.get(digest) === undefined ? content : null);
    addFile.run(path, digest);
  }
  spoil.fileTable?.(database);
  return database;
}

function tableBytes(database: DatabaseSync, { tableBytes: change }: Spoil): Buffer {
  const bytes = Buffer.from(database.serialize());
  database.close();
  return change?.(bytes) ?? bytes;
}

function makeToken(indexBytes: Buffer, chain: readonly Identity[], spoil: Spoil): Buffer {
  const [signer] = chain;
  if (signer === undefined) throw new Error('no signer');
  const header = {
    alg: 'ES256',
    typ: 'JWT',
    x5c: chain.map(({ certificate }) => certificate.raw.toString('base64')),
    ...spoil.header,
  };
  const claims = {
    iat: 1,
    image_index: {
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest: `sha256:${sha256(indexBytes)}`,
      size: indexBytes.length,
    },
    ...spoil.claims,
  };
  const signed = [header, claims].map((part) => json(part).toString('base64url')).join('.');
  const key = { key: readFileSync(signer.keyPath), dsaEncoding: 'ieee-p1363' } as const;
  const signature = sign('sha256', Buffer.from(signed), key);
  const final = spoil.signature?.(signature, Buffer.from(signed)) ?? signature;
  return Buffer.from(`${signed}.${final.toString('base64url')}`);
}
