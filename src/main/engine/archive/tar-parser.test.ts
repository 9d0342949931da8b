import { execFileSync } from 'node:child_process';
import { mkdirSync, linkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DIALECTS, type Dialect } from '../../../../test/support/image-factory.ts';
import {
  memberPieces,
  packTar,
  paxPart,
  type TarPart,
} from '../../../../test/support/tar-writer.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding, tool } from '../../../../test/support/tools.ts';
import { BuilderError, type ErrorCode } from '../../../shared/errors.ts';
import { normalizeMemberName } from './member-name.ts';
import { openInput } from './open-input.ts';
import { TarStreamScanner } from './tar-input.ts';
import type { TarMember } from './tar-parser.ts';

const tar = tool('tar');

interface Scan {
  readonly members: TarMember[];
  readonly kept: Map<string, Buffer>;
}

/** Everything that a scanner tells of an archive fed in pieces of the given lengths. */
function scan(archive: Buffer, lengths: Iterable<number>): Scan {
  const members: TarMember[] = [];
  const scanner = new TarStreamScanner('test.tar', (member) => {
    members.push(member);
    return member.type === 'file' ? member.name : null;
  });
  let at = 0;
  for (const length of lengths) {
    // The memory is reused, as a ring's window is.
    const piece = Buffer.from(archive.subarray(at, at + length));
    scanner.push(piece);
    piece.fill(0xaa);
    at += length;
    if (at >= archive.length) break;
  }
  if (at < archive.length) scanner.push(Buffer.from(archive.subarray(at)));
  scanner.finish();
  const kept = new Map(
    Array.from(scanner.kept, ([name, { content }]) => [name, Buffer.from(content)]),
  );
  return { members, kept };
}

function codeOf(action: () => unknown): ErrorCode | 'accepted' {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof BuilderError) return error.code;
    throw error;
  }
}

const ones = function* () {
  for (;;) yield 1;
};

