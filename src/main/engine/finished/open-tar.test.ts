import fc from 'fast-check';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../../test/support/ext4/oracles.ts';
import { bsdTar, extract, gnuTar, type Extracted } from '../../../../test/support/extracted.ts';
import { packTar, paxPart, type TarPart } from '../../../../test/support/tar-writer.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding, testNeeding } from '../../../../test/support/tools.ts';
import { BuilderError } from '../../../shared/errors.ts';
import type { FinishedImage } from './finished-image.ts';
import { openFinishedTar } from './open-tar.ts';

const SEED = 20261130;
/** Changed archives that two tars extract; `NIGHTLY=1` runs more. */
const ROUNDS = process.env['NIGHTLY'] === '1' ? 20_000 : 80;
/** A hang, not slowness. */
const TIMEOUT = 1_200_000;

const BLOB = `data/${'a'.repeat(64)}`;
const OTHER_BLOB = `data/${'b'.repeat(64)}.zst`;
const CONTENT = Buffer.from('content');
const EVIL = Buffer.from('another content');

/** The shape of a finished archive. */
const BASE: readonly TarPart[] = [
  { name: './' },
  { name: './manifest.json', content: Buffer.from('{}') },
  { name: './data/' },
  { name: `./${BLOB}`, content: CONTENT },
  { name: `./${OTHER_BLOB}`, content: Buffer.alloc(1500, 'b') },
  { name: './meta/' },
  { name: './meta/0/' },
  { name: './meta/0/metadata.jwt', content: Buffer.from('a.b.c') },
];

async function viewOf(output: FinishedImage): Promise<Extracted> {
  const paths = [...output.files.keys()];
  const view = new Map<string, Buffer | 'folder' | 'other'>();
  for (const path of output.folders) view.set(path, 'folder');
  for (const path of output.others) view.set(path, 'other');
  for (const [path, bytes] of await output.readMany(paths, 1e6)) view.set(path, Buffer.from(bytes));
  return view;
}

/** What a check sees in an archive; null where it finds a fault or refuses it. */
async function seen(path: string): Promise<Extracted | null> {
  try {
    const output = await openFinishedTar(path, undefined);
    if (output.faults.length > 0 || output.others.length > 0) return null;
    return await viewOf(output);
  } catch (error) {
    if (error instanceof BuilderError) return null;
    throw error;
  }
}

function save(bytes: Uint8Array): string {
  const path = join(tmpFolder(), 'x.tar');
  writeFileSync(path, bytes);
  return path;
}

const evil = (name: string, more: Partial<TarPart> = {}): TarPart => ({
  name,
  content: EVIL,
  ...more,
});
const folder = (name: string): TarPart => ({ name, type: '5' });
const link = (name: string, to: string, type = '1'): TarPart => ({ name, type, link: to });

/** sparse, isextended and realsize of a GNU header. */
const GNU_HOLES = [
  ['a map of holes', 386],
  ['more map of holes', 482],
  ['a size with holes', 483],
] as const;

/** A pax header whose value is two bytes of no text. */
function notUtf8(key: string): TarPart {
  const part = paxPart({ [key]: 'xx' });
  const content = Buffer.from(part.content as Uint8Array);
  content.fill(0xff, content.length - 3, content.length - 1);
  return { ...part, content };
}

