import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ODD_NAMES, quote } from '../../../../../test/support/image-factory.ts';
import {
  isDirectoryLine,
  isPersistentLine,
  isSymlinkLine,
  parseRegular,
  tableLines,
  type RegularLine,
} from './tables.ts';

const HASH = 'ab'.repeat(32);

/** What the generator writes for a file; `columns` after the path as it once had. */
function regularLine(line: RegularLine, columns: number): string {
  const algorithm = line.compressed ? 'zst' : '';
  const more = [String(line.size ?? ''), line.inode ?? '', algorithm].slice(0, columns);
  return ['0644,0,0', line.nlink, line.sha256, quote(line.path), ...more].join(',');
}

const path = fc
  .string({
    unit: fc.constantFrom(...'abc\',/\\ #?;&0123zst日😀"'.split(''), '\t', "',5,,zst", "'\\''"),
    minLength: 1,
    maxLength: 40,
  })
  .map((text) => `/${text}`);

describe('a line of regulars.txt', () => {
  test('is read as the generator wrote it, whatever the path holds', () => {
    const line = fc.record({
      path,
      sha256: fc.constant(HASH),
      nlink: fc.integer({ min: 1, max: 65_000 }),
      size: fc.oneof(fc.constant(null), fc.nat()),
      inode: fc.oneof(fc.constant(null), fc.nat().map(String)),
      compressed: fc.boolean(),
    });
    fc.assert(
      fc.property(line, (value) => {
        expect(parseRegular(regularLine(value, 3))).toEqual(value);
      }),
      { seed: 20_260_106, numRuns: 3000 },
    );
  });

  test('of every odd name in every age of the format is read', () => {
    for (const name of ODD_NAMES)
      for (const columns of [0, 1, 2, 3]) {
        const line = { path: `/d/${name}`, sha256: HASH, nlink: 1, size: 7, inode: null };
        const written = regularLine({ ...line, compressed: false }, columns);
        expect(parseRegular(written)).toEqual({
          ...line,
          size: columns === 0 ? null : 7,
          compressed: false,
        });
      }
  });

  test('whose name looks like its own end is the longest name that fits', () => {
    const line = `0644,0,0,1,${HASH},'/a',5,,zst',7,,`;
    expect(parseRegular(line)).toMatchObject({ path: "/a',5,,zst", size: 7, compressed: false });
  });

  test.each([
    '',
    'x',
    `0644,0,0,1,${HASH},'/a',5,,zst `,
    ` 0644,0,0,1,${HASH},'/a'`,
    `644,0,0,1,${HASH},'/a'`,
    `0644,0,0,1,${HASH}0,'/a'`,
    `0644,0,0,1,${HASH},'a'`,
    `0644,0,0,1,${HASH},''`,
    `0644,0,0,1,${HASH},'/a`,
    `0644,0,0,1,${HASH},'/a',5,,lz4`,
    `0644,0,0,1,${HASH},'/a',5,,,`,
    `0644,0,0,1,${HASH},'/a',-5`,
    `0644,0,0,1,${HASH},'/a\r'`,
  ])('%j is refused', (line) => {
    expect(parseRegular(line)).toBe(null);
  });
});

test('lines of the other lists', () => {
  expect(isDirectoryLine("0755,0,0,'/a b'")).toBe(true);
  expect(isDirectoryLine("0755,0,0,'a'")).toBe(false);
  expect(isDirectoryLine("0755,0,'/a'")).toBe(false);
  expect(isSymlinkLine("0777,0,0,'/a','../b'")).toBe(true);
  expect(isSymlinkLine("0777,0,0,'/a'")).toBe(false);
  expect(isSymlinkLine("0777,0,0,'a','b'")).toBe(false);
  expect(isPersistentLine("'/etc/hosts'")).toBe(true);
  expect(isPersistentLine("'etc/hosts'")).toBe(false);
  expect(isPersistentLine('/etc/hosts')).toBe(false);
});

describe('a list', () => {
  test('is cut at line feeds and nowhere else', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '日', '😀', '\r', '\u2028', ' ') });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const read = Array.from(tableLines(Buffer.from(lines.join('\n'))));
        const expected = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
        expect(read.map(({ text }) => text)).toEqual(expected);
        expect(read.map(({ number }) => number)).toEqual(expected.map((_, i) => i + 1));
      }),
      { seed: 20_260_107 },
    );
  });

  test('with a line that no name can fill has no such line', () => {
    const long = `'/${"','".repeat(100_000)}`;
    const [line] = tableLines(Buffer.from(`0777,0,0,${long}x`));
    expect(isSymlinkLine(line?.text ?? 'none')).toBe(false);
    expect(line?.text.length).toBeLessThan(100_000);
  });
});
