/** Bytes from the start of a file that {@link detectKind} looks at. */
export const KIND_BYTES = 0x8001 + 5;

type Magic = readonly [kind: string, offset: number, bytes: readonly number[] | string];

/**
 * Formats that people take for images, by names that are the same in every language, most telling first.
 * Those that this program reads are among them: they may stand where it does not look for them.
 */
const MAGICS: readonly Magic[] = [
  ['tar', 257, 'ustar'],
  ['gzip', 0, [0x1f, 0x8b]],
  ['zstd', 0, [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', 0, 'BZh'],
  ['zip', 0, 'PK\x03\x04'],
  ['7z', 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['RAR', 0, 'Rar!\x1a\x07'],
  ['LZ4', 0, [0x04, 0x22, 0x4d, 0x18]],
  ['lzip', 0, 'LZIP'],
  ['lzop', 0, '\x89LZO'],
  ['compress (.Z)', 0, [0x1f, 0x9d]],
  ['cpio', 0, '07070'],
  ['ar', 0, '!<arch>\n'],
  ['RPM', 0, [0xed, 0xab, 0xee, 0xdb]],
  ['SquashFS', 0, 'hsqs'],
  ['qcow2', 0, 'QFI\xfb'],
  ['VMDK', 0, 'KDMV'],
  ['CAB', 0, 'MSCF'],
  ['PDF', 0, '%PDF-'],
  ['ISO 9660', 0x8001, 'CD001'],
  // s_magic of the superblock at 1,024.
  ['ext4', 1024 + 0x38, [0x53, 0xef]],
  ['GPT', 512, 'EFI PART'],
  // lclppb and dictionary size of .lzma (LZMA SDK, lzma-specification.txt), as xz and 7z write them.
  ['LZMA', 0, [0x5d, 0x00, 0x00]],
  ['MBR', 510, [0x55, 0xaa]],
];

/**
 * What a file is, for people: never to decide how it is read.
 * @param head its first {@link KIND_BYTES} bytes, or all of a shorter one.
 * @returns null for what is none of the known formats.
 */
export function detectKind(head: Uint8Array): string | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  for (const [kind, offset, magic] of MAGICS) {
    const wanted = typeof magic === 'string' ? Buffer.from(magic, 'latin1') : Buffer.from(magic);
    if (bytes.subarray(offset, offset + wanted.length).equals(wanted)) return kind;
  }
  return null;
}
