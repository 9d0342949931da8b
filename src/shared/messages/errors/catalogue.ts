/**
 * A sentence that says what happened, and one that says what to do next.
 *
 * `{{name}}` is a parameter of the code; `{{name, bytes}}`, `{{name, number}}`, `{{name, date}}` and
 * `{{name, file}}` (last part of a path) write it as the language does.
 */
export interface ErrorText {
  readonly what: string;
  readonly next: string;
}

/** Both languages beside each other for every code of one area; the compiler finds gaps. */
export type ErrorCatalogue<Errors> = {
  readonly [Code in keyof Errors]: { readonly en: ErrorText; readonly ja: ErrorText };
};
