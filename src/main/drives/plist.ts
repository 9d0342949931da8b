export type PlistValue =
  string | number | boolean | readonly PlistValue[] | { readonly [key: string]: PlistValue };

/**
 * Reads the XML property lists that diskutil prints: dict, array, string, integer, real, true, false;
 * dates and data stay text. Throws a SyntaxError for anything else.
 */
export function parsePlist(xml: string): PlistValue {
  const tokens = tokenise(xml);
  const value = readValue(tokens);
  if (value === undefined) throw new SyntaxError('property list without a value');
  return value;
}

interface Token {
  readonly kind: 'open' | 'close' | 'empty';
  readonly name: string;
  /** Text that follows the tag. */
  readonly text: string;
}

function* tokenise(xml: string): Generator<Token, undefined> {
  for (const match of xml.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>([^<]*)/g)) {
    const [, slash, name = '', selfClosing, text = ''] = match;
    if (name === 'plist') continue;
    const kind = slash === '/' ? 'close' : selfClosing === '/' ? 'empty' : 'open';
    yield { kind, name, text };
  }
}

/** undefined at the closing tag of the surrounding container and at the end. */
function readValue(tokens: Generator<Token, undefined>): PlistValue | undefined {
  const token = tokens.next().value;
  if (token === undefined || token.kind === 'close') return undefined;
  if (token.kind === 'empty') return emptyValue(token.name);
  if (token.name === 'dict') return readDict(tokens);
  if (token.name === 'array') return readArray(tokens);
  const closing = tokens.next().value;
  if (closing?.kind !== 'close' || closing.name !== token.name)
    throw new SyntaxError(`property list: <${token.name}> is not closed`);
  const text = unescape(token.text);
  if (token.name === 'integer' || token.name === 'real') return Number(text);
  return text;
}

function emptyValue(name: string): PlistValue {
  if (name === 'true') return true;
  if (name === 'false') return false;
  if (name === 'dict') return {};
  if (name === 'array') return [];
  return '';
}

function readDict(tokens: Generator<Token, undefined>): PlistValue {
  const dict: Record<string, PlistValue> = Object.create(null) as Record<string, PlistValue>;
  for (;;) {
    const key = readValue(tokens);
    if (key === undefined) return dict;
    const value = readValue(tokens);
    if (typeof key !== 'string' || value === undefined)
      throw new SyntaxError('property list: a key without a value');
    dict[key] = value;
  }
}

function readArray(tokens: Generator<Token, undefined>): PlistValue {
  const array: PlistValue[] = [];
  for (;;) {
    const value = readValue(tokens);
    if (value === undefined) return array;
    array.push(value);
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescape(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (typeof decimal === 'string') return String.fromCodePoint(Number(decimal));
    if (typeof hex === 'string') return String.fromCodePoint(parseInt(hex, 16));
    return ENTITIES[String(name)] ?? whole;
  });
}
