import { expect, test } from 'vitest';
import { cutInTwo } from './middle-text.tsx';

test.each([
  ['perception_image.tgz', 'perception', '_image.tgz'],
  ['main-ecu_v2026.11.03-rc2_image.tar.zst', 'main-ecu_v2026.11.03-rc2', '_image.tar.zst'],
  ['perception-ota-image_v2.zip', 'perception', '-ota-image_v2.zip'],
  // Too much of the end: from the first break within the last characters.
  [
    'image_of_the_vehicle_that_went_to_the_depot.tgz',
    'image_of_the_vehicle_that_went_to_the',
    '_depot.tgz',
  ],
  // No break, or one before the ending alone.
  ['a'.repeat(30), 'a'.repeat(18), 'a'.repeat(12)],
  [`${'a'.repeat(30)}.tgz`, 'a'.repeat(22), `${'a'.repeat(8)}.tgz`],
  ['short', '', 'short'],
  // A character of several parts stays whole.
  ['か\u3099'.repeat(20), 'か\u3099'.repeat(8), 'か\u3099'.repeat(12)],
])('%s is cut between two words', (text, head, tail) => {
  expect(cutInTwo(text)).toEqual([head, tail]);
});
