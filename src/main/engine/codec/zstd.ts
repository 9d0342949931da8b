import { BuilderError, builderError } from '../../../shared/errors.ts';
import type { DecoderInput, DecoderOutput } from './decoder-io.ts';
import { MAX_ZSTD_WINDOW_LOG, newZstdContext } from './zstd-context.ts';

/** Decodes a sequence of zstd frames (and skippable frames). */
export function decodeZstd(input: DecoderInput, output: DecoderOutput): void {
  const context = newZstdContext();
  // What zstd says it still wants; 0 exactly at the end of a frame.
  let pending = 0;
  for (let chunk = input.next(); chunk.length > 0; chunk = input.next()) {
    let rest = chunk;
    let full = false;
    while (rest.length > 0 || full) {
      const space = output.reserve();
      try {
        const [hint, written, read] = context.decompressStream(space, rest);
        pending = hint;
        rest = rest.subarray(read);
        // At the end of a frame nothing is left to flush, and a further call would await the next.
        full = written === space.length && hint !== 0;
        output.advance(written);
      } catch (error) {
        if (error instanceof BuilderError || !(error instanceof Error)) throw error;
        if (error.message.includes('requires too much memory'))
          throw builderError(
            'archive-needs-memory',
            { file: input.path, limit: 2 ** MAX_ZSTD_WINDOW_LOG },
            error,
          );
        // The file begins with a frame (that is how it was recognised), so this comes after one.
        throw error.message.includes('Unknown frame descriptor')
          ? builderError('archive-trailing-garbage', { file: input.path }, error)
          : builderError('archive-corrupt', { file: input.path, reason: error.message }, error);
      }
    }
  }
  if (pending !== 0) throw builderError('archive-truncated', { file: input.path });
}
