import { builderError } from '../../../shared/errors.ts';
import type { RandomReader } from '../content/random-reader.ts';
import { hasZfs, SIGNATURE_PROBES } from './signature-probes.ts';

/** Before it there are only zeros and our superblock, which is checked for itself. Bytes. */
const FIRST_PLACE = 2048;

/**
 * Looks for signatures of others in blocks which a filesystem leaves to its files. Where libblkid finds one
 * beside ours, it calls the device ambivalent, a RAID member or encrypted (libblkid/src/superblocks and
 * partitions, util-linux 2.38 to 2.42), so that neither otaproxy nor a mount without a type finds our label.
 * Where versions differ, the one that sees more counts.
 * @throws `filesystem-damaged` where another's signature hides the filesystem.
 */
export async function assertNoOtherSignature(reader: RandomReader, target: string): Promise<void> {
  const { size } = reader;
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const bytes = await reader.read(offset, length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  };
  const fail = (name: string, at: number): never => {
    const reason = `the signature of ${name} hides the filesystem`;
    throw builderError('filesystem-damaged', { target, what: `byte ${at}`, reason });
  };
  for (const { name, places, length, is } of SIGNATURE_PROBES)
    for (const place of places.map((of) => of(size))) {
      const isLooked = place >= FIRST_PLACE || length > FIRST_PLACE;
      if (!isLooked || place + length > size) continue;
      if (is(await read(place, length))) fail(name, place);
    }
  if (await hasZfs(size, read)) fail('ZFS', 0);
}
