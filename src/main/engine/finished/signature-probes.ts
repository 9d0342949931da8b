import { crc32 } from 'node:zlib';

/** One thing that libblkid looks for: bytes at some places of a device, and what they must be. */
export interface SignatureProbe {
  readonly name: string;
  /** Bytes from the start of a device of `size` bytes. */
  readonly places: readonly Place[];
  /** Bytes to look at. */
  readonly length: number;
  readonly is: (bytes: Buffer) => boolean;
}

type Place = (size: number) => number;

const SECTOR = 512;
const KIB = 1024;
const MIB = 1024 * KIB;

const from = (...offsets: readonly number[]): Place[] => offsets.map((offset) => () => offset);

/** Of the sectors that many before the end. */
const sectorsBeforeEnd = (...sectors: readonly number[]): Place[] =>
  sectors.map((count) => (size) => Math.floor(size / SECTOR) * SECTOR - count * SECTOR);

/** Backwards from the last multiple of `unit`. */
const beforeEnd =
  (unit: number, bytes: number, offset = 0): Place =>
  (size) =>
    Math.floor(size / unit) * unit - bytes + offset;

/** @param magics Latin-1, any of them, all of one length or with a common beginning. */
function magic(
  name: string,
  places: readonly Place[],
  ...magics: readonly string[]
): SignatureProbe {
  const known = magics.map((text) => Buffer.from(text, 'latin1'));
  const length = Math.max(...known.map((bytes) => bytes.length));
  const is = (bytes: Buffer): boolean =>
    known.some((wanted) => bytes.subarray(0, wanted.length).equals(wanted));
  return { name, places, length, is };
}

const reversed = (text: string): string => Buffer.from(text, 'latin1').reverse().toString('latin1');

/** Of UFS 1 and 2 and their kinds with long names, by `fs_magic` (ufs.c). */
const UFS = ['\x00\x01\x19\x54', '\x19\x54\x01\x19', '\x00\x19\x56\x12', '\x00\x09\x50\x14']
  .concat('\x00\x61\x21\x95', '\x05\x23\x19\x94')
  .flatMap((text) => [text, reversed(text)]);

const PAGE_SIZES = [4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB];
const SWAP = ['SWAP-SPACE', 'SWAPSPACE2', 'S1SUSPEND', 'S2SUSPEND', 'ULSUSPEND', 'LINHIB0001'];
const LUKS2_SECOND = Array.from({ length: 9 }, (_, i) => (16 * KIB) << i);
const PROMISE = [16, 63, 255, 256, 399, 591, 675, 735, 911, 951, 974, 991, 3087];
const MD = '\xfc\x4e\x2b\xa9';
const DRBD = ['\x83\x74\x02\x6b', '\x83\x74\x02\x6c', '\x83\x74\x02\x6d'];
const BCACHE = ['\xc6\x85\x73\xf6\x4e\x1a\x45\xca', '\xc6\x85\x73\xf6\x66\xce\x90\xa9'];

/** Names of volume descriptors (udf.c, iso9660.c). */
const DESCRIPTORS = ['BEA01', 'BOOT2', 'CD001', 'CDW02', 'NSR02', 'NSR03', 'TEA01'];

