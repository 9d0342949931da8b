import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mapAndData,
  oldSparse,
  paxSparse,
  starSparse,
} from '../../../../test/support/sparse-tar.ts';
import { packTar, paxPart, paxRecord, type TarPart } from '../../../../test/support/tar-writer.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding, testNeeding, tool } from '../../../../test/support/tools.ts';
import { BuilderError } from '../../../shared/errors.ts';
import { openInput } from './open-input.ts';
import { MAX_SPARSE_RUNS } from './sparse-map.ts';
import { TarStreamScanner } from './tar-input.ts';
import type { TarMember } from './tar-parser.ts';

const tar = tool('tar');
const bsdtar = tool('bsdtar');
const zstd = tool('zstd');

/** A run of data in a sparse file. */
interface Run {
  readonly at: number;
  readonly length: number;
}

/** Unit of holes in every filesystem that tests run on. */
const PAGE = 4096;

/** Writes a file with real holes. @returns its whole content. */
function writeSparse(path: string, size: number, runs: readonly Run[]): Buffer {
  const content = Buffer.alloc(size);
  for (const { at, length } of runs) content.fill(0x41 + (at % 23), at, at + length);
  const fd = openSync(path, 'w');
  for (const { at, length } of runs) writeSync(fd, content, at, length, at);
  closeSync(fd);
  execFileSync('truncate', ['-s', String(size), path]);
  return content;
}

/** One run in every second page: more than a header of any kind holds. */
const MANY: Run[] = Array.from({ length: 60 }, (_, i) => ({ at: 2 * i * PAGE, length: PAGE }));

const FILES: Record<string, readonly [size: number, runs: readonly Run[]]> = {
  'hole-in-the-middle': [
    9 * PAGE,
    [
      { at: 0, length: PAGE },
      { at: 6 * PAGE, length: 3 * PAGE },
    ],
  ],
  'hole-at-the-start': [5 * PAGE + 100, [{ at: 5 * PAGE, length: 100 }]],
  'hole-at-the-end': [64 * PAGE, [{ at: 0, length: PAGE }]],
  'only-a-hole': [3 * 1024 * 1024 + 5, []],
  many: [121 * PAGE + 7, MANY],
  'no-hole': [3 * PAGE, [{ at: 0, length: 3 * PAGE }]],
  empty: [0, []],
  ['long-name-'.repeat(15)]: [8 * PAGE, [{ at: 4 * PAGE, length: 10 }]],
};

/** What packs the files of a folder, and what unpacks them as an oracle. */
type Packing = readonly [label: string, pack: (to: string, names: readonly string[]) => string[]];

const gnu =
  (...args: string[]): Packing[1] =>
  (to, names) => [...['-cSf', to, '--hole-detection=raw', ...args], ...names];
const GNU_FORMS: readonly Packing[] = [
  ['old GNU', gnu('--format=gnu')],
  ['older GNU', gnu('--format=oldgnu')],
  ['pax 0.0', gnu('--format=pax', '--sparse-version=0.0')],
  ['pax 0.1', gnu('--format=pax', '--sparse-version=0.1')],
  ['pax 1.0', gnu('--format=pax', '--sparse-version=1.0')],
];

interface Packed {
  readonly path: string;
  readonly contents: ReadonlyMap<string, Buffer>;
}

