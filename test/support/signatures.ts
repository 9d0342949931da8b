import { crc32 } from 'node:zlib';
import { crc32c } from '../../src/main/engine/ext4/format/crc32c.ts';

/** Something that libblkid takes a device for, by the bytes that it looks at. */
export interface PlantedSignature {
  /** `TYPE` of blkid, or `PTTYPE` of a partition table. */
  readonly type: string;
  readonly title: string;
  /** Where and what, on a device of `size` bytes. */
  readonly bytes: (size: number) => readonly (readonly [offset: number, bytes: Uint8Array])[];
}

const SECTOR = 512;
const KIB = 1024;
const MIB = 1024 * KIB;

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A structure that is zero but for the fields at these offsets. */
function structure(length: number, fields: Readonly<Record<number, Uint8Array>>): Buffer {
  const bytes = Buffer.alloc(length);
  for (const [at, field] of Object.entries(fields)) bytes.set(field, Number(at));
  return bytes;
}

function number64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

const number32 = (value: number): Buffer => number64(value).subarray(0, 4);
const number16 = (value: number): Buffer => number64(value).subarray(0, 2);
const big = (number: Buffer): Buffer => Buffer.from(number.toReversed());

/** From the front. */
function front(type: string, offset: number, bytes: Uint8Array, title = type): PlantedSignature {
  return { type, title, bytes: () => [[offset, bytes]] };
}

/** In the sector that many before the end. */
function end(type: string, sectors: number, bytes: Uint8Array): PlantedSignature {
  const title = `${type} ${String(sectors)} sectors before the end`;
  return { type, title, bytes: (size) => [[size - sectors * SECTOR, bytes]] };
}

function md1(title: string, place: (size: number) => number): PlantedSignature {
  const bytes = (size: number) => {
    const at = place(size);
    const fields = { 0: hex('fc4e2ba9'), 4: number32(1), 144: number64(at / SECTOR) };
    return [[at, structure(256, fields)]] as const;
  };
  return { type: 'linux_raid_member', title: `MD ${title}`, bytes };
}

/** An area of ZFS' root blocks. */
function zfs(title: string, label: (size: number) => number): PlantedSignature {
  const area = Buffer.alloc(128 * KIB);
  for (let at = 0; at < area.length; at += KIB) area.set(number64(0x00bab10c), at);
  return {
    type: 'zfs_member',
    title: `ZFS ${title}`,
    bytes: (size) => [[label(size) + 128 * KIB, area]],
  };
}

function lvm2(): PlantedSignature {
  const label = structure(SECTOR, {
    0: latin('LABELONE'),
    8: number64(1),
    20: number32(32),
    24: latin('LVM2 001'),
    32: latin('0123456789abcdef0123456789abcdef'),
  });
  // The sum of zlib, begun and ended otherwise.
  label.writeUInt32LE(~crc32(label.subarray(20), ~0xf597a6cf >>> 0) >>> 0, 16);
  return front('LVM2_member', SECTOR, label);
}

function btrfs(): PlantedSignature {
  const block = structure(4096, { 0x40: latin('_BHRfS_M'), 0x90: number32(4096) });
  block.writeUInt32LE(~crc32c(0xffffffff, block.subarray(32)) >>> 0, 0);
  return front('btrfs', 64 * KIB, block);
}

function stratis(sector: number): PlantedSignature {
  const block = structure(SECTOR, { 4: latin('!Stra0tis\x86\xff\x02^\x41rh') });
  block.writeUInt32LE(~crc32c(0xffffffff, block.subarray(4)) >>> 0, 0);
  return front('stratis', sector * SECTOR, block, `Stratis in sector ${String(sector)}`);
}

function nilfs2(title: string, place: (size: number) => number): PlantedSignature {
  const bytes = (size: number) => {
    const length = 280;
    const fields = { 6: hex('3434'), 8: number16(length), 32: number64(size) };
    const block = structure(length, fields);
    // The sum of zlib, begun with 0 and not inverted at its end; its own field counts as 0.
    block.writeUInt32LE(~crc32(block, 0xffffffff) >>> 0, 16);
    return [[place(size), block]] as const;
  };
  return { type: 'nilfs2', title: `NILFS2 ${title}`, bytes };
}

/** A boot record of NTFS, and the two records of its table of files that libblkid looks at. */
const NTFS: PlantedSignature = {
  type: 'ntfs',
  title: 'NTFS',
  bytes: () => {
    const fields = { 3: latin('NTFS    '), 11: number16(SECTOR), 13: hex('08') };
    const places = { 40: number64(1e5), 48: number64(4), 56: number64(2), 64: hex('f6') };
    return [
      [0, structure(SECTOR, { ...fields, ...places })],
      [4 * 4096, latin('FILE')],
      [4 * 4096 + 3 * KIB, latin('FILE')],
    ];
  },
};

