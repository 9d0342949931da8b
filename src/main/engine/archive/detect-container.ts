import type { ImageContainer } from '../../../shared/model/image-report.ts';
import { BLOCK, headerSum, statedSum } from '../tar/format/header.ts';

/** Enough bytes from the start of a file for {@link detectContainer}. */
export const DETECT_BYTES = 512;

/** A filesystem is no archive: `finished` knows it by its superblock. */
type FileContainer = Exclude<ImageContainer, 'folder' | 'img'>;

const MAGICS: readonly (readonly [Exclude<FileContainer, 'tar'>, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]], // RFC 1952, 2.3.1
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]], // RFC 8878, 3.1.1
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], // xz file format, 2.1.1.1
  ['bzip2', [0x42, 0x5a, 0x68]], // "BZh"
  ['zip', [0x50, 0x4b, 0x03, 0x04]], // APPNOTE 4.3.7
  ['zip', [0x50, 0x4b, 0x05, 0x06]], // an empty one, APPNOTE 4.3.16
];

/**
 * Tells by content how a file is stored; its name says nothing.
 * @param head the file's first {@link DETECT_BYTES} bytes, or all of a shorter file.
 * @returns null for what is none of the known containers.
 */
export function detectContainer(head: Uint8Array): FileContainer | null {
  // The first member of a tar may be called BZh or PK. That the first 512 bytes of a compressed file are
  // a header with the right checksum is practically impossible: eight of them would have to be its digits.
  if (looksLikeTarHeader(head)) return 'tar';
  for (const [container, magic] of MAGICS)
    if (magic.every((byte, i) => head[i] === byte)) return container;
  return isSkippableZstdFrame(head) ? 'zstd' : null;
}

/** RFC 8878, 3.1.2: 0x184D2A50 to 0x184D2A5F, little-endian; a zstd file may begin with one. */
function isSkippableZstdFrame(head: Uint8Array): boolean {
  return (
    ((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18
  );
}

/** The header checksum is the only thing that every dialect of tar has (old V7 has no magic). */
function looksLikeTarHeader(head: Uint8Array): boolean {
  if (head.length < BLOCK) return false;
  const block = Buffer.from(head.buffer, head.byteOffset, BLOCK);
  return headerSum(block) === statedSum(block);
}
