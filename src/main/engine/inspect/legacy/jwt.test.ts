import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeIdentity } from '../../../../../test/support/certificate.ts';
import { makeJwt } from '../../../../../test/support/image-factory.ts';
import { parseJwt, verifyEs256 } from './jwt.ts';

const identity = makeIdentity();
const key = createPublicKey(identity.key);

test('any payload is read and verified, signed in DER or raw, padded or not', () => {
  const options = fc.record({
    signature: fc.constantFrom('der' as const, 'raw' as const),
    padded: fc.boolean(),
  });
  const end = fc.constantFrom('', '\n', ' \r\n');
  fc.assert(
    fc.property(fc.jsonValue(), options, end, (payload, how, space) => {
      const jwt = parseJwt(Buffer.concat([makeJwt(payload, identity, how), Buffer.from(space)]));
      expect(jwt?.payload).toEqual(JSON.parse(JSON.stringify(payload)));
      expect(jwt?.header).toEqual({ alg: 'ES256' });
      expect(jwt !== null && verifyEs256(jwt, key)).toBe(true);
    }),
    { seed: 20_260_108, numRuns: 200 },
  );
});

test('another key, another payload or another signature does not verify', () => {
  const other = createPublicKey(makeIdentity().key);
  for (const signature of ['der', 'raw'] as const) {
    const bytes = makeJwt([{ version: 1 }], identity, { signature });
    const jwt = parseJwt(bytes);
    if (jwt === null) throw new Error('it is a JWT');
    expect(verifyEs256(jwt, key)).toBe(true);
    expect(verifyEs256(jwt, other)).toBe(false);
    expect(verifyEs256({ ...jwt, signed: Buffer.from('x') }, key)).toBe(false);
    for (let at = 0; at < jwt.signature.length; at += 5) {
      const changed = Buffer.from(jwt.signature);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(verifyEs256({ ...jwt, signature: changed }, key), String(at)).toBe(false);
    }
    for (const length of [0, 1, 63, 65])
      expect(verifyEs256({ ...jwt, signature: Buffer.alloc(length, 1) }, key)).toBe(false);
  }
});

test('anything else is no JWT, whatever it is', () => {
  for (const text of [
    '',
    '.',
    '..',
    'a.b',
    'e30.e30.AA.AA',
    'e30.e3.AA',
    'e30.e30.A A',
    '\0.\0.\0',
  ])
    expect(parseJwt(Buffer.from(text)), text).toBe(null);
  expect(parseJwt(Buffer.alloc(2 ** 20 + 1, 'e30.e30.'))).toBe(null);
  const deep = Buffer.from('['.repeat(200_000)).toString('base64url');
  expect(parseJwt(Buffer.from(`e30.${deep}.AA`))).toBe(null);
  const good = makeJwt([], identity).toString();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, text) => {
      const jwt = parseJwt(Buffer.from(good.slice(0, at) + text + good.slice(at + text.length)));
      const verified = jwt !== null && verifyEs256(jwt, key);
      if (verified) expect(jwt.payload).toEqual([]);
    }),
    { seed: 20_260_109, numRuns: 2000 },
  );
});
