import fc from 'fast-check';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FileReader, MemoryReader } from '../../../../test/support/ext4/examine.ts';
import { materialise } from '../../../../test/support/ext4/materialise.ts';
import {
  blkidTags,
  blkidTool,
  debugfs,
  debugfsTool,
  e2fsckComplaint,
  e2fsckTool,
  mkfsTool,
  resize2fsTool,
  run,
} from '../../../../test/support/ext4/oracles.ts';
import { LABEL, layoutOf } from '../../../../test/support/ext4/plans.ts';
import { Image, type Entry } from '../../../../test/support/ext4/tamper.ts';
import { sharedTmpFolder, tmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding, testNeeding } from '../../../../test/support/tools.ts';
import { BuilderError } from '../../../shared/errors.ts';
import { CRC32C_INITIAL, crc32c } from '../ext4/format/crc32c.ts';
import { openFinishedExt4 } from './open-ext4.ts';

const SEED = 20261130;
/** Changed filesystems that e2fsck judges; `NIGHTLY=1` runs more. */
const ROUNDS = process.env['NIGHTLY'] === '1' ? 10_000 : 60;
/** A hang, not slowness. */
const TIMEOUT = 1_200_000;

const name = (index: number): string => `${index}`.padStart(4, '0').repeat(16);
/** A folder with an index (several blocks of names), and one without. */
const CONTENTS = {
  directories: ['data', 'meta', 'meta/0'],
  files: [
    { path: 'manifest.json', size: 300 },
    ...Array.from({ length: 120 }, (_, index) => ({
      path: `data/${name(index)}`,
      size: (index % 4) * 3000,
    })),
    { path: 'meta/0/a', size: 10 },
    { path: 'meta/0/b', size: 20 },
    { path: 'meta/0/c', size: 5000 },
  ],
};

/** Fields of the superblock but for times and counts of mounts, of which e2fsck speaks by the clock. */
const SUPERBLOCK_FIELDS = [
  ...[
    0x0, 0x4, 0x8, 0xc, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x3a, 0x3c, 0x4c, 0x50, 0x54,
    0x58, 0x5a,
  ],
  ...[
    0x5c, 0x60, 0x64, 0x68, 0x78, 0xcc, 0xcd, 0xce, 0xd0, 0xe0, 0xe4, 0xe8, 0xec, 0xfc, 0xfd, 0xfe,
    0x100, 0x104,
  ],
  ...[
    0x150, 0x154, 0x158, 0x15c, 0x15e, 0x160, 0x174, 0x175, 0x176, 0x200, 0x240, 0x244, 0x24c,
    0x250, 0x268, 0x26c, 0x270, 0x280,
  ],
];

const shared = sharedTmpFolder();
const pristine = (): string => join(shared(), 'pristine.img');
beforeAll(() => materialise(layoutOf(CONTENTS, null), pristine()));

/** The words with which a check refuses an image; null for one that it takes. */
async function refusal(bytes: Uint8Array): Promise<string | null> {
  const reader = new MemoryReader(bytes);
  try {
    const { others } = await openFinishedExt4('x', 'img', {
      size: bytes.length,
      read: (offset, length) => reader.read(offset, length),
      fill: async (offset, into) => into.set(await reader.read(offset, into.length)),
    });
    return others.length === 0 ? null : `others: ${others.join()}`;
  } catch (error) {
    if (error instanceof BuilderError) return JSON.stringify(error.data);
    throw error;
  }
}

async function tampered(change: (image: Image) => void): Promise<string | null> {
  const image = new Image(readFileSync(pristine()));
  change(image);
  return refusal(image.bytes);
}

test('a filesystem as it was made is taken', async () => {
  expect(await tampered(() => undefined)).toBeNull();
  // What tampering seals is what was there.
  const image = new Image(readFileSync(pristine()));
  image.sealAll();
  expect(Buffer.compare(image.bytes, readFileSync(pristine()))).toBe(0);
});