describe('a finished tar archive is refused', () => {
  test.each<[string, readonly TarPart[]]>([
    ['where a blob comes twice', [evil(`./${BLOB}`)]],
    ['where a blob comes twice under another spelling', [evil(`data/.//${BLOB.slice(5)}`)]],
    ['where a later folder has a blob’s name', [folder(`./${BLOB}/`)]],
    ['where a later folder without a slash has a blob’s name', [folder(`./${BLOB}`)]],
    ['where a blob is the folder of another member', [evil(`./${BLOB}/x`)]],
    ['where a file is called as a folder', [evil('./data')]],
    ['where a link to nothing takes a blob’s place', [link(`./${BLOB}`, 'nothing')]],
    ['where a link to nothing is somewhere', [link('./x', 'nothing')]],
    ['where a link leads to itself', [link('./x', './x')]],
    ['where a link leads to another blob', [link(`./${BLOB}`, `./${OTHER_BLOB}`)]],
    ['where a symbolic link takes a blob’s place', [link(`./${BLOB}`, 'x', '2')]],
    ['where a folder is a symbolic link', [link('./data', 'x', '2')]],
    ['where a device takes a blob’s place', [{ name: `./${BLOB}`, type: '3' }]],
    ['where a FIFO takes a blob’s place', [{ name: `./${BLOB}`, type: '6' }]],
    ['of an unknown type of member, a file to tar', [evil(`./${BLOB}`, { type: 'Z' })]],
    ['of a sparse member', [evil('./x', { type: 'S' })]],
    ['of a volume label that is not its first member', [{ name: 'label', type: 'V' }]],
    ['of a list of an incremental archive', [evil('./data/', { type: 'D' })]],
    ['of a member of several volumes', [evil('./x', { type: 'M' })]],
    [
      'where a long name is a blob’s',
      [{ name: '././@LongLink', type: 'L', content: Buffer.from(`./${BLOB}\0`) }, evil('./y')],
    ],
    [
      'where a long name has a NUL inside',
      [{ name: '././@LongLink', type: 'L', content: Buffer.from('./y\0z\0') }, evil('./q')],
    ],
    ['where a pax header has a blob’s name', [paxPart({ path: BLOB }), evil('./y')]],
    ['where a global pax header renames', [paxPart({ path: BLOB }, 'g'), evil('./y')]],
    ['where a pax header is sparse', [paxPart({ 'GNU.sparse.major': '1' }), evil('./y')]],
    ['where a pax header sets a character set', [paxPart({ hdrcharset: 'KOI8-R' }), evil('./y')]],
    [
      'where a pax header has a name without a character set',
      [paxPart({ hdrcharset: 'BINARY', path: './ß' }), evil('./y')],
    ],
    ['where a pax owner is no UTF-8', [notUtf8('uname'), evil('./y')]],
    ['where a pax group is no UTF-8', [notUtf8('gname'), evil('./y')]],
    ['where a pax owner is out of range', [paxPart({ uid: '4294967296' }), evil('./y')]],
    ['where a pax ACL is none', [paxPart({ 'SCHILY.acl.access': 'x' }), evil('./y')]],
    [
      'where a pax ACL takes a file from its owner',
      [paxPart({ 'SCHILY.acl.access': 'user::---,group::---,other::---' }), evil('./y')],
    ],
    ...GNU_HOLES.map(([what, at]): [string, readonly TarPart[]] => [
      `of an ordinary member with ${what}`,
      [evil('./y', { edit: (header) => void header.write('00000001000', at) })],
    ]),
    ...(
      [
        ['owner', 108],
        ['group', 116],
      ] as const
    ).map(([what, at]): [string, readonly TarPart[]] => [
      `where an ${what} is out of range`.replace('an group', 'a group'),
      [
        evil('./y', {
          edit: (header) => {
            header.set([0x80, 0, 0, 1, 0, 0, 0, 0], at);
          },
        }),
      ],
    ]),
    ['where a pax header takes the name away', [paxPart({ path: '' }), evil('./y')]],
    [
      'where two extended headers name one member',
      [paxPart({ path: 'x' }), paxPart({ path: 'y' }), evil('./z')],
    ],
    ['where an extended header is of no member', [paxPart({ path: 'x' })]],
    ['where a folder has a size', [{ name: './x/', type: '5', size: 512 }]],
    ['where a link has a size', [{ ...link('./x', `./${BLOB}`), size: 512 }]],
    ['where a name leaves the folder', [evil('../x')]],
    ['where a name is absolute', [evil('/x')]],
    ['where a name is empty', [evil('.')]],
    ['where a file ends with a slash', [{ name: './x/', type: '0', content: EVIL }]],
    ['where a name is no UTF-8', [evil('./x', { edit: (header) => void header.fill(0xff, 2, 3) })]],
    [
      'where its owner may not read a file',
      [evil('./x', { edit: (header) => void header.write('0000000', 100) })],
    ],
    ['where a time is no number', [evil('./x', { edit: (header) => void header.write('x', 136) })]],
    [
      'of an unknown dialect',
      [evil('./x', { edit: (header) => void header.write('ustarX', 257) })],
    ],
  ])('%s', async (_, parts) => {
    expect(await seen(save(packTar([...BASE, ...parts])))).toBeNull();
  });

  test.each<[string, (whole: Buffer) => Buffer]>([
    ['with another archive behind it', (whole) => Buffer.concat([whole, whole])],
    ['with bytes behind its end', (whole) => Buffer.concat([whole, Buffer.from('x'.repeat(512))])],
    ['with half a block behind its end', (whole) => Buffer.concat([whole, Buffer.alloc(100)])],
    ['without its end', (whole) => whole.subarray(0, contentEnd(whole))],
    ['with half an end', (whole) => whole.subarray(0, contentEnd(whole) + 512)],
    ['with a letter in a checksum', (whole) => (whole.write('x', 512 + 155), whole)],
  ])('%s', async (_, change) => {
    expect(await seen(save(change(packTar(BASE))))).toBeNull();
  });
});

/** Where the zeros at the end begin. */
function contentEnd(whole: Buffer): number {
  let end = whole.length;
  while (whole.subarray(end - 512, end).every((byte) => byte === 0)) end -= 512;
  return end;
}

