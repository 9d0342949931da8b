import { expect, test } from 'vitest';
import { CRC32C_INITIAL, crc32c, crc32cOfU32 } from './crc32c.ts';

/** As most others define it: inverted at the end. */
const inverted = (bytes: Uint8Array): number => ~crc32c(CRC32C_INITIAL, bytes) >>> 0;

test('gives the values of RFC 3720, appendix B.4', () => {
  expect(inverted(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(inverted(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(inverted(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(inverted(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
});

test('a chain over parts is the sum over the whole, wherever it is cut', () => {
  const bytes = Uint8Array.from({ length: 57 }, (_, i) => i * 37);
  const whole = crc32c(CRC32C_INITIAL, bytes);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const first = crc32c(CRC32C_INITIAL, bytes, 0, cut);
    expect(crc32c(first, bytes, cut)).toBe(whole);
  }
});

test('takes numbers in little-endian order', () => {
  expect(crc32cOfU32(5, 0x04030201)).toBe(crc32c(5, Uint8Array.of(1, 2, 3, 4)));
});
