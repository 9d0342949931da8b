import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding, tool } from '../../../../test/support/tools.ts';
import { BuilderError, type ErrorCode } from '../../../shared/errors.ts';
import type { CompressedContainer, DecoderOutput } from './decoder-io.ts';
import { detectContainer } from '../archive/detect-container.ts';
import { decodeFile } from './decoder.ts';
import { zstdBackEnd } from './zstd-context.ts';

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

/** Every container, and zstd once more by what takes the place of the native package. */
const CODECS = [...CONTAINERS, 'zstd of Node'] as const;
type Codec = (typeof CODECS)[number];

function containerOf(codec: Codec): CompressedContainer {
  return codec === 'zstd of Node' ? 'zstd' : codec;
}

async function decodeTo(path: string, codec: Codec, output: Collector): Promise<void> {
  vi.stubEnv('OFFLINE_OTA_ZSTD', codec === 'zstd of Node' ? 'node' : undefined);
  try {
    expect(zstdBackEnd()).toBe(codec === 'zstd of Node' ? 'node' : 'zstd-napi');
    await decodeFile(path, containerOf(codec), output);
  } finally {
    vi.unstubAllEnvs();
  }
}

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

function compress(codec: Codec, bytes: Uint8Array, ...args: string[]): Buffer {
  return execFileSync(COMMANDS[containerOf(codec)], ['-c', ...args], {
    input: bytes,
    maxBuffer: 2 ** 28,
    stdio: 'pipe',
  });
}

async function decode(codec: Codec, packed: Uint8Array, space = 64 * 1024): Promise<Buffer> {
  const path = join(tmpFolder(), 'packed');
  writeFileSync(path, packed);
  const output = new Collector(space);
  await decodeTo(path, codec, output);
  return output.bytes;
}

/** Everything decoded, or the code of the refusal. */
async function outcome(
  path: string,
  codec: Codec,
  packed: Uint8Array,
): Promise<Buffer | ErrorCode> {
  writeFileSync(path, packed);
  const output = new Collector(64 * 1024);
  try {
    await decodeTo(path, codec, output);
    return output.bytes;
  } catch (error) {
    if (error instanceof BuilderError) return error.code;
    throw error;
  }
}

