import { createRequire } from 'node:module';
import type * as Binding from 'zstd-napi/binding';
import type { DCtx } from 'zstd-napi/binding';
import { BuilderError, builderError } from '../../../shared/errors.ts';
import type { DecoderInput, DecoderOutput } from './decoder-io.ts';

// The binding is CommonJS around a native module, so its names cannot be imported statically.
const zstd = createRequire(import.meta.url)('zstd-napi/binding') as typeof Binding;

/** 128 MiB, what `zstd --ultra -22` needs; a frame that asks for more memory is refused. */
export const MAX_ZSTD_WINDOW_LOG = 27;

/** A decompression context with our memory limit. Reuse it: `reset()` between inputs. */
export function newZstdContext(): DCtx {
  const context = new zstd.DCtx();
  context.setParameter(zstd.DParameter.windowLogMax, MAX_ZSTD_WINDOW_LOG);
  return context;
}

/** Makes a context ready for another input, whatever state an error left it in. */
export function resetZstdContext(context: DCtx): DCtx {
  context.reset(zstd.ResetDirective.sessionOnly);
  return context;
}

/** An unused context; the collector does not see the memory of its window, up to 128 MiB. */
let idle: DCtx | null = null;

/** A context for a moment; {@link giveBackZstdContext} it, so that thousands of inputs need one window. */
export function takeZstdContext(): DCtx {
  const context = idle ?? newZstdContext();
  idle = null;
  return context;
}

export function giveBackZstdContext(context: DCtx): void {
  idle = resetZstdContext(context);
}

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
