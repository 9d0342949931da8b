import jsQr from 'jsqr';
import { correction, generate } from 'lean-qr';
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../shared/history.ts';
import { labelled, labelText, MAX_CODE_BYTES } from './label-text.ts';

const STICK = {
  ...{ kind: 'drive' as const, name: 'SanDisk Ultra', serial: '4C530001B9F02', port: '2-1.4' },
  ...{ result: 'verified' as const, error: null, faults: 0 },
};

function entry(images: number): HistoryEntry {
  return {
    ...{ id: '1', kind: 'build', job: null, operator: 'kim', host: 'depot-3' },
    startedAt: new Date('2026-11-20T10:24:05').getTime(),
    milliseconds: 1,
    images: Array.from({ length: images }, (_, i) => ({
      ...{ ecuId: `自動運転${i}`, version: 'ver_20261103', digest: null, signer: null },
    })),
    outcomes: [STICK],
    ...{ result: 'verified', error: null },
  };
}

/** What another program reads from the code, drawn with four dots for each module. */
function scanned(text: string): string | undefined {
  const image = generate(text, { minCorrectionLevel: correction.M });
  const [quiet, scale] = [4, 4];
  const size = (image.size + 2 * quiet) * scale;
  const pixels = new Uint8ClampedArray(size * size * 4);
  for (let at = 0; at < size * size; at++) {
    const [x, y] = [at % size, Math.floor(at / size)].map((n) => Math.floor(n / scale) - quiet);
    pixels.fill(image.get(x ?? 0, y ?? 0) ? 0 : 255, at * 4, at * 4 + 3);
    pixels[at * 4 + 3] = 255;
  }
  return jsQr(pixels, size, size)?.data;
}

test('another program reads from the code of a label what the label says', () => {
  const text = labelText(entry(2), STICK);
  expect(text.split('\n')).toEqual([
    ...['OTA 2026-11-20 10:24', '自動運転0 ver_20261103', '自動運転1 ver_20261103', '…9F02'],
  ]);
  expect(scanned(text)).toBe(text);
  expect(scanned(`${text}.`)).not.toBe(text);
});

test('a code that would be too large for a label names the number of the other images', () => {
  const text = labelText(entry(60), STICK);
  expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(MAX_CODE_BYTES);
  expect(text).toMatch(/\n\+\d+\n…9F02$/u);
  expect(scanned(text)).toBe(text);
});

test('only sticks that are ready for a vehicle get a label', () => {
  const outcomes = [
    { ...STICK, result: 'failed' as const },
    { ...STICK, result: 'complete' as const },
    { ...STICK, kind: 'tar' as const },
    { ...STICK, result: 'incomplete' as const },
    STICK,
  ];
  const found = labelled({ ...entry(1), outcomes });
  expect(found.map(({ result }) => result)).toEqual(['complete', 'verified']);
});
