import fc from 'fast-check';
import { Header } from 'tar';
import { expect, test } from 'vitest';
import { HeaderEncoder } from './header-encoder.ts';
import { headerSum, statedSum } from '../format/header.ts';

const MTIME = new Date(1e12);

test('headers are those of node-tar, whatever the name and the size', () => {
  const encoder = new HeaderEncoder(MTIME);
  const name = fc.oneof(
    fc.string({ maxLength: 120 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom(
      'n'.repeat(99),
      'n'.repeat(100),
      'n'.repeat(101),
      `${'p'.repeat(60)}/${'n'.repeat(60)}`,
    ),
  );
  const size = fc.oneof(
    fc.nat(),
    fc.maxSafeNat(),
    fc.constantFrom(0o7777777777, 0o10000000000, 8 * 2 ** 30 - 1, 8 * 2 ** 30),
  );
  fc.assert(
    fc.property(name, size, (path, bytes) => {
      const block = encoder.file(path, bytes);
      expect(block.length).toBe(encoder.fileHeaderBytes(path, bytes));
      const last = block.subarray(-512);
      const expected = Buffer.alloc(512);
      new Header({
        path,
        size: bytes,
        type: 'File',
        mtime: MTIME,
        mode: 0o644,
        uid: 0,
        gid: 0,
        uname: '',
        gname: '',
        linkpath: '',
        devmaj: 0,
        devmin: 0,
      }).encode(expected);
      expect(last.equals(expected)).toBe(true);
      expect(statedSum(last)).toBe(headerSum(last));
    }),
    { numRuns: 2000 },
  );
});

test('a changed byte changes the sum, a field without digits is no number', () => {
  const block = new HeaderEncoder(MTIME).file('name', 5);
  block[3] = (block[3] ?? 0) + 1;
  expect(headerSum(block)).toBe(statedSum(block) + 1);
  expect(statedSum(block.fill('x', 148, 156))).toBeNaN();
  expect(statedSum(block.fill(0, 148, 156))).toBeNaN();
});
