import { request as httpRequest, Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { DatabaseSync } from 'node:sqlite';
import { decompress } from 'zstd-napi';
import { sha256 } from './image-factory.ts';
import { playClient, unpackNumbers, type ClientResult } from './v1-client.ts';

/** How a client of a test reaches the server. */
export interface Way {
  readonly port: number;
  readonly kind: 'http' | 'https' | 'proxy';
  /** Of https: what it trusts. */
  readonly ca?: string;
  readonly cookie?: string;
  readonly agent?: HttpAgent;
  /** How often a lost connection or a 5xx is tried again, as clients do; 0 if it is not given. */
  readonly retries?: number;
  /** What the vehicle's proxy keeps: blobs by their hash. */
  readonly cache?: Map<string, Promise<Answer>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An agent with the connections of a vehicle: up to 24. */
export function vehicleAgent(kind: Way['kind'], maxSockets = 24): HttpAgent {
  const options = { keepAlive: true, maxSockets };
  return kind === 'https' ? new HttpsAgent(options) : new HttpAgent(options);
}

/** A name of a blob, which has its hash. */
const BLOB = /[0-9a-f]{64}(?=(\.zst)?$)/;
/** Milliseconds between two tries. */
const RETRY_AFTER = 100;

/** Asks for a path as a client does: through the proxy's cache, and again after what may pass. */
export async function fetchPath(way: Way, path: string): Promise<Answer> {
  const hash = BLOB.exec(path)?.[0];
  const kept = hash === undefined ? undefined : way.cache?.get(hash);
  if (kept !== undefined) return kept;
  const answer = tryAgain(way, path);
  if (hash !== undefined) way.cache?.set(hash, answer);
  return answer;
}

async function tryAgain(way: Way, path: string): Promise<Answer> {
  for (let left = way.retries ?? 0; ; left--) {
    try {
      const answer = await get(way, path);
      if (answer.status < 500 || left <= 0) return answer;
    } catch (error) {
      if (left <= 0) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
  }
}

/** Asks once for a path, which is sent as it is: one character for each byte. */
export function get(
  { port, kind, ca, cookie, agent }: Way,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const host = `127.0.0.1:${port}`;
  const options = {
    ...{ host: '127.0.0.1', port, method, agent: agent ?? false },
    path: kind === 'proxy' ? `http://${host}${path}` : path,
    headers: { host, ...(cookie === undefined ? {} : { cookie }), ...headers },
    ...(ca === undefined ? {} : { ca }),
  };
  const request = (kind === 'https' ? httpsRequest : httpRequest)(options, (response) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('error', reject);
    // A body that ends before its length.
    response.on('aborted', () => reject(new Error('the connection was lost')));
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(parts),
      }),
    );
  });
  request.on('error', reject);
  request.end();
  return promise;
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const escape = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

function encode(path: string, isRaw: (character: string) => boolean): string {
  return Array.from(Buffer.from(path), (byte) => {
    const character = String.fromCharCode(byte);
    return isRaw(character) ? character : escape(byte);
  }).join('');
}

