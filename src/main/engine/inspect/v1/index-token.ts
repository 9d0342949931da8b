import { verify, type X509Certificate } from 'node:crypto';
import { builderError } from '../../../../shared/errors.ts';
import type { SignatureReport } from '../../../../shared/model/image-report.ts';
import { basicConstraints, parseCertificate } from '../certificate.ts';
import { loadCaChains } from '../ca.ts';
import type { BlobRef } from './blob-store.ts';
import {
  validateIssuers,
  validatePeriod,
  findAnchor,
  isIssuedBy,
  MAX_CHAIN_LENGTH,
} from '../chain.ts';
import { DocumentFault, parseDocument, tokenClaimsSchema, tokenHeaderSchema } from './documents.ts';

/** index.jwt taken apart; nothing of it is trusted yet. */
export interface IndexToken {
  /** What the signature covers, as transmitted. */
  readonly signed: Uint8Array;
  /** ECDSA r and s, 32 bytes each. */
  readonly signature: Uint8Array;
  /** Standard-base64 DER or PEM text, in any order. */
  readonly x5c: readonly string[];
  readonly imageIndex: BlobRef;
}

/** RFC 7518, 3.4: two numbers of 32 bytes. */
const ES256_SIGNATURE_BYTES = 64;

/** @throws DocumentFault where it is no token of an image index. */
export function parseIndexToken(bytes: Uint8Array): IndexToken {
  const parts = Buffer.from(bytes).toString('latin1').trimEnd().split('.');
  const [header, claims, signature] = parts;
  if (header === undefined || claims === undefined || signature === undefined || parts.length !== 3)
    throw new DocumentFault('index.jwt: not three parts');
  const { x5c } = parseDocument('index.jwt header', fromBase64Url(header), tokenHeaderSchema);
  const { image_index: imageIndex } = parseDocument(
    'index.jwt claims',
    fromBase64Url(claims),
    tokenClaimsSchema,
  );
  return {
    signed: Buffer.from(`${header}.${claims}`, 'latin1'),
    signature: fromBase64Url(signature),
    x5c,
    imageIndex,
  };
}

/** Node skips what it does not know; a token has one spelling (padding aside). */
function fromBase64Url(text: string): Buffer {
  const bare = text.replace(/={1,2}$/, '');
  const bytes = Buffer.from(bare, 'base64url');
  if (bytes.toString('base64url') !== bare) throw new DocumentFault('index.jwt: not base64url');
  return bytes;
}

export interface TokenCheck {
  /** Input, for messages. */
  readonly file: string;
  /** null: not anchored. */
  readonly caDir: string | null;
  readonly now: Date;
}

/**
 * Checks what a client checks before it believes an image: the certificate chain that the token
 * brings, the anchor in a CA folder where one is given, and the signature.
 * @throws `certificate-invalid`, `certificate-not-yet-valid`, `certificate-expired`, `certificate-root-included`,
 * `signature-untrusted`, `signature-invalid`, `ca-unreadable`.
 */
export async function verifyIndexToken(
  token: IndexToken,
  { file, caDir, now }: TokenCheck,
): Promise<SignatureReport> {
  const invalid = (reason: string, cause?: unknown) =>
    builderError('certificate-invalid', { file, reason }, cause);
  const [leaf, ...intermediates] = readChain(token.x5c, file, now);
  if (leaf === undefined) throw invalid('no certificate');
  if (!isP256(leaf)) throw invalid('the key is not on the curve P-256');

  let chain: string | null = null;
  if (caDir !== null) {
    const chains = await loadCaChains(caDir);
    const anchor = findAnchor(leaf, chains, { intermediates, now });
    if (anchor === null) {
      validateIssuers(file, leaf, chains, { intermediates, now });
      throw builderError('signature-untrusted', { file, caDir });
    }
    if (basicConstraints(anchor.root)?.critical !== true)
      throw invalid(`${anchor.chain.name}.root.pem has no critical basic constraints`);
    chain = anchor.chain.name;
  }

  if (!isSignedBy(token, leaf)) throw builderError('signature-invalid', { file });
  return { state: chain === null ? 'unanchored' : 'anchored', chain, ...describe(leaf) };
}

