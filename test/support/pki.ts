import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tool } from './tools.ts';

export const openssl = tool('openssl');

/** A certificate with its private key, made by the openssl command. */
export interface Identity {
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

export interface IdentityOptions {
  readonly subject: string;
  /** Absent: signs itself. */
  readonly issuer?: Identity;
  /** Lines of an openssl extension section. */
  readonly extensions?: readonly string[];
  readonly curve?: string;
  readonly days?: number;
}

export const CA_EXTENSIONS = ['basicConstraints=critical,CA:true'];
export const LEAF_EXTENSIONS = ['basicConstraints=critical,CA:false', 'keyUsage=digitalSignature'];

/** Makes a key and a certificate in `folder`. */
export function issue(folder: string, options: IdentityOptions): Identity {
  const { subject, issuer, extensions = CA_EXTENSIONS, curve = 'prime256v1', days = 30 } = options;
  const base = join(folder, randomBytes(6).toString('hex'));
  const keyPath = `${base}.key`;
  const certificatePath = `${base}.pem`;
  run(['ecparam', '-name', curve, '-genkey', '-noout', '-out', keyPath]);
  run(['req', '-new', '-key', keyPath, '-subj', subject, '-out', `${base}.csr`]);
  writeFileSync(`${base}.ext`, extensions.join('\n'));
  const signer =
    issuer === undefined
      ? ['-signkey', keyPath]
      : ['-CA', issuer.certificatePath, '-CAkey', issuer.keyPath, '-CAcreateserial'];
  run([
    ...['x509', '-req', '-in', `${base}.csr`, ...signer],
    ...['-days', String(days), '-sha256', '-extfile', `${base}.ext`, '-out', certificatePath],
  ]);
  const pem = readFileSync(certificatePath, 'utf8');
  return { certificate: new X509Certificate(pem), pem, certificatePath, keyPath };
}

function run(args: readonly string[]): void {
  execFileSync(openssl.path, args, { stdio: 'pipe' });
}
