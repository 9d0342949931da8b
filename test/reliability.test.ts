import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { matrixPage } from './faults/reliability-page.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const BEGIN =
  '<!-- from test/faults: npx vitest run test/reliability.test.ts with UPDATE_DOCS=1 -->';
const END = '<!-- end -->';

test('docs/reliability.md shows the fault matrix that the tests run', async () => {
  const path = join(ROOT, 'docs/reliability.md');
  const page = readFileSync(path, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  expect(after).toBeDefined();
  const text = `${before ?? ''}${BEGIN}\n\n${matrixPage()}\n${END}${after ?? ''}`;
  const options = { ...(await resolveConfig(path)), parser: 'markdown' };
  const wanted = await format(text, options);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted);
  expect(readFileSync(path, 'utf8')).toBe(wanted);
});

/** Files in code marks, as far as a page names them with their folder. */
function namedFiles(page: string): string[] {
  const names = Array.from(page.matchAll(/`([\w./*-]+\/[\w.*-]+\.(?:ts|js|md|json|yml))`/g));
  return names.map(([, name]) => name ?? '');
}

test.each(['docs/security.md', 'docs/reliability.md'])(
  'every file that %s names is there, and every test in it is one',
  (page) => {
    const names = namedFiles(read(page));
    expect(names.length).toBeGreaterThan(5);
    const missing = names.filter((name) => globSync(name, { cwd: ROOT }).length === 0);
    expect(missing).toEqual([]);
  },
);

test('a file that is not there would be found', () => {
  expect(namedFiles('see `test/none.test.ts` and `x`')).toEqual(['test/none.test.ts']);
  expect(globSync('test/none.test.ts', { cwd: ROOT })).toEqual([]);
});
