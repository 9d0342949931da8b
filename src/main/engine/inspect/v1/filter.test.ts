import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filter } from '../../../../../test/support/v1-image.ts';
import { FilterFault, parseFilter } from './filter.ts';

/** Examples of the format's description. */
test.each([
  ['623a93cca50041', { kind: 'bundle', bundle: 165n, offset: 0n, length: 65n }],
  ['623a93cca5cd0684cd059a', { kind: 'bundle', bundle: 165n, offset: 1668n, length: 1434n }],
  ['633a9202a47a737464', { kind: 'compressed', target: 2n }],
  ['733a92ce00010000cfffffffffffffffff', { kind: 'slices', slices: [65536n, 2n ** 64n - 1n] }],
  ['733adc000105', { kind: 'slices', slices: [5n] }],
  ['733add0000000105', { kind: 'slices', slices: [5n] }],
])('%s is read', (hex, expected) => {
  expect(parseFilter(Buffer.from(hex, 'hex'))).toEqual(expected);
});

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.array(uint64, { minLength: 1, maxLength: 40 }), (slices) => {
      expect(parseFilter(filter('s', ...slices))).toEqual({ kind: 'slices', slices });
    }),
    { seed: 1 },
  );
});

test('any bytes are read or refused, and no prefix of a filter is a filter', () => {
  const letter = fc.constantFrom('b', 'c', 's');
  fc.assert(
    fc.property(letter, fc.uint8Array({ maxLength: 24 }), (kind, tail) => {
      const bytes = Buffer.concat([Buffer.from(`${kind}:`), tail]);
      try {
        parseFilter(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FilterFault);
        return;
      }
      for (let length = 0; length < bytes.length; length++)
        expect(() => parseFilter(bytes.subarray(0, length))).toThrow(FilterFault);
    }),
    { seed: 2, numRuns: 20_000 },
  );
});
