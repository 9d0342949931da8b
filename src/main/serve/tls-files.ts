import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import type { TlsIdentity } from './one-port.ts';

/**
 * Reads a certificate and its private key, both PEM.
 * @throws `serve-tls-invalid` where one of them cannot be read, or they do not belong together.
 */
export async function readTlsFiles(certificatePath: string, keyPath: string): Promise<TlsIdentity> {
  const [certificate, key] = [await read(certificatePath), await read(keyPath)];
  const parsed = using(certificatePath, () => new X509Certificate(certificate));
  const privateKey = using(keyPath, () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(privateKey))
    throw builderError('serve-tls-invalid', {
      path: keyPath,
      reason: 'key of another certificate',
    });
  return { certificate, key };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw invalid(path, error);
  }
}

function using<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw invalid(path, error);
  }
}

function invalid(path: string, error: unknown) {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no PEM';
  return builderError('serve-tls-invalid', { path, reason }, error);
}