/** How clients and proxies write a path: from everything escaped to hardly anything. */
export const ENCODINGS: readonly (readonly [string, (path: string) => string])[] = [
  ['as Python quotes', (path) => encode(path, (c) => /[\w.~/-]/.test(c))],
  ['as an older proxy', (path) => encode(path, (c) => /[\w.~/!$&'()*+,;=:@-]/.test(c))],
  ['as hardly escaped', (path) => encode(path, (c) => c > ' ' && c < '\x7f' && c !== '%')],
  ['in lower-case digits', (path) => encode(path, (c) => c === '/').toLowerCase()],
];

/** What a client of a legacy image found wrong, and how many files it has. */
export interface LegacyResult {
  readonly files: number;
  readonly faults: readonly string[];
}

interface Line {
  readonly path: string;
  readonly hash: string;
  readonly compressed: boolean;
}

/**
 * A client of legacy images, written from the format's description apart from the product's readers: it asks as a
 * vehicle does, and compares every hash.
 * @param encoding of paths.
 * @param plain whether compressed files are asked for by their paths, too.
 */
export async function playLegacyClient(
  way: Way,
  base: string,
  encoding: (path: string) => string,
  plain = false,
): Promise<LegacyResult> {
  const faults: string[] = [];
  const fetch = async (name: string): Promise<Buffer> => {
    const { status, body, headers } = await fetchPath(way, `${base}${name}`);
    if (status !== 200) faults.push(`${name}: ${status}`);
    if (Number(headers['content-length']) !== body.length) faults.push(`${name}: no length`);
    if (headers['content-encoding'] !== undefined) faults.push(`${name}: encoded`);
    return body;
  };
  const jwt = await fetch('metadata.jwt');
  const claims = JSON.parse(
    Buffer.from(latin1(jwt).split('.')[1] ?? '', 'base64url').toString(),
  ) as Record<string, string>[];
  const claim = (name: string) => claims.find((item) => name in item);
  let regulars: Buffer = Buffer.alloc(0);
  for (const name of ['certificate', 'directory', 'symboliclink', 'regular', 'persistent']) {
    const body = await fetch(claim(name)?.[name] ?? '');
    if (sha256(body) !== claim(name)?.['hash']) faults.push(`${name}: another content`);
    if (name === 'regular') regulars = body;
  }
  const rootfs = claim('rootfs_directory')?.['rootfs_directory'] ?? '';
  const packed = claim('compressed_rootfs_directory')?.['compressed_rootfs_directory'] ?? '';
  const lines = readLines(regulars);
  const compare = (name: string, content: Uint8Array, hash: string): void => {
    if (sha256(content) !== hash) faults.push(`${name}: another content`);
  };
  await Promise.all(
    lines.map(async ({ path, hash, compressed }) => {
      if (compressed) {
        const name = `${packed}/${hash}.zst`;
        compare(name, decompress(await fetch(name)), hash);
      }
      if (!compressed || plain) {
        const name = rootfs + encoding(path);
        compare(name, await fetch(name), hash);
      }
    }),
  );
  return { files: lines.length, faults };
}

/** Lines of regulars.txt: the path reaches to the last quote. */
export function readLines(regulars: Buffer): Line[] {
  return regulars
    .toString()
    .split('\n')
    .map((line) => {
      const head = line.split(',', 5);
      const path = line.slice(line.indexOf("'") + 1, line.lastIndexOf("'"));
      const tail = line.slice(line.lastIndexOf("'") + 1).split(',');
      return {
        path: path.replaceAll(String.raw`'\''`, "'"),
        hash: head[4] ?? '',
        compressed: tail[3] === 'zst',
      };
    });
}

/**
 * A client of OTA image v1: as {@link playClient}, which knows a cache, but every blob comes over HTTP by its own
 * digest. It begins anew for as long as it finds something that it has not downloaded yet.
 */
export async function playV1Client(way: Way, base: string, ecuId: string): Promise<ClientResult> {
  const bodies = new Map<string, Buffer>();
  const fetch = async (name: string): Promise<void> => {
    const { status, body } = await fetchPath(way, base + name);
    bodies.set(name, status === 200 ? body : Buffer.alloc(0));
  };
  for (const name of ['oci-layout', 'index.jwt', 'index.json']) await fetch(name);
  for (;;) {
    const wanted = new Set<string>();
    const blob = (digest: string): Buffer | null => {
      const body = bodies.get(`blobs/sha256/${digest}`);
      if (body === undefined) wanted.add(`blobs/sha256/${digest}`);
      return body ?? null;
    };
    let result: ClientResult | null = null;
    try {
      const forms = compressedForms(bodies);
      result = playClient(
        {
          metafile: (name) => bodies.get(name) ?? Buffer.alloc(0),
          download: (digest, compression) =>
            blob(compression === null ? digest : (forms.get(digest) ?? digest)),
        },
        ecuId,
      );
    } catch (error) {
      if (wanted.size === 0) throw error;
    }
    if (wanted.size === 0 && result !== null) return result;
    await Promise.all(Array.from(wanted, fetch));
  }
}

/** Digests of compressed blobs by the digests of what they unpack to; empty until the table is there. */
function compressedForms(bodies: ReadonlyMap<string, Buffer>): Map<string, string> {
  const index = JSON.parse((bodies.get('index.json') ?? '').toString()) as {
    manifests: { mediaType: string; digest: string }[];
  };
  const entry = index.manifests.find(({ mediaType }) => mediaType.includes('resource_table'));
  const stored = bodies.get(`blobs/sha256/${entry?.digest.slice('sha256:'.length) ?? ''}`);
  const forms = new Map<string, string>();
  if (entry === undefined || stored === undefined) return forms;
  using table = new DatabaseSync(':memory:');
  table.deserialize(entry.mediaType.endsWith('+zstd') ? decompress(stored) : stored);
  const rows = table
    .prepare('SELECT resource_id AS id, digest, filter_applied AS filter FROM rs_manifest')
    .all() as unknown as { id: number; digest: Uint8Array; filter: Uint8Array | null }[];
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const { digest, filter } of rows) {
    if (filter === null || filter[0] !== 'c'.charCodeAt(0)) continue;
    const target = byId.get(unpackNumbers(filter)[0] ?? -1);
    if (target?.filter === null)
      forms.set(Buffer.from(digest).toString('hex'), Buffer.from(target.digest).toString('hex'));
  }
  return forms;
}
