import { BuilderError, toErrorData } from '../../../shared/errors.ts';
import type { CheckFault } from '../../../shared/model/job.ts';
import { METADATA_JWT, readClaims, signedFiles, type Claims } from '../inspect/legacy/claims.ts';
import { parseCertificate } from '../inspect/certificate.ts';
import { MAX_JWT_BYTES, parseJwt, verifyEs256, type Jwt } from '../inspect/legacy/jwt.ts';
import {
  LINES_PER_YIELD,
  parseRegular,
  MAX_TABLE_BYTES,
  tableLines,
  type RegularLine,
} from '../inspect/legacy/tables.ts';
import type { ContentDigest } from '../content/digest.ts';
import { sha256Steps } from '../sha256.ts';
import { runYielding, yieldToEventLoop } from '../event-loop.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import type { Expectation, ExpectationOptions, PayloadCounts } from './expectation.ts';
import { ShardedMap, ShardedSet } from '../sharded.ts';

/**
 * What the metadata in meta/<index>/ of a legacy image asks for, and what is wrong with it itself.
 * Nothing but its signature tells whether metadata.jwt is what it was.
 */
export async function expectLegacy(
  output: FinishedImage,
  index: number,
  { signal, checkSignature, count }: ExpectationOptions,
): Promise<Expectation> {
  const faults: CheckFault[] = [];
  const blobs = new ShardedMap<string, ContentDigest>();
  const folder = `meta/${index}/`;
  const jwtPath = folder + METADATA_JWT;
  const metafiles = new Set([jwtPath]);
  const counter = new LineCounter();
  const result = { blobs, metafiles, faults, counts: null };

  if (!output.files.has(jwtPath)) {
    faults.push({ kind: 'missing', path: jwtPath, detail: 'the image has no metadata' });
    return result;
  }
  const jwtBytes = (await output.readMany([jwtPath], MAX_JWT_BYTES)).get(jwtPath);
  const jwt = jwtBytes === undefined ? null : parseJwt(jwtBytes);
  if (jwt === null) {
    faults.push({ kind: 'corrupt', path: jwtPath, detail: 'it is not a JWT' });
    return result;
  }
  try {
    const claims = readClaims(output.name, jwt);
    for (const { name, hash } of signedFiles(claims)) {
      const path = `${folder}${name}`;
      metafiles.add(path);
      const bytes = output.files.has(path)
        ? (await output.readMany([path], MAX_TABLE_BYTES)).get(path)
        : undefined;
      if (bytes === undefined) {
        faults.push({ kind: 'missing', path, detail: 'metadata.jwt names it' });
      } else if ((await runYielding(sha256Steps(bytes), signal)) !== hash) {
        faults.push({ kind: 'corrupt', path, detail: 'its SHA-256 differs' });
      } else if (name === claims.certificate.name) {
        if (checkSignature && !isSignedBy(jwt, bytes))
          faults.push({ kind: 'corrupt', path: jwtPath, detail: 'its signature is wrong' });
      } else if (name === claims.regulars.name) {
        await collectBlobs(path, bytes, { blobs, faults, counter, sizes: output.files }, signal);
      } else if (count) await counter.addList(claims, name, bytes, signal);
    }
    return { ...result, counts: count ? counter.counts : null };
  } catch (error) {
    if (!(error instanceof BuilderError)) throw error;
    faults.push({ kind: 'corrupt', path: jwtPath, detail: toErrorData(error).code });
  }
  return result;
}

function isSignedBy(jwt: Jwt, pem: Uint8Array): boolean {
  try {
    return verifyEs256(jwt, parseCertificate(pem).publicKey);
  } catch {
    return false;
  }
}

/** What is found in the lists, and where it goes. */
interface Collected {
  readonly blobs: ShardedMap<string, ContentDigest>;
  readonly faults: CheckFault[];
  readonly counter: LineCounter;
  /** Of the output's files. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Counts what the lists of an image name. */
class LineCounter {
  readonly #inodes = new ShardedSet<string>();
  readonly #lists = { directories: 0, symlinks: 0, persistents: 0 };
  #files = 0;
  #hardLinkedFiles = 0;
  #unpackedBytes = 0;

  /** A line of regulars.txt. */
  add({ sha256, size, nlink, inode }: RegularLine, sizes: Collected['sizes']): void {
    this.#files++;
    if (nlink > 1) this.#hardLinkedFiles++;
    if (inode === null || this.#inodes.add(inode))
      this.#unpackedBytes += size ?? sizes.get(`data/${sha256}`) ?? 0;
  }

  /** One of the other lists, by its name. */
  async addList(
    claims: Claims,
    name: string,
    table: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const list of ['directories', 'symlinks', 'persistents'] as const) {
      if (claims[list].name !== name) continue;
      for (const { number } of tableLines(table)) {
        if (number % LINES_PER_YIELD === 0) await yieldToEventLoop(signal);
        this.#lists[list] = number;
      }
    }
  }

  get counts(): PayloadCounts {
    return {
      ...this.#lists,
      files: this.#files,
      hardLinkedFiles: this.#hardLinkedFiles,
      unpackedBytes: this.#unpackedBytes,
    };
  }
}

async function collectBlobs(
  path: string,
  table: Uint8Array,
  { blobs, faults, counter, sizes }: Collected,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { text, number } of tableLines(table)) {
    if (number % LINES_PER_YIELD === 0) await yieldToEventLoop(signal);
    const line = parseRegular(text);
    if (line === null) {
      faults.push({ kind: 'corrupt', path, detail: `line ${number} cannot be read` });
      return;
    }
    counter.add(line, sizes);
    const { sha256, compressed, size } = line;
    if (compressed)
      blobs.set(`${sha256}.zst`, {
        sha256,
        of: 'zstd',
        ...(size === null ? {} : { unpackedSize: size }),
      });
    else blobs.set(sha256, { sha256, of: 'plain' });
  }
}
