import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import { testNeeding, tool } from '../../../../test/support/tools.ts';
import { isZstd, ZstdFrames } from './zstd-frames.ts';

const zstd = tool('zstd');

/** A skippable frame of 5 bytes (RFC 8878, 3.1.2). */
const SKIPPABLE = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
const EMPTY_SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);

/** Frames with every kind of header that the command makes, and with blocks of every kind. */
function frames(): Buffer[] {
  const contents = [
    Buffer.alloc(0),
    Buffer.from('a'),
    Buffer.alloc(300_000),
    seededBytes(1, 200_000),
    seededBytes(2, 70_000, 'text'),
  ];
  const options = [
    ['--no-check'],
    ['--check'],
    ['--no-content-size'],
    ['--long=27', '--check'],
    ['-19', '--no-check'],
  ];
  return [
    ...contents.flatMap((input) =>
      options.map((how) => execFileSync(zstd.path, ['-qc', ...how], { input, maxBuffer: 2 ** 26 })),
    ),
    // With the size known beforehand the whole frame is one segment.
    ...contents.map((input) =>
      execFileSync(zstd.path, ['-qc', `--stream-size=${input.length}`], { input }),
    ),
    SKIPPABLE,
    EMPTY_SKIPPABLE,
  ];
}

testNeeding([zstd], 'frames end where the command has ended them, however they come', () => {
  const parts = frames();
  const all = Buffer.concat(parts);
  const ends = new Set([0]);
  for (let at = 0, index = 0; index < parts.length; index++)
    ends.add((at += parts[index]?.length ?? 0));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1 }), (sizes) => {
      const walker = new ZstdFrames();
      for (let at = 0, turn = 0; at < all.length; turn++) {
        const end = Math.min(all.length, at + (sizes[turn % sizes.length] ?? 1));
        // In two pieces, of which one ends with the frame.
        const border = [...ends].find((one) => one > at && one < end) ?? end;
        for (const piece of [all.subarray(at, border), all.subarray(border, end)]) {
          walker.push(piece);
          at += piece.length;
          expect(walker.isBetween, String(at)).toBe(ends.has(at));
        }
      }
    }),
    { seed: 20_261_130, numRuns: 30 },
  );
});

test('only the magic numbers of frames begin one', () => {
  expect(isZstd(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))).toBe(true);
  for (let kind = 0; kind < 16; kind++)
    expect(isZstd(Buffer.from([0x50 + kind, 0x2a, 0x4d, 0x18]))).toBe(true);
  for (const other of [[], [0x28, 0xb5, 0x2f], [0x28, 0xb5, 0x2f, 0xfe], [0x60, 0x2a, 0x4d, 0x18]])
    expect(isZstd(Buffer.from(other))).toBe(false);
});
