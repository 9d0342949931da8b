import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding, tool } from '../../../../test/support/tools.ts';
import { BuilderError, type ErrorCode } from '../../../shared/errors.ts';
import type { CompressedContainer, DecoderOutput } from './decoder-io.ts';
import { detectContainer } from '../archive/detect-container.ts';
import { decodeFile } from './decoder.ts';

/*
 * To add a codec:
 * 1. Add its name to ImageContainer (src/shared/model/image-report.ts), which has the compiler ask for the rest.
 * 2. Write a decoder (input: DecoderInput, output: DecoderOutput) and list it in DECODERS of decoder.ts.
 * 3. Add its magic to src/main/engine/archive/detect-container.ts.
 * 4. Add the command of an independent compressor here: all tests below then run with it.
 */

const COMMANDS = { gzip: 'gzip', zstd: 'zstd', xz: 'xz', bzip2: 'bzip2' } as const;
const CONTAINERS = Object.keys(COMMANDS) as CompressedContainer[];
const TOOLS = CONTAINERS.map((container) => tool(COMMANDS[container]));

/** Collects in pieces of `space` bytes. */
class Collector implements DecoderOutput {
  readonly #space: Uint8Array;
  readonly #pieces: Buffer[] = [];

  constructor(space: number) {
    this.#space = new Uint8Array(space);
  }

  reserve(): Uint8Array {
    return this.#space;
  }

