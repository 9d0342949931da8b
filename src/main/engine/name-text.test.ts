import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameText } from './name-text.ts';

test('a name in UTF-8 is its text, also where it holds U+FFFD itself', () => {
  for (const name of ['', 'plain', 'ラベル', 'a\ufffdb', '😀', 'e\u0301'])
    expect(nameText(Buffer.from(name))).toBe(name);
});

test('bytes that are not UTF-8 become a lone surrogate each', () => {
  expect(nameText(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\udcffb');
  // Cut off, overlong, and a surrogate in UTF-8: none of it is UTF-8 (RFC 3629).
  expect(nameText(Buffer.from([0xe3, 0x83]))).toBe('\udce3\udc83');
  expect(nameText(Buffer.from([0xc0, 0xaf]))).toBe('\udcc0\udcaf');
  expect(nameText(Buffer.from([0xed, 0xb3, 0xbf]))).toBe('\udced\udcb3\udcbf');
  expect(nameText(Buffer.from('xxラyy\xff', 'latin1').subarray(2), 0, 1)).toHaveLength(1);
});

test('two names never become the same text', () => {
  const bytes = fc.uint8Array({ maxLength: 6 });
  const near = fc.array(fc.constantFrom(0x61, 0xc3, 0xa9, 0xed, 0xb3, 0xbf, 0xff), {
    maxLength: 6,
  });
  const name = fc.oneof(bytes, near).map((each) => Buffer.from(each));
  const back = (text: string): Buffer =>
    Buffer.concat(
      Array.from(text, (character) => {
        const code = character.charCodeAt(0);
        const isEscape = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
        return isEscape ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
      }),
    );
  fc.assert(
    fc.property(name, (each) => {
      expect(back(nameText(each)).equals(each)).toBe(true);
    }),
    { seed: 20_261_130, numRuns: 2000 },
  );
});
