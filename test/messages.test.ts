import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorMessages } from '../src/shared/messages/errors/index.ts';
import { faultDetail } from '../src/shared/messages/fault-details.ts';
import { uiMessages } from '../src/shared/messages/ui/index.ts';

/** Rules for every text that the product shows, and for what its sources ask of the catalogue. */

const ROOT = join(import.meta.dirname, '..');

/** Names that Japanese texts use as they are: products, formats, standards, abbreviations of the trade. */
const NAMES = new Set([
  ...['ECU', 'OTA', 'ID', 'CA', 'BSP', 'otaclient', 'prd', 'dev', 'root', 'Alt'],
  ...['USB', 'SD', 'Windows', 'macOS', 'BitLocker', 'polkit', 'pkexec', 'ssh', 'WebAssembly'],
  ...['tar', 'zip', 'xz', 'zstd', 'gzip', 'PEM', 'JSON', 'CSV', 'PDF', 'QR', 'JWT', 'UTF', 'SHA'],
  ...['ext', 'exFAT', 'FAT', 'NTFS', 'GB', 'GiB', 'MB', 'mm', 'UTC', 'ver', 'pax'],
  ...['HTTP', 'HTTPS', 'TLS', 'URL', 'IP', 'GET', 'HEAD', 'Ctrl', 'Node'],
  // A licence and a language, by their own names.
  ...['Apache', 'License', 'English'],
]);

/** What is typed or read as it is: options, commands in quotes, placeholders, paths, names and endings of files. */
const CODE = [
  /\{\{[^}]*\}\}/gu,
  /<[^<>]*>/gu,
  /`[^`]*`/gu,
  /「[a-z][ -~]*」/gu,
  /(?<![A-Za-z])--?[a-z][\w-]*(?: [A-Z]+)?/gu,
  /\/dev\/\w+/gu,
  // Names in files of settings.
  /\b[a-z]+(?:_[a-z]+)+\b/gu,
  /[\w…]*\.[A-Za-z][\w.]*/gu,
  /\b(?:v\d|vehicle|serve|inspect|verify|update|watch|status|cd|ulimit|NAME|VALUE|fd00|v|n|f|L|C)\b/gu,
];

/** English words within a Japanese text. */
function englishIn(text: string): string[] {
  const rest = CODE.reduce((left, code) => left.replaceAll(code, ' '), text);
  return [...rest.matchAll(/[A-Za-z][A-Za-z’']*/gu)]
    .map(([word]) => word)
    .filter((word) => !NAMES.has(word));
}

/** What else is wrong with a Japanese text. */
function faultsOfJapanese(text: string): string[] {
  const faults = englishIn(text);
  if (/[!！]/u.test(text)) faults.push('exclamation mark');
  const unit = /(?:\}\}|\d) (?:件|枚|本|台|個|秒|分|時間|バイト|文字|行|ファイル|イメージ|%)/u;
  if (unit.test(text)) faults.push('space before a unit');
  if (/[ぁ-んァ-ヶ一-龠][,.](?:$|\s)/u.test(text)) faults.push('Western punctuation');
  return faults;
}

const japanese: readonly (readonly [key: string, text: string])[] = [
  ...Object.entries(uiMessages).map(([key, { ja }]) => [key, ja] as const),
  ...Object.entries(errorMessages).flatMap(([code, { ja }]) => [
    [`${code}: what`, ja.what] as const,
    [`${code}: next`, ja.next] as const,
  ]),
];

describe('Japanese texts', () => {
  test('have no English words but names, no exclamation marks, and numbers that touch their units', () => {
    const wrong = japanese
      .map(([key, text]) => [key, faultsOfJapanese(text)] as const)
      .filter(([, faults]) => faults.length > 0);
    expect(wrong).toEqual([]);
  });

  test.each([
    ['イメージをcheckしました。', ['check']],
    ['OTA image を選択してください。', ['image']],
    ['完了しました!', ['exclamation mark']],
    ['USBメモリ {{count, number}} 本です。', ['space before a unit']],
    ['残り3 秒です。', ['space before a unit']],
    ['{{name}} を -o で指定し、<PATH> と .img を使います。', []],
  ])('in “%s” the check finds %j', (text, faults) => {
    expect(faultsOfJapanese(text)).toEqual(faults);
  });

  test('have words for every detail of a fault that the engine states by itself', () => {
    const sources = globSync('src/main/engine/{verify,finished}/*.ts', { cwd: ROOT }).filter(
      (path) => !path.includes('.test.'),
    );
    const stated = sources.flatMap((path) =>
      [
        ...readFileSync(join(ROOT, path), 'utf8').matchAll(
          /(?:detail: |\.fault\([^,()]+, |doubts\.push\()(?:'([^']+)'|`([^`]+)`)/gu,
        ),
      ].map(([, plain, template]) => (plain ?? template ?? '').replaceAll(/\$\{[^}]+\}/gu, 'x7')),
    );
    expect(stated.length).toBeGreaterThan(20);
    // What a library or a document says by itself is not ours to translate.
    const own = stated.filter((detail) => detail !== 'x7: x7');
    expect(own.filter((detail) => faultDetail(detail, 'ja') === '')).toEqual([]);
    for (const detail of own)
      expect(englishIn(faultDetail(detail, 'ja').replaceAll('x7', '')), detail).toEqual([]);
    expect(faultDetail('nobody knows this', 'ja')).toBe('');
    expect(faultDetail('line 7 cannot be read', 'ja')).toBe('7行目を解釈できません');
  });
});

