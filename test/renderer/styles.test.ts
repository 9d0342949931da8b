import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Classes of a style sheet whose own rules stand in it: `.card` and `.card[data-state]`, not `.list .card`. */
function ownClasses(css: string): Set<string> {
  const selectors = css
    .replaceAll(/\/\*[^]*?\*\//gu, '')
    .matchAll(/(?<=^|[{};])([^{};]+)\{/gu)
    .flatMap(([, list = '']) => list.split(','))
    .map((selector) => /^\.([\w-]+)[^\s>+~]*$/u.exec(selector.trim())?.[1]);
  return new Set([...selectors].filter((name) => name !== undefined));
}

function repeated(sheets: ReadonlyMap<string, string>): string[] {
  const places = new Map<string, string[]>();
  for (const [file, css] of sheets)
    for (const name of ownClasses(css)) places.set(name, [...(places.get(name) ?? []), file]);
  return [...places]
    .filter(([, files]) => files.length > 1)
    .map(([name, f]) => `${name}: ${f.join(', ')}`);
}

const SHEETS = new Map(
  globSync('src/renderer/**/*.css').map((file) => [file, readFileSync(file, 'utf8')]),
);

/** All but those for paper, which take back what the others say of a window. */
const WINDOW_SHEETS = new Map([...SHEETS].filter(([file]) => !file.endsWith('print.css')));

test('each class has its rules in one style sheet', () => {
  expect(WINDOW_SHEETS.size).toBeGreaterThan(10);
  expect(repeated(WINDOW_SHEETS)).toEqual([]);
});

test('a class with rules in two style sheets is found', () => {
  const sheets = new Map([
    ['a.css', '@layer features { .card, .b:hover { color: red; } .list > .item { color: red; } }'],
    ['b.css', '@media (width > 1px) { .card[data-x] { color: red; } } .item { color: red; }'],
  ]);
  expect(repeated(sheets)).toEqual(['card: a.css, b.css']);
});

test('each style sheet but that of the tokens puts its rules into a layer', () => {
  for (const [file, css] of SHEETS)
    if (!file.endsWith('tokens.css')) expect(css, file).toMatch(/^@layer \w+ \{/u);
});
