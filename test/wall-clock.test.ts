import { join } from 'node:path';
import { ESLint, Linter } from 'eslint';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** What the project's own rules about clocks say of `code` if it stood in `file`. */
async function complaints(file: string, code: string): Promise<string[]> {
  const config = (await new ESLint({ cwd: ROOT }).calculateConfigForFile(join(ROOT, file))) as {
    rules: Linter.RulesRecord;
  };
  const names = ['no-restricted-properties', 'no-restricted-syntax'];
  const rules = Object.fromEntries(names.map((name) => [name, config.rules[name] ?? 'off']));
  return new Linter().verify(code, { rules }).map(({ message }) => message);
}

test.each([
  ['Date.now();', 1],
  ['const { now } = Date; now();', 1],
  ['new Date();', 1],
  ['Date();', 1],
  ["new Date('2026-01-01');", 0],
  ['performance.now();', 0],
])('the time of day is asked for in one module only: %s', async (code, count) => {
  for (const file of ['src/main/writer/session.ts', 'src/renderer/state/model.ts'])
    expect(await complaints(file, code), file).toHaveLength(count);
  expect(await complaints('src/shared/wall-clock.ts', code)).toEqual([]);
  expect(await complaints('src/main/writer/session.test.ts', code)).toEqual([]);
});