test('the contents of a file in 130,000 pieces can be read', async () => {
  const blocks = 130_000;
  const file = { path: 'data/x', size: blocks * 4096 };
  const usable = [{ first: 0, end: 2000 }].concat(
    Array.from({ length: blocks + 1000 }, (_, i) => ({ first: 2000 + 2 * i, end: 2001 + 2 * i })),
  );
  const path = join(tmpFolder(), 'x.img');
  const size = 2 * (blocks + 2000) * 4096;
  materialise(layoutOf({ directories: ['data'], files: [file] }, size, usable), path, {
    content: false,
  });
  using source = new FileReader(path);
  const reader = {
    size: source.size,
    read: (offset: number, length: number) => source.read(offset, length),
    fill: async (offset: number, into: Uint8Array) =>
      into.set(await source.read(offset, into.length)),
  };
  const image = await openFinishedExt4('x', 'drive', reader);
  for await (const window of image.windows(['data/x'])) {
    // The rest is as the beginning.
    expect(window.segments[0]?.length).toBeGreaterThan(0);
    window.release();
    break;
  }
});

const find = (entries: readonly Entry[], wanted: string): Entry => {
  const found = entries.find((entry) => entry.name === wanted);
  if (found === undefined) throw new Error(`no ${wanted}`);
  return found;
};

/** What e2fsck or blkid tells of a superblock whose checksum is right: offset and 32 bits. */
const SUPERBLOCK_LIES = [
  ['of a test', 0x160, 0x5],
  ['of a journal on another device', 0xd0, 0x78787878],
  ['of a file of orphans without a journal', 0x5c, 0x1028],
  ['of descriptors for growing without an inode', 0x5c, 0x38],
] as const;

