import { builderError } from '../../../shared/errors.ts';
import type { RandomReader } from '../content/random-reader.ts';

/**
 * Signatures of others that stand in blocks which a filesystem leaves to its files. Where libblkid finds one
 * beside ours, it calls the device ambivalent or a RAID member (libblkid/src/superblocks and its table of
 * magics, util-linux 2.38), so that neither otaproxy nor a mount without a type finds our label. Those
 * before byte 4096 need no row: that there is nothing else is checked for itself. Magics of two bytes are left
 * out, since libblkid checks more than they tell.
 */
interface Signature {
  readonly name: string;
  /** Latin-1. */
  readonly magic: string;
  /** Bytes from the start, or, negative, from the end. */
  readonly places: readonly number[];
}

const SECTOR = 512;
const KIB = 1024;

const SIGNATURES: readonly Signature[] = [
  { name: 'btrfs', magic: '_BHRfS_M', places: [64 * KIB + 64] },
  { name: 'ISO 9660', magic: 'CD001', places: [32 * KIB + 1, 34 * KIB + 1] },
  { name: 'UDF', magic: 'BEA01', places: [32 * KIB + 1, 34 * KIB + 1, 36 * KIB + 1] },
  { name: 'UDF', magic: 'NSR0', places: [32 * KIB + 1, 34 * KIB + 1, 36 * KIB + 1] },
  { name: 'JFS', magic: 'JFS1', places: [32 * KIB] },
  { name: 'ReiserFS', magic: 'ReIsEr', places: [8 * KIB + 52, 64 * KIB + 52] },
  { name: 'Reiser4', magic: 'ReIsEr4', places: [64 * KIB] },
  {
    name: 'swap',
    magic: 'SWAPSPACE2',
    places: [8 * KIB - 10, 16 * KIB - 10, 32 * KIB - 10, 64 * KIB - 10],
  },
  {
    name: 'swap',
    magic: 'SWAP-SPACE',
    places: [8 * KIB - 10, 16 * KIB - 10, 32 * KIB - 10, 64 * KIB - 10],
  },
  { name: 'GFS', magic: '\x01\x16\x19\x70', places: [64 * KIB] },
  { name: 'OCFS2', magic: 'OCFSV2', places: [4 * KIB, 8 * KIB] },
  { name: 'HPFS', magic: '\x49\xe8\x95\xf9', places: [8 * KIB] },
  {
    name: 'UFS',
    magic: '\x54\x19\x01\x00',
    places: [8 * KIB + 1372, 64 * KIB + 1372, 256 * KIB + 1372],
  },
  {
    name: 'UFS',
    magic: '\x19\x01\x54\x19',
    places: [8 * KIB + 1372, 64 * KIB + 1372, 256 * KIB + 1372],
  },
  { name: 'RAID (md)', magic: '\xfc\x4e\x2b\xa9', places: [4 * KIB] },
  { name: 'bcache', magic: '\xc6\x85\x73\xf6\x4e\x1a\x45\xca', places: [4 * KIB + 24] },
  { name: 'bcachefs', magic: '\xc6\x85\x73\xf6\x66\xce\x90\xa9', places: [4 * KIB + 24] },
  { name: 'NetWare', magic: 'SPB5', places: [4 * KIB] },
  { name: 'Stratis', magic: '!Stra0tis\x86\xff\x02', places: [9 * SECTOR + 4] },
  {
    name: 'RAID (HighPoint)',
    magic: '\xf0\x16\x78\x5a',
    places: [9 * SECTOR + 32, -11 * SECTOR + 32],
  },
  { name: 'RAID (DDF)', magic: '\xde\x11\xde\x11', places: [-SECTOR, -257 * SECTOR] },
  { name: 'RAID (Intel)', magic: 'Intel Raid ISM Cfg Sig. ', places: [-2 * SECTOR] },
  { name: 'RAID (LSI)', magic: '$XIDE$', places: [-SECTOR] },
  { name: 'RAID (NVIDIA)', magic: 'NVIDIA', places: [-2 * SECTOR] },
  { name: 'RAID (Adaptec)', magic: 'DPTM', places: [-SECTOR] },
  {
    name: 'RAID (Promise)',
    magic: 'Promise Technology, Inc.',
    places: [16, 63, 255, 256, 399, 591, 675, 735, 911, 951, 974, 991, 3087].map(
      (n) => -n * SECTOR,
    ),
  },
];

/** md puts its older superblocks at multiples of this many bytes. */
const MD_UNIT_0 = 64 * KIB;
const MD_UNIT_1 = 4 * KIB;
const MD_MAGIC = '\xfc\x4e\x2b\xa9';

/** @throws `filesystem-damaged` where another's signature hides the filesystem. */
export async function assertNoOtherSignature(reader: RandomReader, target: string): Promise<void> {
  const { size } = reader;
  const mdPlaces = [
    Math.floor(size / MD_UNIT_0) * MD_UNIT_0 - MD_UNIT_0,
    Math.floor((size - 8 * KIB) / MD_UNIT_1) * MD_UNIT_1,
  ];
  const all = [...SIGNATURES, { name: 'RAID (md)', magic: MD_MAGIC, places: mdPlaces }];
  for (const { name, magic, places } of all)
    for (const place of places) {
      const at = place < 0 ? Math.floor(size / SECTOR) * SECTOR + place : place;
      if (at < 4 * KIB || at + magic.length > size) continue;
      const found = Buffer.from(await reader.read(at, magic.length)).toString('latin1');
      if (found !== magic) continue;
      const reason = `the signature of ${name} hides the filesystem`;
      throw builderError('filesystem-damaged', { target, what: `byte ${at}`, reason });
    }
}