const MAGICS: readonly SignatureProbe[] = [
  magic('btrfs', from(64 * KIB + 64), '_BHRfS_M'),
  magic('UDF or ISO 9660', from(32 * KIB + 1, 34 * KIB + 1, 36 * KIB + 1), ...DESCRIPTORS),
  magic('High Sierra', from(32 * KIB + 9), 'CDROM'),
  magic('JFS', from(32 * KIB), 'JFS1'),
  magic('ReiserFS', from(8 * KIB + 20, 8 * KIB + 52, 64 * KIB + 52, 64 * KIB), 'ReIsEr'),
  magic('swap', from(...PAGE_SIZES.map((size) => size - 10)), ...SWAP),
  magic('GFS', from(64 * KIB), '\x01\x16\x19\x70'),
  magic('ScoutFS', from(64 * KIB + 4), '\x8b\x42\x3c\x10'),
  magic('OCFS2', from(2 * KIB, 4 * KIB, 8 * KIB), 'OCFSV2'),
  magic('OCFS', from(8 * KIB), 'OracleCFS'),
  magic('HPFS', from(8 * KIB), '\x49\xe8\x95\xf9'),
  magic('VxFS', from(8 * KIB), '\xa5\x01\xfc\xf5'),
  magic('UFS', from(...[8, 64, 256].map((kib) => kib * KIB + 1372)), ...UFS),
  magic(
    'System V',
    from(...[9, 15, 18].map((block) => block * KIB + KIB / 2 + 504)),
    '\xfd\x18\x7e\x20',
    '\x20\x7e\x18\xfd',
  ),
  magic('Xenix', from(2 * KIB), '\x2b\x55\x44', '\x44\x55\x2b'),
  magic('NetWare', from(4 * KIB), 'SPB5'),
  magic('VMFS', from(MIB), '\x0d\xd0\x01\xc0'),
  magic('VMFS', from(2 * MIB), '\x5e\xf1\xab\x2f'),
  magic('LUKS2', from(...LUKS2_SECOND), 'SKUL\xba\xbe'),
  magic('Stratis', from(9 * SECTOR + 4), '!Stra0tis\x86\xff\x02'),
  magic('bcache', from(4 * KIB + 24), ...BCACHE),
  magic('bcachefs', [...from(2 * MIB + 24), beforeEnd(KIB, MIB, 24)], ...BCACHE),
  magic('RAID (md)', [() => 4 * KIB, beforeEnd(4 * KIB, 8 * KIB)], MD),
  magic('RAID (md)', [beforeEnd(64 * KIB, 64 * KIB)], MD, reversed(MD)),
  magic('DRBD', [(size) => size - 4 * KIB + 60, beforeEnd(KIB, 4 * KIB, 60)], ...DRBD),
  magic('RAID (HighPoint)', from(9 * SECTOR + 32), '\xf0\x16\x78\x5a', '\xfd\x16\x78\x5a'),
  magic('RAID (HighPoint)', sectorsBeforeEnd(11), '\xf3\x16\x78\x5a', '\xfd\x16\x78\x5a'),
  magic('RAID (DDF)', sectorsBeforeEnd(1, 257), '\xde\x11\xde\x11'),
  magic('RAID (Intel)', sectorsBeforeEnd(2), 'Intel Raid ISM Cfg Sig. '),
  magic('RAID (LSI)', sectorsBeforeEnd(1), '$XIDE$'),
  magic('RAID (NVIDIA)', sectorsBeforeEnd(2), 'NVIDIA'),
  magic('RAID (Adaptec)', sectorsBeforeEnd(1), '\x37\xfc\x4d\x1e'),
  magic('RAID (Promise)', sectorsBeforeEnd(...PROMISE), 'Promise Technology, Inc.'),
  // libblkid adds the offset of the label's sector to its place twice.
  magic('a UnixWare label', from(29 * SECTOR + 4, 14 * KIB + 14_838), '\x0d\x60\xe5\xca'),
  magic('an Ultrix label', from(16 * KIB - 72), '\x57\x29\x03\x00\x01\x00\x00\x00'),
];

