import { viewOf } from '../format/field.ts';

/** struct ext4_xattr_entry ("Extended Attributes"). */
const ENTRY_BYTES = 16;
const NAME_LENGTH = 0x0;
const NAME_INDEX = 0x1;
const VALUE_OFFSET = 0x2;
const VALUE_INODE = 0x4;
const VALUE_SIZE = 0x8;
const HASH = 0xc;
const NAME = 0x10;

/** e_name_index of the two kinds of POSIX ACLs: all of their name. */
const ACL_ACCESS = 2;
const ACL_DEFAULT = 3;

/**
 * Whether attributes that stand in an inode make sense: names and values inside it, and no value in an
 * inode of its own; a hash is right where there is one, and an ACL can be read.
 * @param bytes what follows the magic.
 */
export function areAttributesSound(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  let at = 0;
  let lowestValue = bytes.length;
  // Four zeros end the list.
  while (at + 4 <= bytes.length && view.getUint32(at, true) !== 0) {
    if (at + ENTRY_BYTES > bytes.length) return false;
    const nameLength = view.getUint8(at + NAME_LENGTH);
    const offset = view.getUint16(at + VALUE_OFFSET, true);
    const size = view.getUint32(at + VALUE_SIZE, true);
    const paddedSize = (size + 3) & ~3;
    const end = at + ENTRY_BYTES + ((nameLength + 3) & ~3);
    if (view.getUint32(at + VALUE_INODE, true) !== 0) return false;
    if (size > bytes.length || offset + paddedSize > bytes.length || end > bytes.length)
      return false;
    const index = view.getUint8(at + NAME_INDEX);
    const isAcl = nameLength === 0 && (index === ACL_ACCESS || index === ACL_DEFAULT);
    if (isAcl ? !isAclSound(bytes.subarray(offset, offset + size)) : nameLength === 0) return false;
    const name = bytes.subarray(at + NAME, at + NAME + nameLength);
    const value = bytes.subarray(offset, offset + paddedSize);
    const stored = view.getUint32(at + HASH, true);
    if (stored !== 0 && !hashesOf(name, value).includes(stored)) return false;
    if (size > 0) lowestValue = Math.min(lowestValue, offset);
    at = end;
  }
  return at + 4 <= lowestValue;
}

/**
 * e_hash (ext4_xattr_hash_entry): over the name's bytes and the value's words. Kernels before 6.2 took name
 * bytes as their machine takes a char, so that both are right.
 */
function hashesOf(name: Uint8Array, value: Uint8Array): number[] {
  const words = viewOf(value);
  return [name, Int8Array.from(name)].map((bytes) => {
    let hash = 0;
    for (const byte of bytes) hash = (hash << 5) ^ (hash >>> 27) ^ byte;
    for (let at = 0; at < value.length; at += 4)
      hash = (hash << 16) ^ (hash >>> 16) ^ words.getUint32(at, true);
    return hash >>> 0;
  });
}

/** struct ext4_acl_header and its entries, tag and permissions, of which some have an id (fs/ext4/acl.h). */
const ACL_VERSION = 1;
const ACL_HEADER_BYTES = 4;
/** e_tag: owner, group, mask and others are short; users and groups by id are not. */
const SHORT_TAGS = new Set([0x1, 0x4, 0x10, 0x20]);
const LONG_TAGS = new Set([0x2, 0x8]);

/** Where it is not, the kernel refuses all but root. */
function isAclSound(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  if (bytes.length < ACL_HEADER_BYTES || view.getUint32(0, true) !== ACL_VERSION) return false;
  let at = ACL_HEADER_BYTES;
  while (at + 4 <= bytes.length) {
    const tag = view.getUint16(at, true);
    if (!SHORT_TAGS.has(tag) && !LONG_TAGS.has(tag)) return false;
    at += SHORT_TAGS.has(tag) ? 4 : 8;
  }
  return at === bytes.length;
}