function packAll(program: string, pack: Packing[1]): Packed {
  const folder = tmpFolder();
  const names = Object.keys(FILES);
  const contents = new Map(
    Object.entries(FILES).map(([name, [size, runs]]) => [
      name,
      writeSparse(join(folder, name), size, runs),
    ]),
  );
  const path = join(folder, 'x.tar');
  execFileSync(program, pack(path, names), { cwd: folder });
  return { path, contents };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Hashes of all members, and which of them are sparse. */
async function readAll(path: string) {
  const input = await openInput(path);
  const { members } = input;
  const contents = await input.readMany([...members.keys()], 1e9);
  return {
    hashes: new Map(Array.from(contents, ([name, bytes]) => [name, sha256(bytes)])),
    sparse: [...members]
      .filter(([, { location }]) => location.kind === 'sparse')
      .map(([name]) => name),
  };
}

const hashesOf = (contents: ReadonlyMap<string, Buffer>) =>
  new Map(Array.from(contents, ([name, bytes]) => [name, sha256(bytes)]));

function extracted(program: string, path: string): Map<string, string> {
  const folder = tmpFolder();
  execFileSync(program, ['-xf', path, '-C', folder]);
  return new Map(
    Object.keys(FILES).map((name) => [name, sha256(readFileSync(join(folder, name)))]),
  );
}

describeNeeding([tar], 'sparse files of GNU tar', () => {
  test.each([...GNU_FORMS])('in the %s form are read as tar extracts them', async (_, pack) => {
    const { path, contents } = packAll(tar.path, pack);
    const { hashes, sparse } = await readAll(path);
    expect(hashes).toEqual(hashesOf(contents));
    expect(extracted(tar.path, path)).toEqual(hashesOf(contents));
    expect(sparse).toContain('many');
    expect(sparse).toContain('only-a-hole');
    expect(sparse).not.toContain('no-hole');
  });

  testNeeding([zstd], 'in a compressed archive are read, too', async () => {
    for (const [, pack] of GNU_FORMS) {
      const { path, contents } = packAll(tar.path, pack);
      execFileSync(zstd.path, ['-q', path]);
      expect((await readAll(`${path}.zst`)).hashes).toEqual(hashesOf(contents));
    }
  });

  test('cut off anywhere are truncated, not smaller', () => {
    for (const [, pack] of GNU_FORMS) {
      const whole = readFileSync(packAll(tar.path, pack).path);
      const end = lastBlock(whole);
      for (let length = 512; length < end; length += 512 * 7)
        expect(codeOf(() => scan(whole.subarray(0, length)))).toBe('archive-truncated');
      expect(codeOf(() => scan(whole))).toBe('accepted');
    }
  });

  test('with random holes are read as they were, however the stream is cut', () => {
    const layout = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 3 * PAGE })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        layout,
        fc.nat(30 * PAGE),
        fc.integer({ min: 1, max: 2000 }),
        (runs, more, step) => {
          const folder = tmpFolder();
          const placed = runs.map(([page, length]) => ({ at: page * PAGE, length }));
          const size = Math.max(0, ...placed.map(({ at, length }) => at + length)) + more;
          const content = writeSparse(join(folder, 'f'), size, placed);
          for (const [, pack] of GNU_FORMS) {
            const path = join(folder, 'x.tar');
            execFileSync(tar.path, pack(path, ['f']), { cwd: folder });
            const archive = readFileSync(path);
            const [member] = scan(archive, step);
            expect(member?.size).toBe(size);
            const runsOf = member?.runs ?? [{ from: 0, offset: member?.offset ?? 0, length: size }];
            const read = Buffer.alloc(size);
            for (const { from, offset, length } of runsOf)
              archive.copy(read, from, offset, offset + length);
            expect(read.equals(content)).toBe(true);
          }
        },
      ),
      { seed: 20_261_130, numRuns: Number(process.env['FUZZ_RUNS'] ?? 12) },
    );
  });
});

testNeeding([bsdtar], 'sparse files of bsdtar are read as it extracts them', async () => {
  for (const form of ['pax', 'gnutar'])
    for (const [label, pack] of [
      ['with holes', (to, names) => ['-cf', to, '--format', form, '--read-sparse', ...names]],
    ] satisfies Packing[]) {
      const { path, contents } = packAll(bsdtar.path, pack);
      const { hashes, sparse } = await readAll(path);
      expect(hashes, label).toEqual(hashesOf(contents));
      expect(extracted(bsdtar.path, path), label).toEqual(hashesOf(contents));
      // Its other forms have no sparse files.
      if (form === 'pax') expect(sparse).toContain('many');
    }
});

