import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { decompress } from 'zstd-napi';

/**
 * A client of OTA image v1 as a test plays it: knows nothing of the builder, downloads by name, and
 * rebuilds every file. Written from the format's description, apart from the product's own reader.
 */
export interface Server {
  /** A file of meta/<index>/, by URL. */
  metafile(name: string): Uint8Array;
  /** What the cache answers; null: 404. `compression` is the `file_compression_alg` of the request. */
  download(sha256: string, compression: 'zstd' | null): Uint8Array | null;
}

export interface ClientResult {
  /** Regular files by path that came out with the right digest. */
  readonly files: number;
  /** What each download was asked for, by its name below data/ in the finished output. */
  readonly downloads: ReadonlyMap<string, Asked>;
  /** What went wrong, one line each; empty for a good output. */
  readonly faults: readonly string[];
}

/** Why a client asks for a blob. */
export type Asked =
  | 'index'
  | 'payload manifest'
  | 'config'
  | 'sys config'
  | 'file table'
  | 'resource table'
  | 'otaclient manifest'
  | 'otaclient config'
  | 'otaclient package'
  | 'plain'
  | 'compressed'
  | 'slice'
  | 'bundle';

interface Row {
  digest: Uint8Array;
  size: number;
  filter_applied: Uint8Array | null;
}

/** An otaproxy in front of an offline OTA image, with only the files of `data/` to serve. */
export function offlineServer(read: (path: string) => Uint8Array | null, index: number): Server {
  return {
    metafile(name) {
      const bytes = read(`meta/${index}/${name}`);
      if (bytes === null) throw new Error(`no ${name}`);
      return bytes;
    },
    // The compressed file wins, whatever was asked for; then the plain one.
    download: (sha256, compression) =>
      (compression === null ? null : read(`data/${sha256}.zst`)) ?? read(`data/${sha256}`),
  };
}

/** Installs the payload of an ECU and tells what went wrong. */
export function playClient(server: Server, ecuId: string): ClientResult {
  const client = new Client(server);
  client.install(ecuId);
  return { files: client.files, downloads: client.downloads, faults: client.faults };
}

class Client {
  readonly faults: string[] = [];
  files = 0;
  readonly downloads = new Map<string, Asked>();
  readonly #server: Server;
  readonly #rebuilt = new Map<string, Uint8Array | null>();

  constructor(server: Server) {
    this.#server = server;
  }

  install(ecuId: string): void {
    const token = Buffer.from(this.#server.metafile('index.jwt')).toString().split('.')[1] ?? '';
    const claims = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      image_index: { digest: string };
    };
    const index = this.#json(claims.image_index, 'index');
    const payload = list(index['manifests']).find(
      (entry) => record(entry['annotations'])['vnd.tier4.pilot-auto.platform.ecu'] === ecuId,
    );
    const tableEntry = list(index['manifests']).find((entry) =>
      String(entry['mediaType']).includes('resource_table'),
    );
    if (payload === undefined || tableEntry === undefined) throw new Error(`nothing for ${ecuId}`);
    const manifest = this.#json(payload, 'payload manifest');
    const config = this.#json(record(manifest['config']), 'config');
    if (config['sys_config'] !== undefined) this.#blob(record(config['sys_config']), 'sys config');
    for (const entry of list(index['manifests']))
      if (String(entry['artifactType']).includes('otaclient')) this.#otaclient(entry);
    const fileTable = this.#table(record(config['file_table']), 'file table');
    const resources = this.#table(tableEntry, 'resource table');
    const rows = fileTable
      .prepare(
        'SELECT path, digest, size, contents FROM ft_regular JOIN ft_resource USING (resource_id)',
      )
      .all() as unknown as {
      path: string;
      digest: Uint8Array;
      size: number;
      contents: Uint8Array | null;
    }[];
    for (const { path, digest, size, contents } of rows) {
      // An empty file is made without asking for it.
      const stored = size === 0 ? new Uint8Array(0) : this.#resource(resources, hex(digest));
      const content = contents ?? stored;
      if (content === null) this.faults.push(`${path}: cannot be had`);
      else if (content.length !== size || sha256(content) !== hex(digest))
        this.faults.push(`${path}: another content`);
      else this.files++;
    }
    fileTable.close();
    resources.close();
  }