describe('a filesystem with right checksums is refused', () => {
  test.each<[string, (image: Image) => void]>([
    [
      'where one name is there twice',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').name = 'b';
        }),
    ],
    ['where one name is there twice in an index', (image) => image.doubleInIndex('data')],
    ['where leaves of an index change places', (image) => image.exchangeLeaves('data')],
    [
      'where a name has a slash',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').name = '/';
        }),
    ],
    [
      'where a name is ".."',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').name = '..';
        }),
    ],
    [
      'where ".." is another folder',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, '..').inode = 2;
        }),
    ],
    [
      'where "." is another folder',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, '.').inode = 2;
        }),
    ],
    [
      'where a name has another type',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').type = 2;
        }),
    ],
    [
      'where a name has no type',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').type = 0;
        }),
    ],
    [
      'where a name leads to another file',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').inode = find(e, 'b').inode;
        }),
    ],
    [
      'where a name leads to a reserved inode',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').inode = 8;
        }),
    ],
    [
      'where a name leads to an unused inode',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').inode = image.inodes;
        }),
    ],
    [
      'where a folder has two names',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          Object.assign(find(e, 'a'), { inode: image.find('data'), type: 2 });
        }),
    ],
    [
      'where a folder is in itself',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          Object.assign(find(e, 'a'), { inode: image.find('meta'), type: 2 });
        }),
    ],
    [
      'where a name is gone',
      (image) =>
        image.editDirectory('meta/0', (e) => {
          find(e, 'a').inode = 0;
        }),
    ],
    ...[
      0x4, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x100000, 0x200000, 0x400000, 0x2000000,
      0x10000000, 0x40000000, 0x80000000,
    ].map((flag): [string, (image: Image) => void] => [
      `where a file has the flag 0x${flag.toString(16)}`,
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) =>
          view.setUint32(at + 0x20, view.getUint32(at + 0x20, true) | flag, true),
        ),
    ]),
    [
      'where a file is a device',
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) => view.setUint16(at, 0x6180, true)),
    ],
    [
      'where a file is deleted',
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) => view.setUint32(at + 0x14, 1, true)),
    ],
    [
      'where a file has more links',
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) => view.setUint16(at + 0x1a, 2, true)),
    ],
    [
      'where a file is shorter than its blocks',
      (image) =>
        image.editInode(image.find('meta/0/c'), (view, at) => view.setUint32(at + 4, 10, true)),
    ],
    [
      'where a file occupies more',
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) => view.setUint32(at + 0x1c, 16, true)),
    ],
    [
      'where a file has a block of attributes',
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) => view.setUint32(at + 0x68, 50, true)),
    ],
    [
      'where a file has attributes that make no sense',
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) => {
          view.setUint32(at + 160, 0xea020000, true);
          view.setUint32(at + 164, 0xffff, true);
        }),
    ],
    [
      'where two files share a block',
      (image) => {
        const own = image.firstBlock('meta/0/a');
        image.editInode(image.find('meta/0/a'), (view, at) =>
          view.setUint32(at + 0x28 + 20, image.firstBlock('meta/0/b'), true),
        );
        // The bitmap is right again: nothing but two owners tells it.
        image.flipBlock(own);
      },
    ],
    [
      'where a file holds the table of inodes',
      (image) =>
        image.editInode(image.find('meta/0/a'), (view, at) =>
          view.setUint32(at + 0x28 + 20, image.inodeTable, true),
        ),
    ],
    [
      'where an unused inode is in use',
      (image) => {
        image.editDescriptor((view, at) => view.setUint16(at + 0x1c, 0, true));
        image.editInode(image.inodes, (view, at) => {
          view.setUint16(at, 0x81a4, true);
          view.setUint16(at + 0x1a, 1, true);
        });
      },
    ],
    [
      'where a reserved inode has blocks',
      (image) => image.editInode(7, (view, at) => view.setUint32(at + 0x28 + 52, 60, true)),
    ],
    ['where a used block counts as free', (image) => image.flipBlock(image.firstBlock('meta/0/a'))],
    ['where a free block counts as used', (image) => image.flipBlock(image.blocks - 1)],
    [
      'where another number of folders is recorded',
      (image) => image.editDescriptor((view, at) => view.setUint16(at + 0x10, 9, true)),
    ],
    [
      'where inodes in use count as unused',
      (image) => image.editDescriptor((view, at) => view.setUint16(at + 0x1c, 60000, true)),
    ],
    ...(
      [
        ['of errors', 0x3a, 3],
        ['of orphans', 0xe8, 20],
        ['of options for its mount', 0x200, 0x61],
        ['of clusters', 0x1c, 4],
        ['of blocks of 64 KiB', 0x18, 6],
        ['of reserved blocks', 0x8, 0x7fffffff],
        ['of free blocks', 0xc, 1],
        ['of free inodes', 0x10, 1],
        ['of reserved descriptors', 0xce, 5],
        ['of an unknown compat feature', 0x5c, 0x80000028],
        ['of an unknown incompat feature', 0x60, 0x80000242],
        ['of an unknown ro_compat feature', 0x64, 0x8000046b],
        ['of a journal', 0x5c, 0x2c],
        ['of no extents', 0x60, 0x202],
        ['of no indexes', 0x5c, 0x8],
        ['of a label that is none', 0x78, 0x78],
        ['of the revision', 0x4c, 2],
        ['of an unknown kind of hash', 0xfc, 99],
        ...SUPERBLOCK_LIES,
      ] as const
    ).map(([what, at, value]): [string, (image: Image) => void] => [
      `where the superblock tells ${what}`,
      (image) => image.editSuperblock((view) => view.setUint32(at, value, true)),
    ]),
    ['with a partition table before it', (image) => image.bytes.set([0x55, 0xaa], 510)],
    ['with a second table of partitions', (image) => image.bytes.set(Buffer.from('EFI PART'), 512)],
    [
      'with a swap signature behind the superblock',
      (image) => image.bytes.set(Buffer.from('SWAPSPACE2'), 4086),
    ],
  ])('%s', async (_, change) => {
    expect(await tampered(change)).not.toBeNull();
  });

  test('with something behind its end', async () => {
    const bytes = readFileSync(pristine());
    const more = Buffer.concat([bytes, Buffer.alloc(8192)]);
    expect(await refusal(more)).toBeNull();
    more[more.length - 1] = 1;
    expect(await refusal(more)).not.toBeNull();
  });
});

testNeeding([mkfsTool], 'what mkfs.ext4 makes is taken', async () => {
  const folder = tmpFolder();
  mkdirSync(join(folder, 'tree/data'), { recursive: true });
  for (let index = 0; index < 300; index++)
    writeFileSync(join(folder, 'tree/data', name(index)), Buffer.alloc(index * 50, 'x'));
  for (const options of [
    ...['', '-O ^64bit', '-O ^has_journal', '-b 1024', '-O ^metadata_csum'],
    ...['-O fast_commit', '-O orphan_file', '-O ^resize_inode'],
  ]) {
    const path = join(folder, 'x.img');
    rmSync(path, { force: true });
    const more = options.split(' ').filter((option) => option !== '');
    const args = ['-q', '-F', '-L', LABEL, ...more, '-d', join(folder, 'tree'), path, '64M'];
    expect(run(mkfsTool, args).stderr, options).toBe('');
    expect(await refusal(readFileSync(path)), options).toBeNull();
  }
});