  advance(length: number): void {
    this.#pieces.push(Buffer.from(this.#space.subarray(0, length)));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

function compress(container: CompressedContainer, bytes: Uint8Array, ...args: string[]): Buffer {
  return execFileSync(COMMANDS[container], ['-c', ...args], {
    input: bytes,
    maxBuffer: 2 ** 28,
    stdio: 'pipe',
  });
}

function decode(container: CompressedContainer, packed: Uint8Array, space = 64 * 1024): Buffer {
  const path = join(tmpFolder(), 'packed');
  writeFileSync(path, packed);
  const output = new Collector(space);
  decodeFile(path, container, output);
  return output.bytes;
}

/** Everything decoded, or the code of the refusal. */
function outcome(
  path: string,
  container: CompressedContainer,
  packed: Uint8Array,
): Buffer | ErrorCode {
  writeFileSync(path, packed);
  const output = new Collector(64 * 1024);
  try {
    decodeFile(path, container, output);
    return output.bytes;
  } catch (error) {
    if (error instanceof BuilderError) return error.code;
    throw error;
  }
}

describeNeeding(TOOLS, 'what the compressors make', () => {
  test.each(CONTAINERS)('%s is recognised and decoded, at any size', (container) => {
    for (const size of [0, 1, 511, 65_536, 1_048_576, 2_000_001]) {
      const bytes = seededBytes(size, size, size % 2 === 0 ? 'text' : 'noise');
      const packed = compress(container, bytes);
      expect(detectContainer(packed)).toBe(container);
      expect(decode(container, packed).equals(bytes), String(size)).toBe(true);
      // Not all that is decoded is the same.
      expect(decode(container, packed).equals(Buffer.from('other'))).toBe(false);
    }
  });

  test.each(CONTAINERS)('%s of several streams is decoded whole', (container) => {
    const parts = [seededBytes(1, 70_000, 'text'), seededBytes(2, 30_000), Buffer.from('end')];
    const packed = Buffer.concat(parts.map((part) => compress(container, part)));
    expect(decode(container, packed).equals(Buffer.concat(parts))).toBe(true);
  });

  test.each(CONTAINERS)('%s fills any output space', (container) => {
    const bytes = seededBytes(3, 20_000, 'text');
    const packed = compress(container, bytes);
    for (const space of [1, 7, 4096, 19_999, 20_000, 20_001])
      expect(decode(container, packed, space).equals(bytes), String(space)).toBe(true);
  });

  test('streams whose border falls on that of two input chunks are decoded', () => {
    const chunk = 1024 * 1024;
    for (const container of ['gzip', 'zstd'] as const) {
      const overhead = compress(container, seededBytes(4, 1_000_000)).length - 1_000_000;
      const first = seededBytes(4, chunk - overhead - 3);
      for (let grow = 0; grow < 12; grow++) {
        const noise = Buffer.concat([first, seededBytes(5, grow)]);
        const packed = compress(container, noise);
        if (packed.length !== chunk && packed.length !== chunk - 1) continue;
        const both = Buffer.concat([packed, compress(container, Buffer.from('second'))]);
        const expected = Buffer.concat([noise, Buffer.from('second')]);
        expect(decode(container, both).equals(expected)).toBe(true);
      }
    }
  });

  test('a large gzip file leaves no warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const bytes = seededBytes(6, 20_000_000);
    expect(decode('gzip', compress('gzip', bytes, '-1')).equals(bytes)).toBe(true);
    await setImmediate();
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test.each(CONTAINERS)('%s that is cut off anywhere is refused', (container) => {
    const path = join(tmpFolder(), 'cut');
    const one = seededBytes(7, 1500, 'text');
    const packed = compress(container, one);
    expect(outcome(path, container, packed)).toEqual(one);
    for (let length = 4; length < packed.length; length++)
      expect(outcome(path, container, packed.subarray(0, length)), String(length)).toBe(
        'archive-truncated',
      );
  });

  test.each(CONTAINERS)('%s with its second stream cut off is refused', (container) => {
    const path = join(tmpFolder(), 'cut');
    const first = compress(container, seededBytes(8, 300, 'text'));
    const packed = Buffer.concat([first, compress(container, seededBytes(9, 300, 'text'))]);
    // A byte or three of the next stream are no bzip2 stream yet.
    const least = first.length + (container === 'bzip2' ? 4 : 1);
    for (let length = first.length + 1; length < packed.length; length++)
      expect(outcome(path, container, packed.subarray(0, length)), String(length)).toBe(
        length < least ? 'archive-trailing-garbage' : 'archive-truncated',
      );
  });

  test('bzip2 cut between two blocks is refused', () => {
    const path = join(tmpFolder(), 'cut');
    // -1: blocks of 100 kB.
    const packed = compress('bzip2', seededBytes(10, 350_000, 'text'), '-1');
    for (let length = packed.length - 1; length > 4; length -= 997)
      expect(outcome(path, 'bzip2', packed.subarray(0, length))).toBe('archive-truncated');
  });

  test.each(CONTAINERS)('%s with garbage behind it is refused', (container) => {
    const path = join(tmpFolder(), 'garbage');
    const packed = compress(container, seededBytes(11, 3000, 'text'));
    for (const garbage of ['x', 'xy', 'xyz', 'four', 'some garbage', 'y'.repeat(100_000)]) {
      const code = outcome(path, container, Buffer.concat([packed, Buffer.from(garbage)]));
      expect(code).toMatch(/^archive-(trailing-garbage|corrupt|truncated)$/);
      if (garbage.length > 4 && container !== 'xz') expect(code).toBe('archive-trailing-garbage');
    }
  });

  test('gzip may be padded with zeros, of any length, but with nothing else', () => {
    const path = join(tmpFolder(), 'padded');
    const bytes = seededBytes(12, 3000);
    const packed = compress('gzip', bytes);
    for (const zeros of [1, 512, 10_240, 3 * 1024 * 1024]) {
      const padded = Buffer.concat([packed, Buffer.alloc(zeros)]);
      expect(outcome(path, 'gzip', padded)).toEqual(bytes);
      const garbage = Buffer.concat([padded, Buffer.from('x')]);
      expect(outcome(path, 'gzip', garbage)).toBe('archive-trailing-garbage');
    }
  });

  test.each(CONTAINERS)(
    '%s with any bytes changed is refused in our words, or decoded to what it was',
    (container) => {
      const path = join(tmpFolder(), 'changed');
      const bytes = seededBytes(13, 5000, 'text');
      // zstd checks contents only where asked to; the blobs' own hashes do it in any case.
      const packed = compress(container, bytes, ...(container === 'zstd' ? ['--check'] : []));
      const change = fc.tuple(fc.integer({ min: 4, max: packed.length - 1 }), fc.nat(255));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
          const changed = Buffer.from(packed);
          for (const [at, value] of changes) changed[at] = value;
          const result = outcome(path, container, changed);
          if (typeof result === 'string') expect(result).toMatch(/^archive-/);
          else expect(result.equals(bytes)).toBe(true);
        }),
        { seed: 20_260_102, numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
      );
    },
  );
});

describe('what is no compressed file', () => {
  test.each([
    ['nothing', ''],
    ['a letter', 'B'],
    ['text', 'hello, this is some text'],
    ['zeros', '\0'.repeat(512)],
    ['half a magic', '\x28\xb5\x2f'],
  ])('%s is not recognised', (_, text) => {
    expect(detectContainer(Buffer.from(text, 'latin1'))).toBe(null);
  });
});

test.each(CONTAINERS)(
  'a file of %s that is gone or cannot be read is reported as such',
  async (how) => {
    const folder = tmpFolder();
    const refused = (path: string) =>
      Promise.resolve()
        .then(() => decodeFile(path, how, new Collector(10)))
        .catch(String);
    expect(await refused(join(folder, 'none'))).toContain('input-not-found');
    // A folder can be opened, but not read.
    expect(await refused(folder)).toMatch(/input-unreadable.*EISDIR/);
  },
);