/** Whether the certificate that a token brings signed it; who that is and until when is left open. */
export function isSignedByItsOwn(token: IndexToken): boolean {
  const leaf = leafOf(token);
  return leaf !== null && isP256(leaf) && isSignedBy(token, leaf);
}

function isP256(leaf: X509Certificate): boolean {
  return leaf.publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

function isSignedBy({ signed, signature }: IndexToken, leaf: X509Certificate): boolean {
  if (signature.length !== ES256_SIGNATURE_BYTES) return false;
  return verify('sha256', signed, { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

/** What an unchecked token says about its signer; null where it cannot be read. */
export function uncheckedSignature(token: IndexToken): SignatureReport {
  const leaf = leafOf(token);
  const nothing = { signer: null, validFrom: null, validTo: null };
  return { state: 'unchecked', chain: null, ...(leaf === null ? nothing : describe(leaf)) };
}

/** The signing certificate; null where it cannot be determined. */
function leafOf({ x5c }: IndexToken): X509Certificate | null {
  const certificates = x5c.map(tryCertificate).filter((certificate) => certificate !== null);
  return leafFirst(certificates)[0] ?? certificates[0] ?? null;
}

/**
 * The chain of certificates from the signing one on, by the names of their issuers: clients take them
 * in any order.
 * @returns as many as belong to one chain.
 */
function leafFirst(certificates: readonly X509Certificate[]): X509Certificate[] {
  const issuers = new Set(certificates.map(({ issuer }) => issuer));
  const leaf = certificates.find(({ subject }) => !issuers.has(subject));
  const chain: X509Certificate[] = [];
  for (let next = leaf; next !== undefined && chain.length < certificates.length;) {
    const { issuer } = next;
    chain.push(next);
    next = certificates.find(({ subject }) => subject === issuer);
  }
  return chain;
}

/** The certificates in order, each a valid issuer of the one before it. */
function readChain(x5c: readonly string[], file: string, now: Date): X509Certificate[] {
  const invalid = (reason: string) => builderError('certificate-invalid', { file, reason });
  const brought = new Map<string, X509Certificate>();
  for (const text of x5c) {
    const certificate = tryCertificate(text);
    if (certificate === null) throw invalid('neither base64 of a DER certificate nor PEM');
    // A root that the image brings itself proves nothing; clients refuse the image for it.
    if (certificate.subject === certificate.issuer)
      throw builderError('certificate-root-included', { file });
    brought.set(certificate.fingerprint256, certificate);
    if (brought.size > MAX_CHAIN_LENGTH)
      throw invalid(`more than ${MAX_CHAIN_LENGTH} certificates`);
  }
  const certificates = leafFirst([...brought.values()]);
  if (certificates.length !== brought.size) throw invalid('its certificates are not one chain');
  for (const [i, certificate] of certificates.entries()) {
    validatePeriod(file, certificate, now);
    const issuer = certificates[i + 1];
    if (issuer === undefined) continue;
    if (!isIssuedBy(certificate, issuer, i))
      throw invalid('a certificate is not signed by the next one');
    if (basicConstraints(issuer)?.critical !== true)
      throw invalid('an issuer has no critical basic constraints');
  }
  return certificates;
}

/** RFC 7515, 4.1.6, wants DER in standard base64; early builders wrote PEM, and clients take both. */
function tryCertificate(text: string): X509Certificate | null {
  const isPem = text.startsWith('-----BEGIN CERTIFICATE-----');
  const der = Buffer.from(text, 'base64');
  if (!isPem && der.toString('base64') !== text) return null;
  try {
    return parseCertificate(isPem ? text : der);
  } catch {
    return null;
  }
}

function describe(
  leaf: X509Certificate,
): Pick<SignatureReport, 'signer' | 'validFrom' | 'validTo'> {
  return {
    signer: leaf.subject.replaceAll('\n', ', '),
    validFrom: leaf.validFromDate.toISOString(),
    validTo: leaf.validToDate.toISOString(),
  };
}
