import type { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { builderError } from '../../../shared/errors.ts';
import { parseCertificate } from './certificate.ts';

/** The CA certificates that a vehicle keeps under one name. */
export interface CaChain {
  /** What stands before `.root.pem`. */
  readonly name: string;
  /** Trust anchors: self-signed, at least one. */
  readonly roots: readonly X509Certificate[];
  /** Helps to get from a signing certificate to a root; may be empty. */
  readonly intermediates: readonly X509Certificate[];
}

/** A certificate is about 1 KiB; a file this large is no CA file. */
const MAX_PEM_BYTES = 1024 * 1024;

const CA_FILE = /^(?<chain>.+)\.(?<part>root|intermediate)\.pem$/;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Loads the CA folder in the layout of a vehicle: `<chain>.root.pem` and `<chain>.intermediate.pem`,
 * each with one or more PEM certificates. Other files are ignored.
 * @returns the chains in the order of their names.
 * @throws `ca-unreadable` for a folder without a root, an intermediate without its root, a root that
 * is not self-signed, or anything that is no certificate.
 */
export async function loadCaChains(dir: string): Promise<CaChain[]> {
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
  if (parts.size === 0) throw unreadable('no <chain>.root.pem in it');
  return [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { root, intermediate }]) => {
      if (root === undefined)
        throw unreadable(`no ${name}.root.pem beside ${name}.intermediate.pem`);
      if (!root.every(isSelfSigned)) throw unreadable(`${name}.root.pem is not self-signed`);
      return { name, roots: root, intermediates: intermediate ?? [] };
    });
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
    if ((await stat(path)).size > MAX_PEM_BYTES) throw new Error('too large');
    const blocks = (await readFile(path, 'latin1')).match(PEM_CERTIFICATE) ?? [];
    if (blocks.length === 0) throw new Error('no PEM certificate in it');
    return blocks.map(parseCertificate);
  } catch (error) {
    throw unreadable(`${file}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}
