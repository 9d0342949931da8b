import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface SelfSigned {
  readonly privateKey: KeyObject;
  readonly pem: string;
}

/**
 * A P-256 key with a certificate that it signs itself (RFC 5280), for the demonstration and the
 * benchmarks: they must run where no openssl is installed, and Node makes no certificates.
 * @param commonName printable ASCII.
 */
export function selfSigned(commonName: string, days = 365): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
  const name = sequence(
    set(sequence(oid([0x55, 0x04, 0x03]), der(0x0c, Buffer.from(commonName, 'utf8')))),
  );
  const begins = new Date(Date.now() - 60_000);
  const ends = new Date(Date.now() + days * 86_400_000);
  const certificate = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    sequence(utcTime(begins), utcTime(ends)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', certificate, privateKey);
  const whole = sequence(certificate, algorithm, der(0x03, Buffer.from([0]), signature));
  const body = whole.toString('base64').replace(/.{1,64}/g, '$&\n');
  return {
    privateKey,
    pem: `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`,
  };
}

/** One DER value: tag, length, content (X.690, 8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]) => der(0x31, ...parts);
const integer = (value: Buffer) => der(0x02, value);
const oid = (bytes: readonly number[]) => der(0x06, Buffer.from(bytes));

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`, 'latin1'));
}