interface Asked {
  /** Every text between quotes. */
  readonly literals: ReadonlySet<string>;
  /** Template literals with values in them, as patterns. */
  readonly patterns: readonly RegExp[];
}

function askedBy(sources: readonly string[]): Asked {
  const literals = new Set<string>();
  const patterns: RegExp[] = [];
  for (const source of sources) {
    for (const [, , literal = ''] of source.matchAll(/(['"])([\w.-]+)\1/gu)) literals.add(literal);
    for (const [, template = ''] of source.matchAll(
      /`((?:[\w.-]|\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})+)`/gu,
    ))
      if (template.includes('.') && /\w/u.test(template.replaceAll(/\$\{.*?\}/gu, '')))
        patterns.push(
          new RegExp(
            `^${template.replaceAll('.', '\\.').replaceAll(/\$\{.*?\}/gu, '[\\w.-]+')}$`,
            'u',
          ),
        );
  }
  return { literals, patterns };
}

/** Keys of the catalogue that nothing asks for. */
function unusedKeys(keys: readonly string[], { literals, patterns }: Asked): string[] {
  return keys.filter((key) => !literals.has(key) && !patterns.some((pattern) => pattern.test(key)));
}

/** Keys that sources pass to `t` and that the catalogue lacks. */
function missingKeys(keys: readonly string[], sources: readonly string[]): string[] {
  const known = new Set(keys);
  const asked = sources.flatMap((source) =>
    [...source.matchAll(/\bt\(\s*'([\w.-]+)'/gu)].map(([, key = '']) => key),
  );
  return asked.filter((key) => !known.has(key));
}

describe('the catalogue', () => {
  const sources = globSync('src/**/*.{ts,tsx}', { cwd: ROOT })
    .filter((path) => !/\.test\.tsx?$|^src\/shared\/(?:messages|errors)\//u.test(path))
    .map((path) => readFileSync(join(ROOT, path), 'utf8'));
  const asked = askedBy(sources);

  test('has no text that nothing shows', () => {
    expect(unusedKeys(Object.keys(uiMessages), asked)).toEqual([]);
    expect(unusedKeys(Object.keys(errorMessages), asked)).toEqual([]);
  });

  test('has every text that is asked for', () => {
    expect(missingKeys(Object.keys(uiMessages), sources)).toEqual([]);
  });

  test('an unused and a missing key are found', () => {
    const some = ["t('a.b'); const x = cond ? 'c.d' : '';", 't(`e.${kind}.g`)', "t('no.such')"];
    const keys = ['a.b', 'c.d', 'e.f.g', 'e.f', 'unused.key'];
    expect(unusedKeys(keys, askedBy(some))).toEqual(['e.f', 'unused.key']);
    expect(missingKeys(keys, some)).toEqual(['no.such']);
  });
});
