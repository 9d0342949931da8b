import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A certificate with its private key, made without openssl. */
export interface MadeIdentity {
  readonly pem: string;
  readonly key: KeyObject;
  readonly commonName: string;
}

export interface CertificateOptions {
  readonly commonName?: string;
  /** Absent: signs itself. */
  readonly issuer?: MadeIdentity;
  readonly isCa?: boolean;
  readonly validFrom?: Date;
  readonly validTo?: Date;
  readonly key?: 'P-256' | 'P-384' | 'rsa';
}

const DAY_MS = 86_400_000;

/** Makes a key and an X.509 certificate (RFC 5280) for it. The issuer's key must be an EC key. */
export function makeIdentity(options: CertificateOptions = {}): MadeIdentity {
  const { commonName = 'Test signer', issuer, isCa = false, key = 'P-256' } = options;
  const { validFrom = new Date(Date.now() - DAY_MS) } = options;
  const { validTo = new Date(Date.now() + 365 * DAY_MS) } = options;
  const { publicKey, privateKey } =
    key === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: key });
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 2 ** 31)),
    ECDSA_WITH_SHA256,
    nameOf(issuer?.commonName ?? commonName),
    sequence(time(validFrom), time(validTo)),
    nameOf(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(basicConstraints(isCa), keyUsage(isCa))),
  );
  const signature = createSign('sha256')
    .update(body)
    .sign(issuer?.key ?? privateKey);
  const der = sequence(body, ECDSA_WITH_SHA256, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const pem = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  return { pem, key: privateKey, commonName };
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = body.length < 128 ? [body.length] : [0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...parts);
}

/** Non-negative; DER wants the shortest form whose first bit is no sign. */
function integer(value: number): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return tlv(0x02, Buffer.from(even >= '8' ? `00${even}` : even, 'hex'));
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift(0x80 + (left % 128));
    bytes.push(...digits);
  }
  return tlv(0x06, Buffer.from(bytes));
}

const ECDSA_WITH_SHA256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2));

function nameOf(commonName: string): Buffer {
  const attribute = sequence(oid(2, 5, 4, 3), tlv(0x0c, Buffer.from(commonName)));
  return sequence(tlv(0x31, attribute));
}

/** GeneralizedTime; readers take it for every year. */
function time(date: Date): Buffer {
  return tlv(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
}

function basicConstraints(isCa: boolean): Buffer {
  const value = isCa ? sequence(tlv(0x01, Buffer.from([0xff]))) : sequence();
  return extension(oid(2, 5, 29, 19), value);
}

/** digitalSignature for a leaf, keyCertSign for a CA. */
function keyUsage(isCa: boolean): Buffer {
  return extension(oid(2, 5, 29, 15), tlv(0x03, Buffer.from(isCa ? [2, 0x04] : [7, 0x80])));
}

function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(id, tlv(0x01, Buffer.from([0xff])), tlv(0x04, value));
}
