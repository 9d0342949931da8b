import { viewOf } from '../format/field.ts';

/** struct ext4_xattr_entry ("Extended Attributes"). */
const ENTRY_BYTES = 16;
const NAME_LENGTH = 0x0;
const VALUE_OFFSET = 0x2;
const VALUE_INODE = 0x4;
const VALUE_SIZE = 0x8;

/**
 * Whether attributes that stand in an inode make sense: names and values inside it, and no value in an
 * inode of its own.
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
    if (nameLength === 0 || view.getUint32(at + VALUE_INODE, true) !== 0) return false;
    if (offset + size > bytes.length) return false;
    if (size > 0) lowestValue = Math.min(lowestValue, offset);
    at += ENTRY_BYTES + ((nameLength + 3) & ~3);
  }
  return at + 4 <= lowestValue;
}
