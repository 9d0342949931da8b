import { expect, test } from 'vitest';
import { guessEcuId, isEcuId } from './ecu-id.ts';

test.each([
  ['autoware_image.tgz', 'autoware'],
  ['perception-ota-image.tar.zst', 'perception'],
  ['p1_image.tar.xz', 'p1'],
  ['main ecu (2).zip', 'main_ecu_2'],
  ['image.tar', 'image'],
  ['車両_image.tgz', '車両'],
  ['....tar', ''],
  ['x'.repeat(300), 'x'.repeat(64)],
])('%s is probably for "%s"', (file, expected) => {
  expect(guessEcuId(file)).toBe(expected);
});

test.each(['a', 'main_ecu-1.2', 'ECU 1', '車両', '_'])('"%s" is an ECU ID', (id) => {
  expect(isEcuId(id)).toBe(true);
});

test.each(['', '.', '..', '.x', ' x', 'a:b', 'a/b', 'a\n', 'x'.repeat(65)])(
  '"%s" is none',
  (id) => {
    expect(isEcuId(id)).toBe(false);
  },
);
