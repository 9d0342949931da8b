import { open } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { toInputError } from '../fs-error.ts';
import type { FillingReader } from '../content/random-reader.ts';

/** Positioned reading of a regular file. Short reads are `input-changed`. */
export async function openFileReader(
  path: string,
): Promise<FillingReader & { close(): Promise<void> }> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw toInputError(path, error);
  });
  const { size } = await handle.stat().catch(async (error: unknown) => {
    await handle.close();
    throw toInputError(path, error);
  });
  const fill = async (offset: number, into: Uint8Array): Promise<void> => {
    for (let done = 0; done < into.length;) {
      const { bytesRead } = await handle
        .read(into, done, into.length - done, offset + done)
        .catch((error: unknown) => {
          throw toInputError(path, error);
        });
      if (bytesRead === 0) throw builderError('input-changed', { file: path });
      done += bytesRead;
    }
  };
  return {
    size,
    fill,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      await fill(offset, bytes);
      return bytes;
    },
    close: () => handle.close(),
  };
}