/** Magics of two bytes say nothing alone: any file may have them there. What else libblkid looks at decides. */
const CHECKED: readonly SignatureProbe[] = [
  {
    name: 'RAID (JMicron)',
    places: sectorsBeforeEnd(1),
    length: 64,
    // Some versions ask for a checksum, that of Debian 12 does not.
    is: (bytes) => bytes.toString('latin1', 0, 2) === 'JM' && bytes.readUInt8(0x30) <= 5,
  },
  {
    name: 'RAID (VIA)',
    places: sectorsBeforeEnd(1),
    length: 51,
    is: (bytes) =>
      bytes.readUInt16BE(0) === 0x55aa &&
      bytes.readUInt8(2) <= 2 &&
      (bytes.subarray(0, 50).reduce((sum, byte) => sum + byte, 0) & 0xff) === bytes.readUInt8(50),
  },
  { name: 'RAID (Silicon)', places: sectorsBeforeEnd(1), length: 0x140, is: isSilicon },
  { name: 'NILFS2', places: [beforeEnd(4 * KIB, 4 * KIB)], length: KIB, is: isNilfs2 },
  { name: 'a log of XFS', places: from(0), length: 256 * KIB, is: hasXfsLog },
];

export const SIGNATURE_PROBES: readonly SignatureProbe[] = [...MAGICS, ...CHECKED];

const SILICON_SUM = 0x13e;

/** silicon_raid.c */
function isSilicon(bytes: Buffer): boolean {
  if (bytes.readUInt32LE(0x60) !== 0x2f000000) return false;
  let sum = 0;
  for (let at = 0; at < SILICON_SUM; at += 2) sum += bytes.readUInt16LE(at);
  return (-sum & 0xffff) === bytes.readUInt16LE(SILICON_SUM);
}

/** nilfs.c: its sum is that of zlib, begun with a seed and not inverted at its end. */
function isNilfs2(bytes: Buffer): boolean {
  const length = bytes.readUInt16LE(8);
  if (bytes.readUInt16LE(6) !== 0x3434 || length < 20 || length > bytes.length) return false;
  const block = Buffer.from(bytes.subarray(0, length)).fill(0, 16, 20);
  return ~crc32(block, ~bytes.readUInt32LE(12) >>> 0) >>> 0 === bytes.readUInt32LE(16);
}

/** xfs.c: a record's head begins one of the first 512 sectors. */
function hasXfsLog(bytes: Buffer): boolean {
  for (let at = 0; at + SECTOR <= bytes.length; at += SECTOR) {
    if (bytes.readUInt32BE(at) !== 0xfeedbabe) continue;
    const version = bytes.readUInt32BE(at + 8);
    const length = bytes.readInt32BE(at + 12);
    const format = bytes.readUInt32BE(at + 300);
    if (version >= 1 && version <= 3 && length > 0 && format >= 1 && format <= 3) return true;
  }
  return false;
}

/** Of four labels, two at each end. Bytes. */
const ZFS_LABEL = 256 * KIB;
const ZFS_NAMES = 16 * KIB;
const ZFS_ROOTS = 128 * KIB;
const UBERBLOCKS = ['\x0c\xb1\xba\x00\x00\x00\x00\x00', '\x00\x00\x00\x00\x00\xba\xb1\x0c'];
/** `ZFS_WANT`: so many root blocks make a member. */
const UBERBLOCKS_WANTED = 4;

/** Whether libblkid calls a device a member of ZFS: by its root blocks, newer versions by one label's names. */
export async function hasZfs(
  size: number,
  read: (offset: number, length: number) => Promise<Buffer>,
): Promise<boolean> {
  const end = Math.floor(size / ZFS_LABEL) * ZFS_LABEL;
  let roots = 0;
  for (const label of [0, ZFS_LABEL, end - 2 * ZFS_LABEL, end - ZFS_LABEL]) {
    if (label < 0 || label + ZFS_LABEL > size) continue;
    const names = await read(label + ZFS_NAMES, ZFS_ROOTS - ZFS_NAMES);
    if (names.readUInt8(0) === 1 && names.readUInt8(1) <= 1 && names.includes('\0\0\0\x04guid'))
      return true;
    const area = await read(label + ZFS_ROOTS, ZFS_LABEL - ZFS_ROOTS);
    for (let at = 0; at < area.length; at += KIB)
      if (UBERBLOCKS.includes(area.toString('latin1', at, at + 8))) roots++;
  }
  return roots >= UBERBLOCKS_WANTED;
}
