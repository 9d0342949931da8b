import { expect, test } from 'vitest';
import { assertEcuIds, ecuKey, guessEcuId, isEcuId, normalizeEcuId } from './ecu-id.ts';

test.each([
  ['autoware_image.tgz', 'autoware'],
  ['perception-ota-image.tar.zst', 'perception'],
  ['p1_image.tar.xz', 'p1'],
  ['車両_image.tgz', '車両'],
  ['車両イメージ.tgz', '車両'],
  // Versions.
  ['autoware_image_v2.1.0.tgz', 'autoware'],
  ['autoware_v2.1.0_image.tgz', 'autoware'],
  ['autoware-image-ver_20261103.tar.zst', 'autoware'],
  ['main-ecu_v2026.11.03-rc2_image.tar.zst', 'main-ecu'],
  ['autoware_image_1.2.3-rc1+build5.tgz', 'autoware'],
  ['autoware_v2_3d_lidar_image.tgz', 'autoware_3d_lidar'],
  // Dates.
  ['autoware_image_2026-11-03.tgz', 'autoware'],
  ['autoware_image_20261103_1024.tgz', 'autoware'],
  ['20261103_autoware_image.tgz', 'autoware'],
  // Copies.
  ['autoware_image (1).tgz', 'autoware'],
  ['autoware_image.tar(1).gz', 'autoware'],
  ['autoware_image（１）.tgz', 'autoware'],
  ['autoware_image - Copy (2).tgz', 'autoware'],
  ['autoware_image - コピー.tgz', 'autoware'],
  ['autoware_imageのコピー2.tgz', 'autoware'],
  ['autoware_image (another copy).tgz', 'autoware'],
  ['Copy of autoware_image.tgz', 'autoware'],
  ['autoware_image_2.tgz', 'autoware'],
  ['main ecu (2).zip', 'main_ecu'],
  // A number that is no version stays: vehicles have several cameras.
  ['camera_2_image.tgz', 'camera_2'],
  ['ecu1_x86_64_image.tgz', 'ecu1_x86_64'],
  // Letters that only look alike.
  ['ａｕｔｏｗａｒｅ_image.tgz', 'autoware'],
  ['か\u3099_image.tgz', '\u304c'],
  // Nothing is left to guess from.
  ['image.tar', ''],
  ['ota-image_v3.tar', ''],
  ['2026-11-03.tgz', ''],
  ['....tar', ''],
  ['x'.repeat(300), 'x'.repeat(64)],
  [`${'x'.repeat(63)}-y.tar`, 'x'.repeat(63)],
])('%s is probably for "%s"', (file, expected) => {
  expect(guessEcuId(file)).toBe(expected);
  expect(expected === '' || isEcuId(expected)).toBe(true);
});

test.each(['a', 'main_ecu-1.2', 'ECU 1', '車両', '_'])('"%s" is an ECU ID', (id) => {
  expect(isEcuId(id)).toBe(true);
});

/** Ids that no way of building takes, with the texts that a person would take them for. */
const REFUSED = [
  ['empty', '', ''],
  ['a space alone', ' ', ''],
  ['a space before it', ' ecu', 'ecu'],
  ['a space behind it', 'ecu ', 'ecu'],
  ['an ideographic space behind it', 'ecu\u3000', 'ecu'],
  ['two spaces within', 'ECU  1', 'ECU 1'],
  ['full-width letters', 'ｅｃｕ１', 'ecu1'],
  ['half-width kana', 'ｶﾒﾗ', 'カメラ'],
  ['a mark apart from its letter', 'e\u0301cu', '\u00e9cu'],
  ['a line break', 'a\n', 'a'],
  ['a colon', 'a:b', 'a:b'],
  ['a slash', 'a/b', 'a/b'],
  ['a backslash', 'a\\b', 'a\\b'],
  ['a dot alone', '.', '.'],
  ['the folder above', '..', '..'],
  ['a dot before it', '.x', '.x'],
  ['a character of no width', 'ec\u200bu', 'ec\u200bu'],
  ['65 characters', 'x'.repeat(65), 'x'.repeat(65)],
] as const;

test.each(REFUSED)('an id with %s is refused as it is', (_, id, normalized) => {
  expect(isEcuId(id)).toBe(false);
  expect(() => assertEcuIds(['good', id])).toThrow('ecu-id-invalid');
  expect(normalizeEcuId(id)).toBe(normalized);
});

test.each([
  ['autoware', 'autoware'],
  ['autoware', 'Autoware'],
  ['ÉCU', 'écu'],
  ['straße', 'STRASSE'],
])('%s and %s are for one ECU', (one, other) => {
  expect(ecuKey(one)).toBe(ecuKey(other));
  expect(() => assertEcuIds([one, 'between', other])).toThrow('ecu-id-duplicate');
});

test('ids that differ are for several ECUs', () => {
  expect(() => assertEcuIds(['autoware', 'autoware_2', 'autoware-2', 'ECU 1'])).not.toThrow();
});
