import type { Target } from '../../src/main/engine/target/target.ts';

/** The first block of an ext4 filesystem carries its superblock, and so its label. Bytes. */
export const HELD_BACK = 4096;

const CHUNK = 1024 * 1024;

/**
 * Does what a job does with a layout: the first block last, after everything was read back. `onPhase` gets each
 * phase, and `written N` when N mebibytes have reached the target.
 */
export async function writeStick(
  target: Target,
  image: Uint8Array,
  onPhase: (phase: string) => void = () => undefined,
): Promise<void> {
  onPhase('prepare');
  await target.prepare([{ offset: 0, length: 64 * 1024 }], {
    type: 'ext4',
    label: 'ota_cache_src',
  });
  let sent = 0;
  let told = 0;
  const tellReached = (): void => {
    for (; told + 1 <= (sent - target.pending) / CHUNK; told++)
      onPhase(`written ${String(told + 1)}`);
  };
  const write = async (offset: number): Promise<void> => {
    const bytes = image.subarray(offset, offset + CHUNK);
    await target.write(offset, bytes);
    sent += bytes.length;
    tellReached();
  };
  onPhase('write');
  for (let offset = HELD_BACK; offset < image.length; offset += CHUNK) await write(offset);
  onPhase('flush');
  await target.flush();
  tellReached();
  onPhase('verify');
  for (let offset = HELD_BACK; offset < image.length; offset += CHUNK) {
    const expected = image.subarray(offset, offset + CHUNK);
    const found = await target.read(offset, expected.length);
    if (Buffer.compare(found, expected) !== 0) throw new Error(`differs at ${String(offset)}`);
    onPhase(`verified ${String((offset - HELD_BACK) / CHUNK)}`);
  }
  onPhase('commit');
  await target.commit({ offset: 0, bytes: image.subarray(0, HELD_BACK) });
  onPhase('committed');
}