describeNeeding(TOOLS, 'what the compressors make', () => {
  test.each(CODECS)('%s is recognised and decoded, at any size', async (codec) => {
    for (const size of [0, 1, 511, 65_536, 1_048_576, 2_000_001]) {
      const bytes = seededBytes(size, size, size % 2 === 0 ? 'text' : 'noise');
      const packed = compress(codec, bytes);
      expect(detectContainer(packed)).toBe(containerOf(codec));
      expect((await decode(codec, packed)).equals(bytes), String(size)).toBe(true);
      // Not all that is decoded is the same.
      expect((await decode(codec, packed)).equals(Buffer.from('other'))).toBe(false);
    }
  });

  test.each(CODECS)('%s of several streams is decoded whole', async (codec) => {
    const parts = [seededBytes(1, 70_000, 'text'), seededBytes(2, 30_000), Buffer.from('end')];
    const packed = Buffer.concat(parts.map((part) => compress(codec, part)));
    expect((await decode(codec, packed)).equals(Buffer.concat(parts))).toBe(true);
  });

  test.each(CODECS)('%s fills any output space', async (codec) => {
    const bytes = seededBytes(3, 20_000, 'text');
    const packed = compress(codec, bytes);
    for (const space of [1, 7, 4096, 19_999, 20_000, 20_001])
      expect((await decode(codec, packed, space)).equals(bytes), String(space)).toBe(true);
  });

  test('streams whose border falls on that of two input chunks are decoded', async () => {
    const chunk = 1024 * 1024;
    for (const codec of ['gzip', 'zstd', 'zstd of Node'] as const) {
      const overhead = compress(codec, seededBytes(4, 1_000_000)).length - 1_000_000;
      const first = seededBytes(4, chunk - overhead - 3);
      for (let grow = 0; grow < 12; grow++) {
        const noise = Buffer.concat([first, seededBytes(5, grow)]);
        const packed = compress(codec, noise);
        if (packed.length !== chunk && packed.length !== chunk - 1) continue;
        const both = Buffer.concat([packed, compress(codec, Buffer.from('second'))]);
        const expected = Buffer.concat([noise, Buffer.from('second')]);
        expect((await decode(codec, both)).equals(expected)).toBe(true);
      }
    }
  });

  test('a large gzip file leaves no warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const bytes = seededBytes(6, 20_000_000);
    expect((await decode('gzip', compress('gzip', bytes, '-1'))).equals(bytes)).toBe(true);
    await setImmediate();
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test.each(CODECS)('%s that is cut off anywhere is refused', async (codec) => {
    const path = join(tmpFolder(), 'cut');
    const one = seededBytes(7, 1500, 'text');
    const packed = compress(codec, one);
    expect(await outcome(path, codec, packed)).toEqual(one);
    for (let length = 4; length < packed.length; length++)
      expect(await outcome(path, codec, packed.subarray(0, length)), String(length)).toBe(
        'archive-truncated',
      );
  });

  test.each(CODECS)('%s with its second stream cut off is refused', async (codec) => {
    const path = join(tmpFolder(), 'cut');
    const first = compress(codec, seededBytes(8, 300, 'text'));
    const packed = Buffer.concat([first, compress(codec, seededBytes(9, 300, 'text'))]);
    // A byte or three of the next stream are no bzip2 stream yet.
    const least = first.length + (codec === 'bzip2' ? 4 : 1);
    for (let length = first.length + 1; length < packed.length; length++)
      expect(await outcome(path, codec, packed.subarray(0, length)), String(length)).toBe(
        length < least ? 'archive-trailing-garbage' : 'archive-truncated',
      );
  });

  test('bzip2 cut between two blocks is refused', async () => {
    const path = join(tmpFolder(), 'cut');
    // -1: blocks of 100 kB.
    const packed = compress('bzip2', seededBytes(10, 350_000, 'text'), '-1');
    for (let length = packed.length - 1; length > 4; length -= 997)
      expect(await outcome(path, 'bzip2', packed.subarray(0, length))).toBe('archive-truncated');
  });

  test.each(CODECS)('%s with garbage behind it is refused', async (codec) => {
    const path = join(tmpFolder(), 'garbage');
    const packed = compress(codec, seededBytes(11, 3000, 'text'));
    for (const garbage of ['x', 'xy', 'xyz', 'four', 'some garbage', 'y'.repeat(100_000)]) {
      const code = await outcome(path, codec, Buffer.concat([packed, Buffer.from(garbage)]));
      expect(code).toMatch(/^archive-(trailing-garbage|corrupt|truncated)$/);
      if (garbage.length > 4 && codec !== 'xz') expect(code).toBe('archive-trailing-garbage');
    }
  });

  test('gzip may be padded with zeros, of any length, but with nothing else', async () => {
    const path = join(tmpFolder(), 'padded');
    const bytes = seededBytes(12, 3000);
    const packed = compress('gzip', bytes);
    for (const zeros of [1, 512, 10_240, 3 * 1024 * 1024]) {
      const padded = Buffer.concat([packed, Buffer.alloc(zeros)]);
      expect(await outcome(path, 'gzip', padded)).toEqual(bytes);
      const garbage = Buffer.concat([padded, Buffer.from('x')]);
      expect(await outcome(path, 'gzip', garbage)).toBe('archive-trailing-garbage');
    }
  });

  test.each(CODECS)(
    '%s with any bytes changed is refused in our words, or decoded to what it was',
    async (codec) => {
      const path = join(tmpFolder(), 'changed');
      const bytes = seededBytes(13, 5000, 'text');
      // zstd checks contents only where asked to; the blobs' own hashes do it in any case.
      const packed = compress(codec, bytes, ...(containerOf(codec) === 'zstd' ? ['--check'] : []));
      const change = fc.tuple(fc.integer({ min: 4, max: packed.length - 1 }), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
          const changed = Buffer.from(packed);
          for (const [at, value] of changes) changed[at] = value;
          const result = await outcome(path, codec, changed);
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

test.each(CODECS)(
  'a file of %s that is gone or cannot be read is reported as such',
  async (how) => {
    const folder = tmpFolder();
    const refused = (path: string) => decodeTo(path, how, new Collector(10)).catch(String);
    expect(await refused(join(folder, 'none'))).toContain('input-not-found');
    // A folder can be opened, but not read.
    expect(await refused(folder)).toMatch(/input-unreadable.*EISDIR/);
  },
);