describe('golden events', () => {
  const alpha = Buffer.from('alpha');
  const block = Buffer.alloc(512, 'b');
  const longName = `${'d/'.repeat(80)}file`;
  const cases: [string, TarPart[], Partial<TarMember>[]][] = [
    [
      'a file',
      [{ name: 'a', content: alpha }],
      [{ name: 'a', type: 'file', size: 5, offset: 512 }],
    ],
    [
      'an empty file and one of a whole block',
      [{ name: 'e' }, { name: 'b', content: block }, { name: 'c', content: alpha }],
      [
        { name: 'e', size: 0, offset: 512 },
        { name: 'b', size: 512, offset: 1024 },
        { name: 'c', size: 5, offset: 2048 },
      ],
    ],
    ['a folder', [{ name: 'd/' }], [{ name: 'd/', type: 'directory', size: 0 }]],
    [
      'a V7 folder: only the slash tells',
      [{ name: 'd/', type: '\0' }],
      [{ name: 'd/', type: 'directory' }],
    ],
    [
      'a hard link, with a size that has no body',
      [{ name: 'a', content: alpha }, { name: 'l', type: '1', link: 'a', size: 5 }, { name: 'z' }],
      [{ name: 'a' }, { name: 'l', type: 'hardlink', linkName: 'a', size: 0 }, { name: 'z' }],
    ],
    ['a symbolic link', [{ name: 's', type: '2', link: 'a' }], [{ name: 's', type: 'other' }]],
    ['a GNU long name', [{ name: longName, content: alpha }], [{ name: longName, size: 5 }]],
    [
      'a GNU long link',
      [{ name: 'l', type: '1', link: longName }],
      [{ name: 'l', type: 'hardlink', linkName: longName }],
    ],
    [
      'pax records for the next member only',
      [
        paxPart({ path: '日本\n語', size: '5' }),
        { name: 'x', size: 0, content: alpha },
        { name: 'y' },
      ],
      [
        { name: '日本\n語', size: 5 },
        { name: 'y', size: 0 },
      ],
    ],
    [
      'global pax records for all that follow, beaten by their own',
      [paxPart({ path: 'g' }, 'g'), { name: 'x' }, paxPart({ path: 'own' }), { name: 'y' }],
      [{ name: 'g' }, { name: 'own' }],
    ],
    [
      'an empty pax value takes back the global one, for its member only',
      [
        paxPart({ path: 'g', size: '3' }, 'g'),
        paxPart({ path: '', size: '' }),
        { name: 'own', content: alpha },
        { name: 'x', content: Buffer.from('abc') },
        paxPart({ path: '' }, 'g'),
        { name: 'y', content: Buffer.from('abc') },
      ],
      [
        { name: 'own', size: 5 },
        { name: 'g', size: 3 },
        { name: 'y', size: 3 },
      ],
    ],
    [
      'an empty pax value takes back a GNU long name before it',
      [
        { name: 'L', type: 'L', content: Buffer.from('long') },
        paxPart({ path: '' }),
        { name: 'x' },
      ],
      [{ name: 'x' }],
    ],
    [
      'an empty pax link name takes back the global one',
      [
        paxPart({ linkpath: 'g' }, 'g'),
        paxPart({ linkpath: '' }),
        { name: 'l', type: '1', link: 'own' },
      ],
      [{ name: 'l', linkName: 'own' }],
    ],
    [
      'a base-256 size',
      [{ name: 'a', size: Buffer.from('800000000000000000000005', 'hex'), content: alpha }],
      [{ name: 'a', size: 5 }],
    ],
    [
      'a ustar prefix',
      [
        {
          name: 'name',
          content: alpha,
          edit: (h) => (h.write('ustar\x0000', 257), h.write('pre/fix', 345)),
        },
      ],
      [{ name: 'pre/fix/name' }],
    ],
    [
      'no prefix in the GNU dialect, which keeps times there',
      [{ name: 'name', edit: (h) => h.write('14723456712', 345) }],
      [{ name: 'name' }],
    ],
    [
      'a name of 100 bytes without an end',
      [{ name: 'n'.repeat(100) }],
      [{ name: 'n'.repeat(100) }],
    ],
  ];

  test.each(cases)('%s, fed at once and one byte at a time', (_, parts, golden) => {
    const archive = packTar(parts);
    const whole = scan(archive, [archive.length]);
    expect(whole.members).toMatchObject(golden);
    expect(whole.members.length).toBe(golden.length);
    expect(scan(archive, ones())).toEqual(whole);
  });

  const refused: [string, Buffer, ErrorCode][] = [
    ['nothing', Buffer.alloc(0), 'archive-truncated'],
    ['half a header', packTar([{ name: 'a' }]).subarray(0, 300), 'archive-truncated'],
    ['a header of noise', Buffer.alloc(1024, 7), 'archive-corrupt'],
    [
      'a bad pax header',
      packTar([{ name: 'p', type: 'x', content: Buffer.from('9 a\n') }]),
      'archive-corrupt',
    ],
    ['a huge pax header', packTar([{ name: 'p', type: 'x', size: 2 ** 30 }]), 'archive-limit'],
    ['a huge long name', packTar([{ name: 'p', type: 'L', size: 2 ** 30 }]), 'archive-limit'],
    ['a name beyond PATH_MAX', packTar([{ name: 'n'.repeat(5000) }]), 'archive-corrupt'],
    [
      'a pax size that is none',
      packTar([paxPart({ size: '-5' }), { name: 'a' }]),
      'archive-corrupt',
    ],
    [
      'no end mark',
      Buffer.concat(Array.from(memberPieces([{ name: 'a', content: alpha }]))),
      'archive-truncated',
    ],
  ];
  test.each(refused)('%s is refused', (_, archive, code) => {
    expect(codeOf(() => scan(archive, [archive.length]))).toBe(code);
    expect(codeOf(() => scan(archive, ones()))).toBe(code);
  });

  test('an archive cut anywhere before its end mark is refused', () => {
    const parts = [
      { name: 'a', content: alpha },
      { name: longName, content: block },
    ];
    const end = Buffer.concat(Array.from(memberPieces(parts))).length;
    const archive = packTar(parts);
    for (let length = 0; length < end + 512; length += 64)
      expect(
        codeOf(() => scan(archive.subarray(0, length), [length])),
        String(length),
      ).toBe('archive-truncated');
    expect(codeOf(() => scan(archive.subarray(0, end + 512), [1 << 20]))).toBe('accepted');
  });

  test('headers with any bytes changed are refused in our words, or read', () => {
    const archive = packTar([
      { name: 'a', content: alpha },
      { name: 'l', type: '1', link: 'a' },
    ]);
    const change = fc.tuple(fc.nat(511), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const edit = (header: Buffer) => {
          for (const [at, value] of changes) header[at] = value;
        };
        const changed = packTar([{ name: 'a', content: alpha, edit }, { name: 'z' }]);
        expect(codeOf(() => scan(changed, [changed.length]))).toMatch(/^(archive-|accepted)/);
        expect(archive.length).toBe(changed.length);
      }),
      { seed: 20_260_103, numRuns: 3000 },
    );
  });
});

/** Names that GNU tar can store in every dialect and ext4 can hold. */
const part = fc
  .string({
    unit: fc.constantFrom('a', 'b', ',', "'", '"', ' ', '\\', '#', '?', 'é', '日', '😀', '\n'),
    minLength: 1,
    maxLength: 12,
  })
  .filter((name) => !['.', '..'].includes(name));
const tree = fc.uniqueArray(
  fc.record({
    path: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `f/${parts.join('/f')}x`),
    size: fc.oneof(fc.constantFrom(0, 1, 511, 512, 513, 10_240), fc.nat(3000)),
    link: fc.boolean(),
  }),
  { selector: ({ path }) => path, minLength: 1, maxLength: 12 },
);