function exfat(): PlantedSignature {
  const boot = structure(12 * SECTOR, {
    ...{ 0: hex('eb7690'), 3: latin('EXFAT   '), 72: number64(131072), 80: number32(24) },
    ...{ 84: number32(8), 88: number32(64), 92: number32(1000), 96: number32(2) },
    ...{ 104: number16(0x100), 108: hex('09 03 01'), 510: hex('55aa') },
  });
  let sum = 0;
  for (const [at, byte] of boot.subarray(0, 11 * SECTOR).entries())
    if (at !== 106 && at !== 107 && at !== 112)
      sum = (((sum & 1) << 31) + (sum >>> 1) + byte) >>> 0;
  boot.fill(number32(sum), 11 * SECTOR);
  return front('exfat', 0, boot);
}

const FAT16 = structure(SECTOR, {
  ...{ 0: hex('eb3c90'), 11: number16(SECTOR), 13: hex('04'), 14: number16(1), 16: hex('02') },
  ...{ 17: number16(512), 21: hex('f8'), 22: number16(128), 32: number32(131072) },
  ...{ 54: latin('FAT16   '), 510: hex('55aa') },
});

const XFS = structure(SECTOR, {
  ...{ 0: latin('XFSB'), 4: big(number32(4096)), 8: big(number64(16384)), 80: big(number32(1)) },
  ...{ 84: big(number32(16384)), 88: big(number32(1)), 100: big(number16(4)) },
  ...{ 102: big(number16(512)), 104: big(number16(512)), 120: hex('0c090903') },
});

/** A log of XFS may begin in any of the first 512 sectors. */
const XFS_LOG = structure(SECTOR, {
  ...{ 0: hex('feedbabe'), 8: big(number32(1)), 12: big(number32(512)), 300: big(number32(1)) },
});

const MINIX = structure(32, {
  ...{ 0: number16(100), 2: number16(200), 4: number16(1), 6: number16(1), 8: number16(10) },
  ...{ 16: hex('7f13'), 18: number16(1) },
});

const JFS = structure(64, {
  ...{ 0: latin('JFS1'), 16: number32(4096), 20: number16(12), 22: number16(3) },
  ...{ 24: number32(512), 28: number16(9) },
});

const UDF: PlantedSignature = {
  type: 'udf',
  title: 'UDF',
  bytes: () => [
    [32 * KIB, latin('\x00BEA01\x01')],
    [34 * KIB, latin('\x00NSR02\x01')],
    [256 * SECTOR, structure(32, { 0: number16(2), 12: number32(256) })],
  ],
};

const promise = latin('Promise Technology, Inc.');
/** `sectors` of promise_raid.c. */
const PROMISE_SECTORS = [63, 255, 256, 16, 399, 591, 675, 735, 911, 974, 991, 951, 3087];
/** `LUKS2_HDR2_OFFSETS` of luks.c that are not within the first 256 KiB. */
const LUKS2_SECOND = [0x80000, 0x100000, 0x200000, 0x400000];