describeNeeding([gnuTar, bsdTar], 'is read as GNU tar and bsdtar extract it:', () => {
  const MORE: readonly TarPart[] = [
    link('./linked', `./${BLOB}`),
    evil('./second'),
    folder('./data/'),
    { name: './data/', type: '5', edit: (header) => void header.write('0000700', 100) },
    evil(`./${'long/'.repeat(40)}x`),
    paxPart({ mtime: '1700000000.5', comment: 'x' }),
    evil('./third'),
  ];

  test('a plain one, and one with everything that both agree on', async () => {
    for (const parts of [BASE, [...BASE, ...MORE]]) {
      const path = save(packTar(parts));
      const ours = await seen(path);
      expect(ours).not.toBeNull();
      expect(sorted(extract(gnuTar, path, join(tmpFolder(), 'g')))).toEqual(sorted(ours));
      expect(sorted(extract(bsdTar, path, join(tmpFolder(), 'b')))).toEqual(sorted(ours));
    }
  });

  const v7 = (header: Buffer): void => {
    header.fill(0, 257, 265);
  };
  test.each<[string, readonly TarPart[]]>([
    ['with a bare slash for its root', [{ name: '/', type: '5' }, ...BASE]],
    ['with a volume label', [{ name: 'a label', type: 'V' }, ...BASE]],
    [
      'with a time before 1970',
      [...BASE, evil('./x', { edit: (header) => void header.fill(0xff, 136, 148) })],
    ],
    [
      'with the highest owner',
      [
        ...BASE,
        evil('./x', {
          edit: (header) => {
            header.set([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe], 108);
          },
        }),
      ],
    ],
    [
      'of old tars, with folders by their slash',
      BASE.map((part) => ({
        ...part,
        ...(part.name.endsWith('/') && { type: part.name === './data/' ? '0' : '\0' }),
        edit: v7,
      })),
    ],
    [
      'with times and a place of an incremental archive',
      [...BASE, evil('./x', { edit: (header) => void header.write('00000000001', 345) })],
    ],
    ...Object.entries({
      uid: '4294967294',
      gid: '4294967295',
      uname: '山田',
      hdrcharset: 'BINARY',
      'SCHILY.xattr.user.foo': 'bar',
      'LIBARCHIVE.xattr.user.foo': 'YmFy',
      'RHT.security.selinux': 'unconfined_u:object_r:user_home_t:s0',
      'SCHILY.acl.access': 'user::rw-,user:daemon:r--:1,group::r--,mask::r--,other::r--',
      'SCHILY.acl.default': 'user::rwx,group::r-x,other::r-x',
      'SCHILY.fflags': 'nodump',
    }).map(([key, value]): [string, readonly TarPart[]] => [
      `with the pax record ${key}`,
      [...BASE, paxPart({ [key]: value }), evil('./x')],
    ]),
    ['with a volume label in pax', [paxPart({ 'GNU.volume.label': 'a label' }, 'g'), ...BASE]],
  ])('one %s', async (what, parts) => {
    const path = save(packTar(parts));
    const ours = await seen(path);
    expect(ours).not.toBeNull();
    // GNU tar tells of the slash that it removes; bsdtar of names that its locale has not.
    const mayWarn = what.includes('slash for its root');
    expect(sorted(extract(gnuTar, path, join(tmpFolder(), 'g'), mayWarn))).toEqual(sorted(ours));
    if (what.includes('uname')) return;
    expect(sorted(extract(bsdTar, path, join(tmpFolder(), 'b'), mayWarn))).toEqual(sorted(ours));
  });

  test('one that GNU tar made with a label', async () => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/x'), CONTENT);
    for (const format of ['gnu', 'posix']) {
      const path = join(folder, `${format}.tar`);
      const args = [`--format=${format}`, '-V', 'label', '-C', folder, '-cf', path, 'data'];
      expect(run(gnuTar, args).stderr).toBe('');
      const ours = await seen(path);
      expect(ours?.get('data/x')).toEqual(CONTENT);
      expect(sorted(extract(gnuTar, path, join(folder, `${format}-g`)))).toEqual(sorted(ours));
      expect(sorted(extract(bsdTar, path, join(folder, `${format}-b`)))).toEqual(sorted(ours));
    }
  });

  test.each(GNU_HOLES.filter(([, at]) => at !== 386))(
    'bsdtar takes an ordinary member with %s for another than GNU tar',
    (_, at) => {
      const member = evil('./y', { edit: (header) => void header.write('00000001000', at) });
      const path = save(packTar([...BASE, member]));
      const [gnu, bsd] = [gnuTar, bsdTar].map((tar) =>
        JSON.stringify(sorted(extract(tar, path, join(tmpFolder(), 'x')))),
      );
      expect(bsd).not.toEqual(gnu);
    },
  );

  const names = fc.constantFrom(
    ...[
      `./${BLOB}`,
      BLOB,
      `./${BLOB}/`,
      `data/./${BLOB.slice(5)}`,
      './data',
      './data/',
      'data//',
      '.',
      './',
    ],
    ...[
      `./${BLOB}/x`,
      './x',
      'x/',
      './meta/0',
      'meta/1/x',
      './manifest.json',
      '../x',
      '/x',
      '',
      'ß',
      'x\\y',
    ],
  );
  const member: fc.Arbitrary<TarPart> = fc.record(
    {
      name: names,
      type: fc.constantFrom(...Array.from('0123456789\0xgLKSVDMNXAZ')),
      link: fc.constantFrom(BLOB, `./${OTHER_BLOB}`, 'x', './data', 'nothing', '../x', ''),
      content: fc.constantFrom(EVIL, Buffer.alloc(0), CONTENT, Buffer.from(`./${BLOB}\0`)),
      size: fc.constantFrom<number | Uint8Array>(
        0,
        1,
        512,
        1000,
        Buffer.from('        1000'),
        Buffer.from('            '),
        Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]),
      ),
    },
    { requiredKeys: ['name'] },
  );
  const pax = fc
    .dictionary(
      fc.constantFrom(
        'path',
        'linkpath',
        'size',
        'mtime',
        'uid',
        'comment',
        'SCHILY.realsize',
        'GNU.sparse.name',
        'hdrcharset',
        'uname',
      ),
      fc.constantFrom(BLOB, './x', '7', '15', '0', '', '-1', 'x\0y', '1.5', 'BINARY'),
      { maxKeys: 2 },
    )
    .chain((records) => fc.constantFrom<'x' | 'g'>('x', 'g').map((type) => paxPart(records, type)));
  /** A field of a finished header, and its checksum with it. */
  const edited = fc
    .record({
      at: fc.nat(511),
      byte: fc.constantFrom(0, 0x20, 0x2f, 0x30, 0x37, 0x39, 0x78, 0x80, 0xff),
      name: names,
    })
    .map(({ at, byte, name }) => evil(name, { edit: (header) => void (header[at] = byte) }));
  const change = fc.record({
    parts: fc.array(fc.oneof(member, pax, edited), { minLength: 1, maxLength: 3 }),
    at: fc.nat(BASE.length),
    double: fc.option(fc.nat(BASE.length - 1)),
    swap: fc.option(fc.nat(BASE.length - 2)),
  });

  test(
    `${ROUNDS} archives with members added, doubled, moved and edited`,
    { timeout: TIMEOUT },
    async () => {
      const folder = tmpFolder();
      const path = join(folder, 'x.tar');
      let accepted = 0;
      let count = 0;
      const property = fc.asyncProperty(change, async ({ parts, at, double, swap }) => {
        const all = [...BASE];
        const twice = double === null ? undefined : all[double];
        if (swap !== null) all.splice(swap, 2, ...all.slice(swap, swap + 2).reverse());
        all.splice(at, 0, ...parts);
        if (twice !== undefined) all.push(twice);
        writeFileSync(path, packTar(all));
        count++;
        const ours = await seen(path);
        if (ours === null) return;
        accepted++;
        for (const tar of [gnuTar, bsdTar]) {
          const out = join(folder, 'out');
          rmSync(out, { recursive: true, force: true });
          expect(sorted(extract(tar, path, out)), tar.name).toEqual(sorted(ours));
        }
      });
      await fc.assert(property, {
        seed: SEED,
        numRuns: ROUNDS,
        interruptAfterTimeLimit: TIMEOUT - 60_000,
      });
      // Neither everything nor nothing is refused.
      expect(accepted).toBeGreaterThan(count / 100);
      expect(accepted).toBeLessThan(count);
    },
  );
});

/** Contents as text, and folders that only readers make left out of what differs. */
function sorted(view: Extracted | string | null): unknown {
  if (view === null || typeof view === 'string') return view;
  return Array.from(view, ([path, what]) => [
    path,
    typeof what === 'string' ? what : what.toString('latin1'),
  ])
    .filter(([path]) => path !== '')
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

testNeeding([gnuTar, bsdTar], 'the oracle notices a member that another replaces', () => {
  const path = save(packTar([...BASE, folder(`./${BLOB}/`)]));
  const out = join(tmpFolder(), 'out');
  const extracted = extract(gnuTar, path, out);
  expect(typeof extracted === 'string' ? extracted : extracted.get(BLOB)).not.toEqual(CONTENT);
});