describeNeeding([e2fsckTool, blkidTool], 'e2fsck or blkid tells, too,', () => {
  test.each(SUPERBLOCK_LIES)('of a superblock %s', (_, at, value) => {
    const image = new Image(readFileSync(pristine()));
    image.editSuperblock((view) => view.setUint32(at, value, true));
    const path = join(tmpFolder(), 'x.img');
    writeFileSync(path, image.bytes);
    const isExt4 = blkidTags(path).includes('TYPE=ext4');
    expect(isExt4 && e2fsckComplaint(path) === null).toBe(false);
  });
});

describeNeeding([e2fsckTool], 'attributes in an inode', () => {
  /** One of them, its value at the end of the inode. */
  const attribute = (index: number, name: string, value: Uint8Array, hash: number) =>
    tamperedAttribute((area, view) => {
      view.setUint32(0, 0xea020000, true);
      const bytes = Buffer.from(name, 'latin1');
      const offset = area.length - 4 - ((value.length + 3) & ~3);
      area.set([bytes.length, index], 4);
      view.setUint16(6, offset, true);
      view.setUint32(12, value.length, true);
      view.setUint32(16, hash, true);
      area.set(bytes, 20);
      area.set(value, 4 + offset);
    });
  const tamperedAttribute = (edit: (area: Uint8Array, view: DataView) => void) => {
    const image = new Image(readFileSync(pristine()));
    image.editInode(image.find('meta/0/a'), (view, at) => {
      const start = view.byteOffset + at + 160;
      edit(new Uint8Array(view.buffer, start, 96), new DataView(view.buffer, start, 96));
    });
    return image.bytes;
  };
  const acl = Buffer.from(
    '01000000' + '01000600' + '0200040001000000' + '04000400' + '10000400' + '20000400',
    'hex',
  );
  const foo = Buffer.from('bar');
  /** ext4_xattr_hash_entry of "foo" and "bar". */
  const FOO_BAR = fooBarHash('foo');

  test.each<[string, () => Buffer, boolean]>([
    ['without a hash', () => attribute(1, 'foo', foo, 0), true],
    ['with its hash', () => attribute(1, 'foo', foo, FOO_BAR), true],
    ['with another hash', () => attribute(1, 'foo', foo, 0x12345), false],
    ['with an ACL', () => attribute(2, '', acl, 0), true],
    ['with a default ACL', () => attribute(3, '', acl, 0), true],
    ['with no name', () => attribute(1, '', foo, 0), true],
  ])('%s', async (what, make, isRight) => {
    const bytes = make();
    const path = join(tmpFolder(), 'x.img');
    writeFileSync(path, bytes);
    expect(e2fsckComplaint(path) === null).toBe(isRight);
    // The kernel has no attributes without a name but ACLs.
    const isTaken = isRight && what !== 'with no name';
    expect((await refusal(bytes)) === null).toBe(isTaken);
  });

  test.each<[string, Buffer]>([
    ['of another version', Buffer.from('02000000' + '01000600', 'hex')],
    ['with an unknown tag', Buffer.from('01000000' + '03000600', 'hex')],
    ['that is cut off', Buffer.from('01000000' + '02000600', 'hex')],
  ])('with an ACL %s are refused', async (_, value) => {
    expect(await refusal(attribute(2, '', value, 0))).not.toBeNull();
  });
});

/** The hash of an attribute with the value "bar", by the letter of ext4_xattr_hash_entry. */
function fooBarHash(name: string): number {
  let hash = 0n;
  const low = 0xffff_ffffn;
  for (const byte of Buffer.from(name)) hash = ((hash << 5n) ^ (hash >> 27n) ^ BigInt(byte)) & low;
  return Number(((hash << 16n) ^ (hash >> 16n) ^ 0x726162n) & low);
}

