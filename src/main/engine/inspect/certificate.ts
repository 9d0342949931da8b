import { X509Certificate } from 'node:crypto';

/** The extension that says whether a certificate may sign others (RFC 5280, 4.2.1.9). */
export interface BasicConstraints {
  readonly critical: boolean;
  readonly ca: boolean;
  /** How many intermediates may stand between it and the leaf; null: any number. */
  readonly pathLength: number | null;
}

/** 2.5.29.19 */
const BASIC_CONSTRAINTS_OID = '551d13';

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
/** `[3] EXPLICIT Extensions` of TBSCertificate. */
const EXTENSIONS = 0xa3;

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/**
 * Parses a certificate as far as checks will look at it: OpenSSL reads key, dates and
 * extensions only when asked for them, and would fail in the middle of a check.
 * @param encoded PEM text or DER bytes.
 * @throws Error
 */
export function parseCertificate(encoded: string | Uint8Array): X509Certificate {
  const certificate = new X509Certificate(encoded);
  if (certificate.publicKey.type !== 'public') throw new Error('no public key');
  basicConstraints(certificate);
  const { validFromDate, validToDate } = certificate;
  if (!(validFromDate <= validToDate)) throw new Error('unreadable dates');
  return certificate;
}

/**
 * Reads what `X509Certificate` does not tell: criticality and path length. The certificate has been
 * parsed by OpenSSL before, so this only walks DER that is known to be well-formed.
 * @returns null where the certificate has no such extension.
 * @throws Error for DER that does not have the shape of RFC 5280.
 */
export function basicConstraints(certificate: X509Certificate): BasicConstraints | null {
  const [tbs] = children(only(certificate.raw, SEQUENCE));
  const wrapped = children(tbs?.content ?? none()).find(({ tag }) => tag === EXTENSIONS);
  if (wrapped === undefined) return null;
  for (const extension of children(only(wrapped.content, SEQUENCE))) {
    const fields = children(extension.content);
    const [oid] = fields;
    if (oid?.tag !== OID || hex(oid.content) !== BASIC_CONSTRAINTS_OID) continue;
    const value = fields.at(-1);
    if (value?.tag !== OCTET_STRING) return none();
    return { critical: isTrue(fields[1]), ...constraints(only(value.content, SEQUENCE)) };
  }
  return null;
}

function constraints(content: Uint8Array): Pick<BasicConstraints, 'ca' | 'pathLength'> {
  const fields = children(content);
  const length = fields.find(({ tag }) => tag === INTEGER);
  return {
    ca: isTrue(fields[0]),
    pathLength: length === undefined ? null : Number(BigInt(`0x${hex(length.content)}`)),
  };
}

/** DEFAULT FALSE is left out in DER, so a missing element is false. */
function isTrue(element: Element | undefined): boolean {
  return element?.tag === BOOLEAN && element.content[0] !== 0;
}

function only(bytes: Uint8Array, tag: number): Uint8Array {
  const elements = children(bytes);
  const [element] = elements;
  return element?.tag === tag && elements.length === 1 ? element.content : none();
}

function children(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? none();
    const first = bytes[at + 1] ?? none();
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (lengthBytes > 4) return none();
    let length = lengthBytes === 0 ? first : 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 2 + i] ?? none());
    const start = at + 2 + lengthBytes;
    if (start + length > bytes.length) return none();
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function none(): never {
  throw new Error('certificate has an unexpected structure');
}