testNeeding([tar], 'a sparse file in the form of star is read as GNU tar extracts it', async () => {
  const path = join(tmpFolder(), 'star.tar');
  const part = starSparse(
    [
      [2048, 512],
      [8192, 512],
      // Where GNU tar makes the file as long as it is.
      [9000, 0],
    ],
    9000,
    1024,
  );
  const archive = packTar([part, { name: 'z' }]);
  execFileSync('sh', ['-c', 'cat > "$0"', path], { input: archive });
  const folder = tmpFolder();
  execFileSync(tar.path, ['-xf', path, '-C', folder]);
  const { hashes } = await readAll(path);
  expect(statSync(join(folder, 'f')).size).toBe(9000);
  expect(hashes.get('f')).toBe(sha256(readFileSync(join(folder, 'f'))));
});

describe('a sparse file', () => {
  const v1 = { major: '1', minor: '0', name: 'f', realsize: '2000' };
  test('has a good twin in every form', () => {
    const twins = [
      [
        oldSparse(
          [
            [512, 512],
            [2000, 0],
          ],
          2000,
          512,
        ),
        { name: 'z' },
      ],
      paxSparse(v1, mapAndData('1\n512\n512\n', 512)),
      paxSparse(
        { size: '2000', name: 'f', numblocks: '1', map: '512,512' },
        Buffer.alloc(512, 'x'),
      ),
    ];
    for (const parts of twins) {
      const [member, next] = scan(packTar(parts));
      expect(member).toMatchObject({ name: 'f', size: 2000, runs: [{ from: 512, length: 512 }] });
      expect(next?.name).toBe('z');
    }
  });

  test.each<[string, TarPart[], string]>([
    [
      'whose runs overlap',
      [
        oldSparse(
          [
            [0, 1024],
            [512, 512],
          ],
          4096,
          1536,
        ),
      ],
      'archive-corrupt',
    ],
    [
      'whose runs descend',
      [
        oldSparse(
          [
            [1024, 512],
            [0, 512],
          ],
          4096,
          1024,
        ),
      ],
      'archive-corrupt',
    ],
    ['with a run behind its end', [oldSparse([[4096, 512]], 4000, 512)], 'archive-corrupt'],
    ['with more data than runs', [oldSparse([[0, 512]], 4096, 1024)], 'archive-corrupt'],
    ['with less data than runs', [oldSparse([[0, 1024]], 4096, 512)], 'archive-corrupt'],
    [
      'that readers understand differently: a run ends within a block',
      [
        oldSparse(
          [
            [0, 100],
            [1024, 512],
          ],
          4096,
          612,
        ),
      ],
      'archive-corrupt',
    ],
    [
      'without a size',
      [oldSparse([[0, 512]], 512, 512, { edit: () => undefined })],
      'archive-corrupt',
    ],
    [
      'whose map ends and goes on',
      [oldSparse([], 512, 0, { edit: (h) => (h.write('00000001000', 483), (h[482] = 1)) })],
      'archive-corrupt',
    ],
    [
      'of unknown version',
      paxSparse({ ...v1, minor: '1' }, mapAndData('0\n', 0)),
      'archive-corrupt',
    ],
    [
      'of an unknown kind',
      paxSparse({ ...v1, shape: 'x' }, mapAndData('0\n', 0)),
      'archive-corrupt',
    ],
    ['with a map of words', paxSparse(v1, mapAndData('one\n', 0)), 'archive-corrupt'],
    ['with an endless number', paxSparse(v1, mapAndData('9'.repeat(512), 0)), 'archive-corrupt'],
    [
      'whose map is longer than its body',
      paxSparse(v1, mapAndData('100\n512\n', 0)),
      'archive-corrupt',
    ],
    [
      'with two maps',
      paxSparse({ ...v1, map: '0,512' }, mapAndData('1\n0\n512\n', 512)),
      'archive-corrupt',
    ],
    ['with half a pair', paxSparse({ size: '2000', map: '0,512,600' }, ''), 'archive-corrupt'],
    [
      'with another count',
      paxSparse({ size: '2000', numblocks: '2', map: '0,0' }, ''),
      'archive-corrupt',
    ],
    [
      'in a global header',
      [paxPart({ 'GNU.sparse.size': '5' }, 'g'), { name: 'z' }],
      'archive-corrupt',
    ],
    [
      'larger than any file can be',
      paxSparse({ ...v1, realsize: String(2 ** 50) }, mapAndData('0\n', 0)),
      'archive-limit',
    ],
  ])('%s is refused', (_, parts, code) => {
    const archive = packTar(parts);
    expect(codeOf(() => scan(archive))).toBe(code);
    expect(codeOf(() => scan(archive, 100))).toBe(code);
  });

  test('with more runs than fit into memory is refused', () => {
    const lines = `${MAX_SPARSE_RUNS + 1}\n${'0\n0\n'.repeat(MAX_SPARSE_RUNS + 1)}`;
    expect(codeOf(() => scan(packTar(paxSparse(v1, mapAndData(lines, 0)))))).toBe('archive-limit');
  });

  test('of version 0.0 repeats its records', () => {
    const records = [
      ['GNU.sparse.size', '2000'],
      ['GNU.sparse.numblocks', '2'],
      ['GNU.sparse.offset', '0'],
      ['GNU.sparse.numbytes', '512'],
      ['GNU.sparse.offset', '1024'],
      ['GNU.sparse.numbytes', '512'],
    ] as const;
    const content = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
    const parts = (header: Buffer) => [
      { name: 'p', type: 'x', content: header },
      { name: 'f', content: Buffer.alloc(1024, 'x') },
    ];
    expect(scan(packTar(parts(content)))[0]?.runs).toMatchObject([{ from: 0 }, { from: 1024 }]);
    const shuffled = Buffer.concat([
      paxRecord('GNU.sparse.size', '2000'),
      paxRecord('GNU.sparse.numbytes', '512'),
    ]);
    expect(codeOf(() => scan(packTar(parts(shuffled))))).toBe('archive-corrupt');
  });

  test('in the form of Solaris is reported as unsupported, not as damaged', () => {
    const parts = (map: string) => [
      paxPart({ 'SUN.holesdata': map }),
      { name: 'f', content: Buffer.alloc(512, 'x') },
    ];
    expect(codeOf(() => scan(packTar(parts(' 0 512 9000'))))).toBe('archive-kind-unsupported');
    expect(codeOf(() => scan(packTar(parts(''))))).toBe('accepted');
  });

  test('is what a hard link to it is', async () => {
    const path = join(tmpFolder(), 'x.tar');
    const archive = packTar([
      ...paxSparse(v1, mapAndData('1\n512\n512\n', 512)),
      { name: 'l', type: '1', link: 'f' },
    ]);
    execFileSync('sh', ['-c', 'cat > "$0"', path], { input: archive });
    const { members } = await openInput(path);
    expect(members.get('l')).toEqual(members.get('f'));
  });
});

function scan(archive: Buffer, step = archive.length): TarMember[] {
  const members: TarMember[] = [];
  const scanner = new TarStreamScanner('test.tar', (member) => {
    members.push(member);
    return null;
  });
  for (let at = 0; at < archive.length; at += step)
    scanner.push(Buffer.from(archive.subarray(at, at + step)));
  scanner.finish();
  return members;
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof BuilderError) return error.code;
    throw error;
  }
}

/** Offset behind the last block that is not all zeros: what is cut before it is missing something. */
function lastBlock(archive: Buffer): number {
  let end = archive.length;
  while (end > 0 && archive[end - 1] === 0) end--;
  return Math.floor(end / 512) * 512;
}
