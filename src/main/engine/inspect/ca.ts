import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { readdir } from '../../files/files.ts';
import { BuilderError, builderError } from '../../../shared/errors.ts';
import { openOrdinary } from '../stream/open-ordinary.ts';
import { parseCertificate } from './certificate.ts';

/** The CA certificates that a vehicle keeps under one name. */
export interface CaChain {
  /** The name without `.root.pem`. */
  readonly name: string;
  /** Trust anchors: self-signed, at least one. */
  readonly roots: readonly X509Certificate[];
  /** Helps to get from a signing certificate to a root; may be empty. */
  readonly intermediates: readonly X509Certificate[];
}

/** A certificate is about 1 KiB; a file this large is no CA file. */
const MAX_PEM_BYTES = 1024 * 1024;

const CA_FILE = /^(?<chain>[^.].*)\.(?<part>root|intermediate)\.pem$/;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** What a CA folder holds. */
export interface CaFolder {
  /** At least one, in the order of their names. */
  readonly chains: readonly CaChain[];
  /** Names of chains that have an intermediate but no root: of no use, to a vehicle neither. */
  readonly withoutRoot: readonly string[];
}

/** The chains of {@link readCaFolder}. */
export async function loadCaChains(dir: string): Promise<readonly CaChain[]> {
  return (await readCaFolder(dir)).chains;
}

/**
 * Reads a CA folder in the layout of a vehicle: `<chain>.root.pem` and `<chain>.intermediate.pem`,
 * each with one or more PEM certificates. Other files are ignored, and hidden ones: macOS puts a
 * `._name` with attributes beside every file on a stick.
 * @throws `ca-unreadable` for a folder without a root, a root that is not self-signed, or anything
 * that is no certificate. `input-is-pipe` and the like, as {@link openOrdinary}.
 */
export async function readCaFolder(dir: string): Promise<CaFolder> {
  const unreadable = (reason: string, cause?: unknown) =>
    builderError('ca-unreadable', { dir, reason }, cause);
  const parts = new Map<string, { root?: X509Certificate[]; intermediate?: X509Certificate[] }>();
  for (const file of await listFolder(dir, unreadable)) {
    const { chain, part } = CA_FILE.exec(file)?.groups ?? {};
    if (chain === undefined || (part !== 'root' && part !== 'intermediate')) continue;
    const found = parts.get(chain) ?? {};
    found[part] = await readCertificates(join(dir, file), file, unreadable);
    parts.set(chain, found);
  }
  const chains: CaChain[] = [];
  const withoutRoot: string[] = [];
  for (const [name, { root, intermediate = [] }] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (root === undefined) withoutRoot.push(name);
    else if (root.every(isSelfSigned))
      chains.push({ name, roots: root, intermediates: intermediate });
    else throw unreadable(`${name}.root.pem is not self-signed`);
  if (chains.length === 0) throw unreadable('no <chain>.root.pem in it');
  return { chains, withoutRoot };
}

type Unreadable = (reason: string, cause?: unknown) => Error;

async function listFolder(dir: string, unreadable: Unreadable): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error), error);
  }
}

async function readCertificates(
  path: string,
  file: string,
  unreadable: Unreadable,
): Promise<X509Certificate[]> {
  try {
    await using handle = await openOrdinary(path);
    if ((await handle.stat()).size > MAX_PEM_BYTES) throw new Error('too large');
    const blocks = (await handle.readFile('latin1')).match(PEM_CERTIFICATE) ?? [];
    if (blocks.length === 0) throw new Error('no PEM certificate in it');
    return blocks.map(parseCertificate);
  } catch (error) {
    if (error instanceof BuilderError) throw error;
    throw unreadable(`${file}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}
