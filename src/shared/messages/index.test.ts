import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elevationMessages } from './errors/elevation.ts';
import { errorMessages } from './errors/index.ts';
import { LANGUAGES, languageOf, translator } from './index.ts';
import { uiMessages } from './ui/index.ts';

const en = translator('en');
const ja = translator('ja');

/** Names of the parameters in a text, with the formats that they are written in. */
const parameters = (text: string): string[] =>
  [...text.matchAll(/\{\{([^}]+)\}\}/gu)].map((match) => match[1] ?? '');

test('an error becomes what happened and what to do next, in both languages', () => {
  const error = {
    code: 'output-no-space',
    params: { path: '/media/x.tar', needed: 721_000_000, free: 3_200_000_000 },
  } as const;
  expect(en.error(error)).toEqual({
    what: '/media/x.tar needs 721 MB, but only 3.2 GB are free.',
    next: 'Make room there, or choose another place to save to.',
  });
  expect(ja.error(error).what).toBe('/media/x.tar には 721 MB が必要ですが、空きは 3.2 GB です。');
});

test('parameters are taken as they are: no markup, no nested placeholders', () => {
  const path = '<b>{{needed}}</b> & $t(app.name)';
  expect(en.error({ code: 'output-exists', params: { path } }).what).toBe(
    `${path} already exists.`,
  );
});

test('plural forms follow the count', () => {
  expect(en.t('count.files', { count: 1 })).toBe('1 file');
  expect(en.t('count.files', { count: 40_773 })).toBe('40,773 files');
  expect(ja.t('count.files', { count: 40_773 })).toBe('40,773ファイル');
});

test('no text counts what may be one in the plural only', () => {
  const catalogue = Object.entries<{ en: unknown }>(uiMessages)
    .map(([key, { en: text }]) => [key, text] as const)
    .filter((entry): entry is readonly [string, string] => typeof entry[1] === 'string');
  const errors = Object.entries(errorMessages).map(([code, text]) => [code, text.en.what] as const);
  // Limits and times that the product sets are never one.
  const neverOne = /\{\{(limit|seconds|total)\b/u;
  const counting = /\{\{\w+, number\}\} (?:more )?(files|faults|images|drives|entries|payloads)\b/u;
  const wrong = [...catalogue, ...errors].filter(
    ([, text]) => counting.test(text) && !neverOne.test(counting.exec(text)?.[0] ?? ''),
  );
  // Shown where there are more images than may be added at a time.
  expect(wrong.map(([key]) => key)).toEqual(['images.too-many']);
});

test('a missing key, a missing parameter and a superfluous one do not compile', () => {
  const misuse = (): void => {
    // @ts-expect-error no such key
    en.t('no.such.key');
    // @ts-expect-error needs a count
    en.t('count.files');
    // @ts-expect-error takes no parameter
    en.t('app.name', { count: 1 });
  };
  expect(misuse).toBeTypeOf('function');
});

test('both languages use the same parameters, in known formats', () => {
  const pairs: [string, string, string][] = [];
  for (const [key, text] of Object.entries<{ en: unknown; ja: string }>(uiMessages)) {
    const english = typeof text.en === 'string' ? text.en : (text.en as { other: string }).other;
    pairs.push([key, english, text.ja]);
  }
  for (const [code, text] of Object.entries(errorMessages)) {
    pairs.push([code, text.en.what, text.ja.what], [code, text.en.next, text.ja.next]);
  }
  for (const [key, english, japanese] of pairs) {
    expect(english.trim(), key).not.toBe('');
    expect(japanese.trim(), key).not.toBe('');
    expect(new Set(parameters(japanese)), key).toEqual(new Set(parameters(english)));
    for (const parameter of parameters(english)) {
      expect(parameter, key).toMatch(/^\w+(, (number|bytes|date|dateTime|detail|file))?$/u);
    }
  }
});

test('what starting the writer says is also so where a drive is only checked or ejected', () => {
  for (const [code, text] of Object.entries(elevationMessages)) {
    const { en: english, ja: japanese } = text;
    expect(`${english.what} ${english.next}`, code).not.toMatch(/writing|written|writes? to/iu);
    expect(japanese.what + japanese.next, code).not.toContain('書き込');
  }
});

test('numbers, sizes and times are written by locale', () => {
  expect(en.format.bytes(999)).toBe('999 B');
  expect(en.format.bytes(999_600)).toBe('1 MB');
  expect(ja.format.bytes(64_000_000_000)).toBe('64 GB');
  expect(en.format.bytesPerSecond(31_400_000)).toBe('31.4 MB/s');
  expect(en.format.duration(3)).toBe('3 s');
  expect(ja.format.duration(80)).toBe('1分20秒');
  expect(en.format.percent(0.9999)).toBe('99%');
  expect(en.format.date('no date')).toBe('no date');
  expect(en.format.file('C:\\images\\p1.tgz')).toBe('p1.tgz');
  expect(en.format.file('/images/folder/')).toBe('folder');
  expect(en.format.file('Generic- SD/MMC')).toBe('Generic- SD/MMC');
});

test('the language follows the locale', () => {
  expect(languageOf('ja_JP.UTF-8')).toBe('ja');
  expect(languageOf('de-DE')).toBe('en');
  expect(LANGUAGES.map((language) => translator(language).language)).toEqual(['en', 'ja']);
});

test('what a limit is about has words in Japanese, wherever the engine states one', () => {
  const engine = join(import.meta.dirname, '../../main/engine');
  const limits = globSync('**/*.ts', { cwd: engine })
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(join(engine, file), 'utf8').matchAll(
        /(?:'archive-limit'[^;]*?what: |(?:beyondLimit\([\w.#]+, |[ (]limit\())(['`])(.+?)\1/gu,
      ),
    ])
    .map(([, , what = '']) => what.replaceAll(/\$\{[^}]*\}/gu, '7'));
  expect(limits.length).toBeGreaterThan(10);
  const { error, faultDetail } = ja;
  for (const what of limits) {
    expect(faultDetail(what), what).not.toBe('');
    const said = error({ code: 'archive-limit', params: { file: 'x', what, limit: 1 } }).what;
    expect(said).toContain(faultDetail(what));
  }
  expect(faultDetail('a limit of no words')).toBe('');
});