describeNeeding([mkfsTool, debugfsTool, e2fsckTool], 'a journal', () => {
  const base = (): Buffer => readFileSync(join(shared(), 'journal.img'));
  let at = 0;
  beforeAll(() => {
    const path = join(shared(), 'journal.img');
    run(mkfsTool, ['-q', '-F', '-L', LABEL, '-b', '1024', path, '64M']);
    at = 1024 * Number(debugfs(path, 'bmap <8> 0'));
  });
  /** Sets 32-bit fields, and the checksum where there is one. */
  const changed = (...fields: readonly (readonly [number, number])[]): Buffer => {
    const bytes = base();
    for (const [field, value] of fields) bytes.writeUInt32BE(value, at + field);
    if ((bytes.readUInt32BE(at + 0x28) & 0x18) === 0) return bytes;
    bytes.writeUInt32BE(0, at + 0xfc);
    const sum = crc32c(CRC32C_INITIAL, bytes.subarray(at, at + 1024));
    bytes.writeUInt32BE(sum, at + 0xfc);
    return bytes;
  };
  const complaint = (bytes: Buffer): string | null => {
    const path = join(tmpFolder(), 'x.img');
    writeFileSync(path, bytes);
    return e2fsckComplaint(path);
  };
  const CHECKSUMS = [
    [0x28, 0x10],
    [0x50, 0x04000000],
  ] as const;

  test('as it was made, and with checksums, is taken', async () => {
    for (const bytes of [base(), changed(...CHECKSUMS)]) {
      expect(complaint(bytes)).toBeNull();
      expect(await refusal(bytes)).toBeNull();
    }
  });

  test.each<[string, readonly (readonly [number, number])[]]>([
    ['of another kind', [[0x4, 1]]],
    ['of other blocks', [[0xc, 512]]],
    ['that is longer than its file', [[0x10, 999_999]]],
    ['with an unknown feature', [[0x28, 0x8000]]],
    ['with an unknown feature to write', [[0x2c, 1]]],
    ['of several filesystems', [[0x40, 2]]],
    [
      'of version 1 with features',
      [
        [0x4, 3],
        [0x24, 1],
      ],
    ],
    ['with checksums of an unknown kind', [[0x28, 0x10]]],
  ])('%s is refused, as by e2fsck', async (_, fields) => {
    const bytes = changed(...fields);
    expect(complaint(bytes)).not.toBeNull();
    expect(await refusal(bytes)).toContain('journal');
  });

  // jbd2 looks at these when it is mounted (fs/jbd2/journal.c); e2fsck -n says nothing of them.
  test.each<[string, readonly (readonly [number, number])[]]>([
    ['that begins nowhere', [[0x14, 0]]],
    ['that begins behind its end', [[0x14, 999_999]]],
    [
      'with too many blocks for fast commits',
      [
        [0x28, 0x20],
        [0x54, 999_999],
      ],
    ],
  ])('%s is refused, as by the kernel', async (_, fields) => {
    expect(await refusal(changed(...fields))).toContain('journal');
  });

  test('with a wrong checksum is refused, as by e2fsck', async () => {
    const bytes = changed(...CHECKSUMS);
    bytes[at + 0x5f] = 1;
    expect(complaint(bytes)).not.toBeNull();
    expect(await refusal(bytes)).toContain('checksum');
  });

  test('that the kernel calls too short is refused', async () => {
    expect(await refusal(changed([0x10, 1000]))).toContain('journal');
  });
});

describeNeeding(
  [mkfsTool, debugfsTool, e2fsckTool, resize2fsTool],
  'blocks for growing descriptors',
  () => {
    const BLOCK = 1024;
    const base = (): string => join(shared(), 'growing.img');
    /** Bytes from the start: of the doubly indirect block, and of the first indirect one. */
    let doublyIndirect = 0;
    let indirect = 0;
    beforeAll(() => {
      run(mkfsTool, ['-q', '-F', '-L', LABEL, '-b', `${BLOCK}`, base(), '24M']);
      const block = /\(DIND\):(\d+)/.exec(debugfs(base(), 'stat <7>'))?.[1];
      doublyIndirect = Number(block) * BLOCK;
      indirect = readFileSync(base()).readUInt32LE(doublyIndirect + 4) * BLOCK;
    });
    const judged = async (change: (path: string) => void): Promise<(string | null)[]> => {
      const path = join(tmpFolder(), 'x.img');
      copyFileSync(base(), path);
      change(path);
      return [e2fsckComplaint(path), await refusal(readFileSync(path))];
    };
    const poke = (path: string, at: number, value: number): void => {
      const bytes = readFileSync(path);
      bytes.writeUInt32LE(value, at);
      writeFileSync(path, bytes);
    };

    test('as mkfs.ext4 made them, and as resize2fs left them, are taken', async () => {
      expect(await judged(() => undefined)).toEqual([null, null]);
      for (const size of ['8M', '48M', '96M'])
        expect(await judged((path) => run(resize2fsTool, ['-f', path, size]))).toEqual([
          null,
          null,
        ]);
    });

    test.each<[string, (path: string) => void]>([
      ['with another address of a descriptor', (path) => poke(path, doublyIndirect + 4, 9999)],
      ['with one address more', (path) => poke(path, doublyIndirect + BLOCK - 4, 9999)],
      ['with another address of a copy', (path) => poke(path, indirect, 9999)],
      ['with one copy more', (path) => poke(path, indirect + BLOCK - 4, 9999)],
      ...['blocks 2', 'size 2', 'dtime 5', 'flags 0x80000', 'links_count 0'].map(
        (field): [string, (path: string) => void] => [
          `whose inode has ${field}`,
          (path) => run(debugfsTool, ['-w', '-R', `set_inode_field <7> ${field}`, path]),
        ],
      ),
    ])('%s are refused, as by e2fsck', async (_, change) => {
      const [complaint, refused] = await judged(change);
      expect(complaint).not.toBeNull();
      expect(refused).toContain('inode 7');
    });
  },
);

