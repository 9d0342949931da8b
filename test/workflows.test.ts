import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** No workflow has been seen to run: what they name must at least be there. */

const ROOT = join(import.meta.dirname, '..');
const FOLDER = '.github/workflows';
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** What a workflow names that is not there, or that may change under it. */
function faultsOf(text: string): string[] {
  const uses = [...text.matchAll(/uses: (\S+)/gu)].map(([, action = '']) => action);
  const unpinned = uses.filter(
    (action) =>
      !/@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/u.test(action) &&
      !(action.startsWith('./') && existsSync(join(ROOT, action))),
  );
  const names = [...text.matchAll(/npm run (?:-s )?([\w:]+)/gu)].map(([, name = '']) => name);
  const paths = [
    ...text.matchAll(/(?<=[\s:])((?:src|test|scripts|docs)\/[\w./-]+|\.ci\/\w+)/gu),
  ].map(([, path = '']) => path);
  return [
    ...unpinned,
    ...names.filter((name) => !(name in scripts)),
    // The beginning of a pattern is a folder.
    ...paths.filter((path) => !existsSync(join(ROOT, path))),
  ];
}

test.each(readdirSync(join(ROOT, FOLDER)))('all that %s names is there', (name) => {
  const text = readFileSync(join(ROOT, FOLDER, name), 'utf8');
  expect(text).toContain('permissions:\n  contents: read\n');
  expect(faultsOf(text)).toEqual([]);
});

test('what is not there is seen', () => {
  const text = [
    'uses: actions/checkout@v4',
    'uses: ./.github/workflows/no.yml',
    'run: npm run no:script',
    'run: node scripts/no.ts',
    'run: npm run test:unit',
  ].join('\n');
  expect(faultsOf(text)).toEqual([
    ...['actions/checkout@v4', './.github/workflows/no.yml', 'no:script', 'scripts/no.ts'],
  ]);
});
