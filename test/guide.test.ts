import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorMessages } from '../src/shared/messages/errors/index.ts';
import { LANGUAGES, type Language } from '../src/shared/messages/index.ts';
import type { Text } from '../src/shared/messages/ui/catalogue.ts';
import { uiMessages } from '../src/shared/messages/ui/index.ts';

/** The guide quotes the app's texts in bold, with “…” for each parameter. */

/** Errors of the command line; who uses it has its manual. */
const NOT_IN_THE_WINDOW =
  /^(usage-|image-argument-malformed|drive-not-confirmed|drive-not-a-device|stream-|serve-|vehicle-)/u;

/** What the guide to vehicles explains: keys of texts, codes of errors; and what it may quote besides. */
const EXPLAINED = /^(refusal|diagnosis)\./u;
const EXPLAINED_ERRORS = /^(serve|vehicle)-/u;
const ON_THE_SCREEN = /^(nav\.vehicle$|vehicle-\w+\.)/u;

const withoutParameters = (text: string): string => text.replaceAll(/\{\{[^}]+\}\}/gu, '…');

/** What the app can show: the texts by their keys, the first sentences of errors by their codes. */
function textsOf(language: Language): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, { [language]: text }] of Object.entries(uiMessages)) {
    const shown = typeof text === 'string' ? text : text.other;
    if (
      !/^(cli|serve|refusal|vehicle|ecu-state|update-phase|failure|outcome|diagnosis)\./u.test(key)
    )
      texts.set(key, withoutParameters(shown));
  }
  for (const [code, { [language]: text }] of Object.entries(errorMessages))
    texts.set(`error.${code}`, withoutParameters(text.what));
  return texts;
}

describe.each(LANGUAGES)('the guide in %s', (language) => {
  const guide = readFileSync(join(import.meta.dirname, `../docs/guide/${language}.md`), 'utf8');
  const quoted = [...guide.matchAll(/\*\*([^*]+)\*\*/gu)]
    .map(([, text = '']) => text)
    // “Words in bold” itself.
    .slice(1);
  const texts = textsOf(language);

  test('quotes only what the app shows', () => {
    // Of one thing, too.
    const ones = Object.values(uiMessages).flatMap(({ en }: Text) =>
      typeof en === 'string' ? [] : withoutParameters(en.one),
    );
    const known = new Set([...texts.values(), ...ones]);
    expect(quoted.filter((text) => !known.has(text))).toEqual([]);
    expect(quoted.length).toBeGreaterThan(100);
  });

  test('explains every warning, every fault and every error of the window', () => {
    const unexplained = [...texts].filter(
      ([key, text]) =>
        /^(error|warning|fault)\./u.test(key) &&
        !NOT_IN_THE_WINDOW.test(key.replace('error.', '')) &&
        !quoted.includes(text),
    );
    expect(unexplained).toEqual([]);
  });
});

describe.each(LANGUAGES)('the guide to vehicles in %s', (language) => {
  const path = join(import.meta.dirname, `../docs/guide/vehicle.${language}.md`);
  const quoted = [...readFileSync(path, 'utf8').matchAll(/\*\*([^*]+)\*\*/gu)].map(
    ([, text = '']) => text,
  );
  const shown = [
    ...Object.entries(uiMessages).flatMap(([key, { [language]: text }]) =>
      typeof text === 'string' && EXPLAINED.test(key) ? withoutParameters(text) : [],
    ),
    ...Object.entries(errorMessages).flatMap(([code, { [language]: text }]) =>
      EXPLAINED_ERRORS.test(code) ? withoutParameters(text.what) : [],
    ),
  ];
  const onTheScreen = Object.entries(uiMessages).flatMap(([key, { [language]: text }]) =>
    typeof text === 'string' && ON_THE_SCREEN.test(key) ? withoutParameters(text) : [],
  );

  test('explains every refusal, every diagnosis and every error, and quotes nothing else', () => {
    expect(shown.filter((text) => !quoted.includes(text))).toEqual([]);
    // “Words in bold” itself.
    const known = new Set([...shown, ...onTheScreen]);
    expect(quoted.slice(1).filter((text) => !known.has(text))).toEqual([]);
    expect(shown.length).toBeGreaterThan(10);
  });
});