  #otaclient(entry: Record<string, unknown>): void {
    const manifest = this.#json(entry, 'otaclient manifest');
    this.#blob(record(manifest['config']), 'otaclient config');
    for (const layer of list(manifest['layers'])) this.#blob(layer, 'otaclient package');
  }

  #resource(table: DatabaseSync, digest: string, asked?: 'bundle'): Uint8Array | null {
    const known = this.#rebuilt.get(digest);
    if (known !== undefined) return known;
    const row = one(table, 'digest = ?', Buffer.from(digest, 'hex'));
    const content = row === null ? null : this.#rebuild(table, row, asked);
    this.#rebuilt.set(digest, content);
    return content;
  }

  #rebuild(
    table: DatabaseSync,
    { digest, filter_applied: filter }: Row,
    asked?: 'bundle',
  ): Uint8Array | null {
    if (filter === null) return this.#download(hex(digest), null, asked ?? 'plain');
    const numbers = unpackNumbers(filter);
    const target = (id: number | undefined) => one(table, 'resource_id = ?', id ?? -1);
    switch (String.fromCharCode(filter[0] ?? 0)) {
      case 'b': {
        const [id, offset = 0, length = 0] = numbers;
        const row = target(id);
        const bundle = row === null ? null : this.#resource(table, hex(row.digest), 'bundle');
        return bundle?.subarray(offset, offset + length) ?? null;
      }
      case 'c': {
        const row = target(numbers[0]);
        if (row === null) return null;
        // The row's own digest is asked for where the compressed form is one blob.
        const packed =
          row.filter_applied === null
            ? this.#download(hex(digest), 'zstd', asked ?? 'compressed')
            : this.#resource(table, hex(row.digest));
        return packed === null ? null : unpack(packed);
      }
      case 's': {
        const slices = numbers.map((id) => {
          const row = target(id);
          return row === null ? null : this.#download(hex(row.digest), null, 'slice');
        });
        return slices.every((slice) => slice !== null) ? Buffer.concat(slices) : null;
      }
      default:
        throw new Error('unknown filter');
    }
  }

  #download(digest: string, compression: 'zstd' | null, asked: Asked): Uint8Array | null {
    this.downloads.set(compression === null ? digest : `${digest}.zst`, asked);
    const bytes = this.#server.download(digest, compression);
    if (bytes === null) this.faults.push(`${digest}: 404`);
    else if (sha256(compression === null ? bytes : (unpack(bytes) ?? bytes)) !== digest)
      this.faults.push(`${digest}: another content`);
    return bytes;
  }

  #blob(descriptor: Record<string, unknown>, asked: Asked): Uint8Array {
    const digest = String(descriptor['digest']).slice('sha256:'.length);
    const bytes = this.#download(digest, null, asked);
    if (bytes === null) throw new Error(`no ${digest}`);
    return bytes;
  }

  #json(descriptor: Record<string, unknown>, asked: Asked): Record<string, unknown> {
    return record(JSON.parse(Buffer.from(this.#blob(descriptor, asked)).toString()));
  }

  #table(descriptor: Record<string, unknown>, asked: Asked): DatabaseSync {
    const bytes = this.#blob(descriptor, asked);
    const database = new DatabaseSync(':memory:');
    database.deserialize(
      String(descriptor['mediaType']).endsWith('+zstd') ? decompress(bytes) : Buffer.from(bytes),
    );
    return database;
  }
}

function one(table: DatabaseSync, where: string, value: Uint8Array | number): Row | null {
  const sql = `SELECT digest, size, filter_applied FROM rs_manifest WHERE ${where}`;
  return (table.prepare(sql).get(value) as unknown as Row | undefined) ?? null;
}

/** The numbers of a well-formed filter; text ends it. */
export function unpackNumbers(filter: Uint8Array): number[] {
  const bytes = Buffer.from(filter);
  const head = bytes[2] ?? 0;
  let at = 3 + (head === 0xdc ? 2 : head === 0xdd ? 4 : 0);
  const numbers: number[] = [];
  while (at < bytes.length) {
    const type = bytes[at++] ?? 0;
    const width = { 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8 }[type];
    if (width === undefined && type > 0x7f) break;
    numbers.push(
      width === undefined
        ? type
        : width === 8
          ? Number(bytes.readBigUInt64BE(at))
          : bytes.readUIntBE(at, width),
    );
    at += width ?? 0;
  }
  return numbers;
}

function unpack(bytes: Uint8Array): Uint8Array | null {
  try {
    return decompress(bytes);
  } catch {
    return null;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const record = (value: unknown): Record<string, unknown> =>
  (value ?? {}) as Record<string, unknown>;
const list = (value: unknown): Record<string, unknown>[] => value as Record<string, unknown>[];
