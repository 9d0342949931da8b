import { createInstance } from 'i18next';
import type { ErrorData } from '../errors.ts';
import { errorMessages } from './errors/index.ts';
import type { ErrorText } from './errors/catalogue.ts';
import { faultDetail } from './fault-details.ts';
import { formatter, type Formatter } from './format.ts';
import { LANGUAGES, type Language, type ParamsOf, type Text } from './ui/catalogue.ts';
import { uiMessages } from './ui/index.ts';

export { LANGUAGES, type Language } from './ui/catalogue.ts';
export type { Formatter } from './format.ts';

export type MessageKey = keyof typeof uiMessages;

type Arguments<K extends MessageKey> = keyof ParamsOf<(typeof uiMessages)[K]> extends never
  ? []
  : [params: ParamsOf<(typeof uiMessages)[K]>];

/** Everything that turns the product's data into sentences of one language. */
export interface Translator {
  readonly language: Language;
  /** A text of the catalogue; a missing key or parameter is a compile error. */
  readonly t: <K extends MessageKey>(key: K, ...params: Arguments<K>) => string;
  /** What happened and what to do next. */
  readonly error: (data: ErrorData) => ErrorText;
  /** The detail of a fault that a check found; empty where there are no words for it. */
  readonly faultDetail: (detail: string) => string;
  readonly format: Formatter;
}

const cache = new Map<Language, Translator>();

/** The translator of a language; made once. */
export function translator(language: Language): Translator {
  const known = cache.get(language);
  if (known !== undefined) return known;
  const made = makeTranslator(language);
  cache.set(language, made);
  return made;
}

/** The product's language for a locale such as `ja_JP.UTF-8` or `en-US`; English where it has none. */
export function languageOf(locale: string): Language {
  const primary = locale.toLowerCase().split(/[-_.]/u)[0];
  return LANGUAGES.find((language) => language === primary) ?? 'en';
}

function makeTranslator(language: Language): Translator {
  const format = formatter(language);
  const i18n = createInstance();
  void i18n.init({
    lng: language,
    fallbackLng: false,
    initAsync: false,
    keySeparator: false,
    nsSeparator: false,
    // React escapes what it renders, and a terminal shows text as it is.
    interpolation: { escapeValue: false, skipOnVariables: true },
    resources: { [language]: { translation: resourcesOf(language) } },
  });
  const formats = {
    number: (value: unknown) => format.number(Number(value)),
    bytes: (value: unknown) => format.bytes(Number(value)),
    date: (value: unknown) => format.date(value as string | number),
    dateTime: (value: unknown) => format.dateTime(value as string | number),
    file: (value: unknown) => format.file(String(value)),
    detail: (value: unknown) => faultDetail(String(value), language) || String(value),
  };
  for (const [name, write] of Object.entries(formats)) i18n.services.formatter?.add(name, write);
  const say = (key: string, params?: object): string => i18n.t(key, { ...params });

  return {
    language,
    t: (key, ...params) => say(key, params[0]),
    error: ({ code, params }) => ({
      what: say(`error:${code}:what`, params),
      next: say(`error:${code}:next`, params),
    }),
    faultDetail: (detail) => faultDetail(detail, language),
    format,
  };
}

function resourcesOf(language: Language): Record<string, string> {
  const resources: Record<string, string> = {};
  for (const [key, text] of Object.entries<Text>(uiMessages)) {
    const own = text[language];
    if (typeof own === 'string') {
      resources[key] = own;
    } else {
      resources[`${key}_one`] = own.one;
      resources[`${key}_other`] = own.other;
    }
  }
  for (const [code, text] of Object.entries(errorMessages)) {
    resources[`error:${code}:what`] = text[language].what;
    resources[`error:${code}:next`] = text[language].next;
  }
  return resources;
}