/** Where util-linux 2.38 (libblkid/src) looks: the RAIDs, and what the tools of its time leave. */
export const SIGNATURES: readonly PlantedSignature[] = [
  ...PROMISE_SECTORS.map((sectors) => end('promise_fasttrack_raid_member', sectors, promise)),
  end('adaptec_raid_member', 1, structure(512, { 0: hex('37fc4d1e'), 256: latin('DPTM') })),
  end('ddf_raid_member', 1, hex('de11de11')),
  end('ddf_raid_member', 257, hex('de11de11')),
  end('isw_raid_member', 2, latin('Intel Raid ISM Cfg Sig. 1.0.00')),
  end('jmicron_raid_member', 1, latin('JM')),
  end('lsi_mega_raid_member', 1, latin('$XIDE$')),
  end('via_raid_member', 1, structure(51, { 0: hex('55aa'), 50: hex('ff') })),
  end(
    'silicon_medley_raid_member',
    1,
    structure(512, { 0x60: hex('0000002f'), 0x13e: hex('00d1') }),
  ),
  end('nvidia_raid_member', 2, latin('NVIDIA')),
  end('hpt45x_raid_member', 11, hex('f316785a')),
  front('hpt37x_raid_member', 4640, hex('f016785a')),
  {
    type: 'linux_raid_member',
    title: 'MD 0.90',
    bytes: (size) => [
      [size - (size % (64 * KIB)) - 64 * KIB, structure(256, { 0: hex('fc4e2ba9'), 8: hex('5a') })],
    ],
  },
  md1('1.0', (size) => size - (size % 4096) - 8192),
  md1('1.1', () => 0),
  md1('1.2', () => 4096),
  end('drbd', 8, structure(256, { 60: hex('8374026b') })),
  zfs('label 0', () => 0),
  zfs('label 1', () => 256 * KIB),
  zfs('label 2', (size) => size - (size % (256 * KIB)) - 512 * KIB),
  zfs('label 3', (size) => size - (size % (256 * KIB)) - 256 * KIB),
  front(
    'bcache',
    4096,
    structure(64, { 8: number64(8), 24: hex('c68573f64e1a45ca8265f57f48ba6d81') }),
  ),
  lvm2(),
  front('LVM1_member', 0, hex('484d0100')),
  front('DM_snapshot_cow', 0, latin('SnAp')),
  front('DM_verity_hash', 0, structure(64, { 0: latin('verity'), 8: number32(1) })),
  front('DM_integrity', 0, structure(64, { 0: latin('integrt'), 8: hex('01') })),
  front('crypto_LUKS', 0, hex('4c554b53babe0001'), 'LUKS 1'),
  ...LUKS2_SECOND.map((at) =>
    front(
      'crypto_LUKS',
      at,
      structure(512, { 0: hex('534b554cbabe0002'), 256: hex(at.toString(16).padStart(16, '0')) }),
      `LUKS 2, second header at ${String(at)}`,
    ),
  ),
  front('VMFS_volume_member', MIB, hex('0dd001c0')),
  front('VMFS', 2 * MIB, hex('5ef1ab2f')),
  front('ubi', 0, latin('UBI#')),
  front('vdo', 0, latin('dmvdo001')),
  {
    type: 'swap',
    title: 'swap',
    bytes: () => [
      [1024, Buffer.concat([number32(1), number32(100)])],
      [4086, latin('SWAPSPACE2')],
    ],
  },
  front('reiser4', 64 * KIB, latin('ReIsEr4')),
  front('ufs', 256 * KIB + 1372, hex('54190100')),
  front('nss', 4096, latin('SPB5')),
  front('ocfs2', 2048, latin('OCFSV2')),
  front('oracleasm', 32, latin('ORCLDISK')),
  front('vxfs', 1024, hex('f5fc01a5')),
  front('bfs', 0, hex('cefaad1b')),
  front('iso9660', 32 * KIB, structure(2048, { 0: hex('01'), 1: latin('CD001'), 6: hex('01') })),
  btrfs(),
  front('xfs', 0, XFS),
  front('xfs_external_log', 511 * SECTOR, XFS_LOG),
  front('f2fs', KIB, structure(64, { 0: hex('1020f5f2'), 4: number16(1) })),
  nilfs2('at the front', () => KIB),
  nilfs2('8 sectors before the end', (size) => size - 8 * SECTOR),
  front('BitLocker', 0, latin('\xeb\x52\x90-FVE-FS-')),
  stratis(1),
  stratis(9),
  NTFS,
  front('vfat', 0, FAT16),
  exfat(),
  UDF,
  front('jfs', 32 * KIB, JFS),
  front(
    'reiserfs',
    64 * KIB,
    structure(128, { 12: number32(18), 44: number16(4096), 52: latin('ReIsEr2Fs') }),
  ),
  front('hfs', KIB, structure(512, { 0: latin('BD'), 20: big(number32(512)) })),
  front(
    'gfs2',
    64 * KIB,
    structure(128, {
      ...{ 0: hex('01161970'), 4: big(number32(1)) },
      ...{ 24: big(number32(1801)), 28: big(number32(1900)) },
    }),
  ),
  {
    type: 'hpfs',
    title: 'HPFS',
    bytes: () => [
      [8 * KIB, hex('49e895f9')],
      [8 * KIB + 512, hex('491891f9')],
    ],
  },
  front('minix', KIB, MINIX),
  front('romfs', 0, latin('-rom1fs-')),
  front('cramfs', 0, hex('453dcd28')),
  front('squashfs', 0, structure(96, { 0: latin('hsqs'), 28: number16(4) })),
  front('apfs', 0, structure(128, { 24: number16(1), 32: latin('NXSB'), 36: number32(4096) })),
  front('ReFS', 0, latin('\x00\x00\x00ReFS\x00')),
  front('erofs', KIB, structure(128, { 0: hex('e2e1f5e0'), 12: hex('0c') })),
  front('ubifs', 0, hex('31181006')),
  front('swsuspend', 4086, latin('S1SUSPEND'), 'a saved state of the kernel'),
];
