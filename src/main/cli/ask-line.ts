import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { builderError } from '../../shared/errors.ts';

/**
 * Asks for a line to be typed.
 * @returns null without a terminal.
 * @throws `cancelled` upon Ctrl-C.
 */
export async function askLine(
  prompt: string,
  input: Readable,
  output: Writable,
  signal: AbortSignal,
): Promise<string | null> {
  const lines = createInterface({ input, output });
  try {
    const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
    // On a terminal readline takes Ctrl-C for itself, and no signal comes.
    const interrupted = new Promise<never>((_, reject) =>
      lines.once('SIGINT', () => reject(builderError('cancelled', {}))),
    );
    return await Promise.race([lines.question(prompt, { signal }), closed, interrupted]);
  } finally {
    lines.close();
  }
}