describeNeeding([blkidTool], 'a signature that hides it from blkid', () => {
  test.each<[string, (size: number) => number, string]>([
    ['btrfs', () => 65600, '_BHRfS_M'],
    ['Promise', (size) => size - 3087 * 512, 'Promise Technology, Inc.'],
    ['Intel', (size) => size - 1024, 'Intel Raid ISM Cfg Sig. 1.0'],
    ['LSI', (size) => size - 512, '$XIDE$'],
  ])('of %s is found', async (_, at, magic) => {
    const bytes = Buffer.concat([readFileSync(pristine()), Buffer.alloc(4 << 20)]);
    const path = join(tmpFolder(), 'x.img');
    writeFileSync(path, bytes);
    expect(blkidTags(path)).toContain(`LABEL=${LABEL}`);
    expect(await refusal(bytes)).toBeNull();
    bytes.write(magic, at(bytes.length), 'latin1');
    expect(await refusal(bytes)).toContain('filesystem');
  });
});

describeNeeding([e2fsckTool], 'what is taken e2fsck has nothing to say of:', () => {
  const small = fc.nat(3);
  const value = fc.constantFrom(
    0,
    1,
    2,
    3,
    7,
    8,
    11,
    12,
    0x7f,
    0xff,
    0x1000,
    0xffff,
    0x8001,
    0xffffffff,
  );
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('inode' as const),
      which: fc.nat(150),
      at: fc.nat(159),
      value,
      width: fc.constantFrom(1, 2, 4),
    }),
    fc.record({
      kind: fc.constant('leaf' as const),
      which: small,
      at: fc.nat(4083),
      value,
      width: fc.constantFrom(1, 2, 4),
    }),
    fc.record({
      kind: fc.constant('directory' as const),
      which: small,
      at: fc.nat(80),
      value,
      width: fc.constantFrom(1, 2, 4),
    }),
    fc.record({
      kind: fc.constant('descriptor' as const),
      which: small,
      at: fc.nat(0x1d),
      value,
      width: fc.constantFrom(1, 2, 4),
    }),
    fc.record({
      kind: fc.constant('bitmap' as const),
      which: fc.nat(1),
      at: fc.nat(4095),
      value,
      width: fc.constant(1),
    }),
    fc.record({
      kind: fc.constant('superblock' as const),
      which: small,
      at: fc.constantFrom(...SUPERBLOCK_FIELDS),
      value,
      width: fc.constantFrom(1, 2, 4),
    }),
    fc.record({
      kind: fc.constant('swap' as const),
      which: small,
      at: fc.nat(20),
      value: fc.nat(20),
      width: fc.constant(1),
    }),
  );

  test(
    `${ROUNDS} filesystems with fields changed and checksums made right`,
    { timeout: TIMEOUT },
    async () => {
      const path = join(tmpFolder(), 'x.img');
      copyFileSync(pristine(), path);
      expect(e2fsckComplaint(path)).toBeNull();
      const base = readFileSync(pristine());
      let taken = 0;
      let count = 0;
      const property = fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 2 }),
        async (changes) => {
          const image = new Image(Buffer.from(base));
          for (const each of changes) image.poke(each);
          count++;
          if ((await refusal(image.bytes)) !== null) return;
          taken++;
          writeFileSync(path, image.bytes);
          expect(e2fsckComplaint(path)).toBeNull();
        },
      );
      await fc.assert(property, {
        seed: SEED,
        numRuns: ROUNDS,
        interruptAfterTimeLimit: TIMEOUT - 60_000,
      });
      // Neither everything nor nothing is refused.
      expect(taken).toBeGreaterThan(count / 100);
      expect(taken).toBeLessThan(count);
    },
  );
});
