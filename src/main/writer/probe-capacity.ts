import { randomBytes } from 'node:crypto';
import type { BlockDevice } from './block-device.ts';

/** Enough to be found again, and a multiple of every block size but the rarest. Bytes. */
const PROBE = 4096;

const NONE = Buffer.alloc(PROBE);

/** Smaller drives are not counterfeited. Bytes. */
const SMALLEST = 64 * 1024 * 1024;

/**
 * Where to look whether a device of `size` bytes has what it says. Chips that lie usually wrap
 * addresses at a power of two, so that such places collide with the device's beginning; the even
 * spread finds those that simply forget what lies beyond their end.
 */
export function probeOffsets(size: number): number[] {
  if (size < SMALLEST) return [];
  const offsets = new Set([0, size - PROBE]);
  // No two marks overlap, wherever the device ends: one that is written over would count as lost.
  for (let offset = 1024 * 1024; offset <= size - 2 * PROBE; offset *= 2) offsets.add(offset);
  for (let part = 1; part < 16; part++)
    offsets.add(Math.floor(((size - PROBE) * part) / 16 / PROBE) * PROBE);
  return [...offsets].sort((a, b) => a - b);
}

/**
 * Writes a mark at every probed place, reads all back, and writes again what was there before: a stick may
 * keep it. Returns the number of bytes that the device holds for sure, `size` if all marks were found. If not, the
 * marks stay.
 */
export async function probeCapacity(device: BlockDevice): Promise<number> {
  const marks = probeOffsets(device.size).map((offset) => ({ offset, bytes: randomBytes(PROBE) }));
  const before: Buffer[] = [];
  for (const { offset } of marks) before.push(Buffer.from(await device.read(offset, PROBE)));
  for (const { offset, bytes } of marks) await device.overwrite(offset, bytes);
  await device.flush();
  let holds = 0;
  for (const { offset, bytes } of marks) {
    if (!bytes.equals(await device.read(offset, PROBE)))
      return offset === 0 ? await wrapsAt(device, marks) : holds;
    holds = offset + PROBE;
  }
  for (const [i, { offset }] of marks.entries()) await device.overwrite(offset, before[i] ?? NONE);
  await device.flush();
  return device.size;
}

/** The first address that leads to the device's beginning. */
async function wrapsAt(
  device: BlockDevice,
  marks: readonly { readonly offset: number; readonly bytes: Buffer }[],
): Promise<number> {
  for (const { offset, bytes } of marks.slice(1)) {
    await device.overwrite(offset, bytes);
    await device.flush();
    if (bytes.equals(await device.read(0, PROBE))) return offset;
  }
  return 0;
}
