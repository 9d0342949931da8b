/** Languages that the product speaks. */
export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** English with a form for one thing and one for any other number of `count`. */
interface Plural {
  readonly one: string;
  readonly other: string;
}

/** One text in every language. Japanese has no plural forms. */
export interface Text {
  readonly en: string | Plural;
  readonly ja: string;
}

/**
 * Keeps the texts' literal types, from which the parameters that a text needs are inferred.
 * Parameters are written as in the error texts: `{{name}}`, `{{name, bytes}}`, …
 */
export function texts<const T extends Record<string, Text>>(catalogue: T): T {
  return catalogue;
}

type Trimmed<S extends string> = S extends `${infer Name},${string}` ? Name : S;

type ParamNames<S extends string> = S extends `${string}{{${infer P}}}${infer Rest}`
  ? Trimmed<P> | ParamNames<Rest>
  : never;

type EnglishOf<T extends Text> = T['en'] extends Plural
  ? T['en']['other']
  : Extract<T['en'], string>;

/** Parameters that a text needs, with the type of each. */
export type ParamsOf<T extends Text> = {
  readonly [
    Name in
      ParamNames<EnglishOf<T>> | ParamNames<T['ja']> | (T['en'] extends Plural ? 'count' : never)
  ]: Name extends 'count' ? number : string | number;
};
