import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTATIONS } from '../scripts/mutations.ts';

const ROOT = join(import.meta.dirname, '..');

/** Whether each test fails is shown by `npm run mutate`; here, that every break still fits. */
test.each(MUTATIONS)('a break of “$breaks” fits', ({ file, text, replacement, test: path }) => {
  expect(readFileSync(join(ROOT, file), 'utf8').split(text)).toHaveLength(2);
  expect(replacement).not.toBe(text);
  expect(existsSync(join(ROOT, path))).toBe(true);
});

test('there are breaks, no two alike', () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(10);
  const places = MUTATIONS.map(({ file, text, replacement }) => `${file}${text}${replacement}`);
  expect(new Set(places).size).toBe(MUTATIONS.length);
});