describeNeeding([tar], 'GNU tar as the writer', () => {
  test.each<Dialect>([...DIALECTS])(
    'random trees in the %s dialect are read as they were, however they are cut',
    (dialect) => {
      fc.assert(
        fc.property(tree, fc.array(fc.integer({ min: 1, max: 3000 })), (files, lengths) => {
          const folder = tmpFolder();
          const contents = new Map<string, Buffer>();
          const names: string[] = [];
          for (const [i, { path, size, link }] of files.entries()) {
            const place = join(folder, path);
            try {
              mkdirSync(dirname(place), { recursive: true });
              const target = names[0];
              if (link && target !== undefined) linkSync(join(folder, target), place);
              else writeFileSync(place, Buffer.alloc(size, i + 1), { flag: 'wx' });
              contents.set(
                path,
                link && target !== undefined
                  ? (contents.get(target) ?? Buffer.alloc(0))
                  : Buffer.alloc(size, i + 1),
              );
              names.push(path);
            } catch {
              // A file is where another path wants a folder.
            }
          }
          const archive = execFileSync(
            tar.path,
            ['-cf', '-', `--format=${dialect}`, '--null', '--verbatim-files-from', '-T', '-'],
            { cwd: folder, input: names.join('\0'), maxBuffer: 2 ** 26 },
          );
          const { members, kept } = scan(archive, lengths);
          expect(members.map(({ name }) => name)).toEqual(names);
          for (const { name, type, linkName } of members) {
            const content = type === 'hardlink' ? kept.get(linkName) : kept.get(name);
            expect(content?.equals(contents.get(name) ?? Buffer.from('none')), name).toBe(true);
          }
        }),
        { seed: 20_260_104, numRuns: Number(process.env['FUZZ_RUNS'] ?? 25) },
      );
    },
  );

  test('long names and links of every dialect that has them', () => {
    for (const dialect of ['gnu', 'oldgnu', 'pax', 'ustar'] as const) {
      const folder = tmpFolder();
      const long = `${'folder/'.repeat(12)}${'n'.repeat(dialect === 'ustar' ? 99 : 200)}`;
      mkdirSync(dirname(join(folder, long)), { recursive: true });
      writeFileSync(join(folder, long), 'long');
      const files = [long];
      if (dialect !== 'ustar') {
        linkSync(join(folder, long), join(folder, 'link'));
        files.push('link');
      }
      const archive = execFileSync(tar.path, ['-cf', '-', `--format=${dialect}`, ...files], {
        cwd: folder,
      });
      const { members } = scan(archive, ones());
      expect(members[0]?.name).toBe(long);
      if (dialect !== 'ustar') expect(members[1]).toMatchObject({ name: 'link', linkName: long });
    }
  });
});

describe('a long tail of zeros', () => {
  const MIB = 1024 * 1024;
  /** A hole of the file system. */
  const TAIL_BYTES = 1024 * MIB;
  const withTail = (): string => {
    const path = join(tmpFolder(), 'x.tar');
    writeFileSync(path, packTar([{ name: 'a', content: Buffer.from('content') }]));
    truncateSync(path, TAIL_BYTES);
    return path;
  };

  test('is read with progress, and to its end', async () => {
    const path = withTail();
    const seen: number[] = [];
    const { members } = await openInput(path, { onProgress: (done) => seen.push(done) });
    expect(members.size).toBe(1);
    expect(seen.some((done) => done > TAIL_BYTES / 2)).toBe(true);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    writeFileSync(path, 'x', { flag: 'a' });
    await expect(openInput(path)).rejects.toMatchObject({ code: 'archive-trailing-garbage' });
  });

  test('can be cancelled', async () => {
    const cancel = new AbortController();
    let reached = 0;
    const onProgress = (done: number) => {
      reached = done;
      if (done > MIB) cancel.abort();
    };
    await expect(
      openInput(withTail(), { signal: cancel.signal, onProgress }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(reached).toBeLessThan(TAIL_BYTES / 2);
  });
});

describe('member names', () => {
  test.each([
    ['a/b', 'a/b'],
    ['./a/b', 'a/b'],
    ['a//b/./c/', 'a/b/c'],
    ['./', ''],
    ['...', '...'],
    ['a..b/..c/d..', 'a..b/..c/d..'],
    ['.hidden', '.hidden'],
  ])('%j is %j', (name, normal) => {
    expect(normalizeMemberName('x', name)).toBe(normal);
  });

  test.each(['/a', '//a', '..', '../a', 'a/..', 'a/../b', './..', 'a\0b', './../a'])(
    '%j is refused',
    (name) => {
      expect(codeOf(() => normalizeMemberName('x', name))).toBe('member-name-unsafe');
    },
  );

  test('never climb, whatever they are', () => {
    const text = fc.string({ unit: fc.constantFrom('.', '/', 'a', '\0', '\\'), maxLength: 12 });
    fc.assert(
      fc.property(text, (name) => {
        let normal;
        try {
          normal = normalizeMemberName('x', name);
        } catch {
          return;
        }
        const parts = normal.split('/');
        expect(normal.startsWith('/') || parts.includes('..') || normal.includes('\0')).toBe(false);
      }),
      { seed: 20_260_105, numRuns: 2000 },
    );
  });
});
