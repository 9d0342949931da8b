import type { X509Certificate } from 'node:crypto';
import { builderError } from '../../../../shared/errors.ts';
import type { SignatureReport } from '../../../../shared/model/image-report.ts';
import { wallClock } from '../../../../shared/wall-clock.ts';
import { loadCaChains } from '../ca.ts';
import { parseCertificate } from '../certificate.ts';
import { validateIssuers, validatePeriod, findAnchor } from '../chain.ts';
import type { InspectOptions } from '../inspected-image.ts';
import { verifyEs256, type Jwt } from './jwt.ts';

/**
 * Checks who signed metadata.jwt. The certificate's own hash claim is checked elsewhere; here its key
 * must be P-256 and fit the signature, it must be valid now, and, with a CA folder, be issued by it.
 * @throws `certificate-invalid`, `certificate-not-yet-valid`, `certificate-expired`, `signature-invalid`,
 * `signature-untrusted`, `ca-unreadable`.
 */
export async function validateSigner(
  file: string,
  jwt: Jwt,
  pem: Uint8Array,
  { caDir, checkSignature }: InspectOptions,
): Promise<SignatureReport> {
  const certificate = readCertificate(file, pem, checkSignature);
  if (certificate === null) return UNREADABLE;
  const about = {
    signer: certificate.subject.replaceAll('\n', ', '),
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
  };
  if (!checkSignature) return { ...about, state: 'unchecked', chain: null };

  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw builderError('certificate-invalid', { file, reason: 'its key is not P-256' });
  if (!verifyEs256(jwt, publicKey)) throw builderError('signature-invalid', { file });
  const now = wallClock();
  validatePeriod(file, certificate, now);
  if (caDir === null) return { ...about, state: 'unanchored', chain: null };
  const chains = await loadCaChains(caDir);
  const anchor = findAnchor(certificate, chains, { now });
  if (anchor === null) {
    validateIssuers(file, certificate, chains, { now });
    throw builderError('signature-untrusted', { file, caDir });
  }
  return { ...about, state: 'anchored', chain: anchor.chain.name };
}

const UNREADABLE: SignatureReport = {
  state: 'unchecked',
  signer: null,
  chain: null,
  validFrom: null,
  validTo: null,
};

function readCertificate(file: string, pem: Uint8Array, must: boolean): X509Certificate | null {
  try {
    return parseCertificate(pem);
  } catch (error) {
    if (!must) return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw builderError('certificate-invalid', { file, reason }, error);
  }
}
