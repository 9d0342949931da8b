import 'reflect-metadata';
import { createPrivateKey, KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { BuilderError, builderError } from '../../shared/errors.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import type { TlsIdentity } from './one-port.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;
/** A CA that vehicles trust ends by itself. Days. */
const AUTHORITY_DAYS = 730;
/** A new one is made when it ends sooner. Days. */
const AUTHORITY_DAYS_LEFT = 30;
/** A certificate is made anew at each start. Days. */
const CERTIFICATE_DAYS = 30;
/** Vehicles without a network have clocks that are slow. Days. */
const BACKDATED_DAYS = 365;
/** RFC 5280, 4.1.2.2: at most 20 bytes. */
const SERIAL_BYTES = 16;
const KEY_MODE = 0o600;
const FOLDER_MODE = 0o700;
const CERTIFICATE_MODE = 0o644;

const CERTIFICATE_FILE = 'ca.pem';
const KEY_FILE = 'ca.key';

export interface AuthorityFacts {
  /** The certificate that an ECU has to trust. */
  readonly authorityPath: string;
  /** Whether it was made now, so that no ECU trusts it yet. */
  readonly isNew: boolean;
}

export type OwnIdentity = TlsIdentity & AuthorityFacts;

interface Authority {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A certificate for an address, by a CA of our own that is kept in a folder. The key of the CA is readable by its
 * owner alone; that of the certificate is never stored.
 * @param folder absolute; made where it is not there.
 * @throws `serve-key-exposed` where others may read the key; `serve-authority-failed`.
 */
export function ownIdentity(folder: string, address: string): Promise<OwnIdentity> {
  return withAuthority(folder, async (authority, facts) => ({
    ...(await issue(authority, address)),
    ...facts,
  }));
}

/** The CA alone, made where there is none. @throws as {@link ownIdentity} */
export function ownAuthority(folder: string): Promise<AuthorityFacts> {
  return withAuthority(folder, (_authority, facts) => Promise.resolve(facts));
}

async function withAuthority<Made>(
  folder: string,
  use: (authority: Authority, facts: AuthorityFacts) => Promise<Made>,
): Promise<Made> {
  try {
    const known = await readAuthority(folder);
    const authority = known ?? (await makeAuthority(folder));
    return await use(authority, {
      authorityPath: join(folder, CERTIFICATE_FILE),
      isNew: known === null,
    });
  } catch (error) {
    if (error instanceof BuilderError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw builderError('serve-authority-failed', { folder, reason }, error);
  }
}

/** null where there is none, or it ends soon. */
async function readAuthority(folder: string): Promise<Authority | null> {
  const keyPath = join(folder, KEY_FILE);
  try {
    const { mode } = await stat(keyPath);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw builderError('serve-key-exposed', { path: keyPath });
    const certificate = await readFile(join(folder, CERTIFICATE_FILE), 'utf8');
    const key = await readFile(keyPath, 'utf8');
    const parsed = new X509Certificate(certificate);
    const ends = parsed.validToDate.getTime() - wallClock().getTime();
    const isUsable = ends > AUTHORITY_DAYS_LEFT * DAY;
    return isUsable && parsed.checkPrivateKey(createPrivateKey(key)) ? { certificate, key } : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function makeAuthority(folder: string): Promise<Authority> {
  const x509 = await import('@peculiar/x509');
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ keys, signingAlgorithm: ALGORITHM, serialNumber: serial() },
    name: `CN=Offline OTA Image Builder CA ${serial().slice(0, 8)}`,
    ...validity(AUTHORITY_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const authority = { certificate: `${made.toString('pem')}\n`, key: pemOf(keys.privateKey) };
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  await chmod(folder, FOLDER_MODE);
  await replace(join(folder, KEY_FILE), authority.key, KEY_MODE);
  await replace(join(folder, CERTIFICATE_FILE), authority.certificate, CERTIFICATE_MODE);
  return authority;
}

async function issue(authority: Authority, address: string): Promise<TlsIdentity> {
  const x509 = await import('@peculiar/x509');
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificate);
  // Node's type of a key names more usages than that of the web, which the library knows.
  const signingKey = createPrivateKey(authority.key).toCryptoKey(ALGORITHM, false, [
    'sign',
  ]) as unknown as CryptoKey;
  const made = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: serial(), signingAlgorithm: ALGORITHM, signingKey },
    ...{ subject: 'CN=Offline OTA Image Builder', issuer: issuer.subject },
    publicKey: keys.publicKey,
    ...validity(CERTIFICATE_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(namesOf(address)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: `${made.toString('pem')}\n`, key: pemOf(keys.privateKey) };
}

function namesOf(address: string): { type: 'ip' | 'dns'; value: string }[] {
  const own = { type: isIP(address) === 0 ? ('dns' as const) : ('ip' as const), value: address };
  return [own, { type: 'dns', value: 'localhost' }];
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = wallClock().getTime();
  return { notBefore: new Date(now - BACKDATED_DAYS * DAY), notAfter: new Date(now + days * DAY) };
}

/** Positive, as RFC 5280 wants it. */
function serial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pemOf(key: CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** With its mode from the first byte on, and never half of it under its name. */
async function replace(path: string, text: string, mode: number): Promise<void> {
  const partial = `${path}.${serial().slice(0, 8)}.partial`;
  await writeFile(partial, text, { mode, flag: 'wx' });
  await rename(partial, path);
}
