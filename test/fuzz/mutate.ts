import fc from 'fast-check';

/*
 * Inputs that are nearly right: a valid seed with a few changes. Random noise is refused by the first
 * check of every reader; these get to the code behind it. Everything is made by fast-check, so that it
 * finds the fewest changes that still fail, and a seed number repeats a run.
 */

/** Values that overflow, loop or point outside. */
const EVIL = [0, 1, 2, 3, 4, 8, 11, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

/** Pieces of the text formats, and what has broken readers of text. */
const TOKENS = [
  ...[
    "'",
    ',',
    '/',
    '..',
    '../',
    '\\',
    '\n',
    '\r',
    '\0',
    '"',
    '{',
    '}',
    '[',
    ']',
    ':',
    '.',
    '=',
    ' ',
  ],
  ...['-1', '0', '1e999', '99999999999999999999', 'null', 'true', '{}', '[]', '""', '__proto__'],
  ...['sha256:', '\u2028', '日本', '\ud800', '+zstd', 'zst', '--', '-o', ':x:', '%s', '{{detail}}'],
  ...['../', '../', '/../', 'a/../'],
].map((text) => Buffer.from(text));

/** One change: which, where, with what. Numbers are taken modulo what is possible. */
type Change = readonly [kind: number, at: number, value: number];

type Edit = (bytes: Buffer, at: number, value: number, corpus: readonly Buffer[]) => Buffer;

const EDITS: readonly Edit[] = [
  (bytes, at, value) => poke(bytes, at, (bytes[at] ?? 0) ^ (1 << (value % 8))),
  (bytes, at, value) => poke(bytes, at, value & 0xff),
  (bytes, at, value) => put(bytes, at, number(value, 2)),
  (bytes, at, value) => put(bytes, at & ~1, number(value, 4)),
  (bytes, at, value) => put(bytes, at & ~3, number(value, 8)),
  (bytes, at, value) => put(bytes, at, token(value)),
  (bytes, at, value) => splice(bytes, at, 0, token(value)),
  (bytes, at, value) => splice(bytes, at, value % 64, Buffer.alloc(0)),
  (bytes, at, value) => splice(bytes, at, 0, bytes.subarray(at, at + (value % 600))),
  // Structures in each other's place: their checks of themselves then pass.
  (bytes, at, value) => move(bytes, at, value, 16, 64),
  (bytes, at, value) => move(bytes, at, value, 512, 512),
  (bytes, at, value) => move(bytes, at, value, 1024, 1024),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, value, corpus) => Buffer.concat([bytes.subarray(0, at), tail(corpus, value)]),
  (bytes, at, value) => put(bytes, at, Buffer.alloc(value % 512, value % 2 === 0 ? 0 : 0xff)),
];

const word = fc.nat(0xffff_fffe);
const changes: fc.Arbitrary<Change[]> = fc.array(fc.tuple(fc.nat(EDITS.length - 1), word, word), {
  minLength: 1,
  maxLength: 6,
});

/** Puts right what a format checks first, such as a checksum, so that the change is seen at all. */
export type Repair = (bytes: Buffer) => Buffer;

/** Where a change is made: an offset for any number. Default: anywhere. */
export type Place = (bytes: Buffer, at: number) => number;

/** @param place prefers the bytes that mean something. */
export function mutatedBytes(
  corpus: readonly Buffer[],
  repair: Repair = (bytes) => bytes,
  place: Place = (bytes, at) => at % Math.max(1, bytes.length),
): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.nat(corpus.length - 1), changes, fc.boolean())
    .map(([seed, list, repaired]) => {
      let bytes: Buffer = Buffer.from(corpus[seed] ?? []);
      for (const [kind, at, value] of list) {
        bytes =
          EDITS[kind]?.(
            bytes,
            Math.min(place(bytes, at), Math.max(0, bytes.length - 1)),
            value,
            corpus,
          ) ?? bytes;
      }
      return repaired ? repair(bytes) : bytes;
    });
}

const parse = (text: string): unknown => JSON.parse(text);

/** Values that a JSON document should not have where it has something else. */
const STRANGE: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2 ** 53, 1e308, '', '..', '/', 'x'.repeat(300), 'x'.repeat(40_000)],
  ...[[], [[]], {}, { a: 1 }, '\0', '日本', '\ud800', parse('{"__proto__":{"polluted":1}}')],
  ...[Array.from({ length: 1200 }, () => 'x'), parse('['.repeat(500) + ']'.repeat(500))],
];

/** Seeds are JSON; most changes keep it JSON and change what it says. */
export function mutatedJson(corpus: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const trees = corpus.map((bytes) => bytes.toString());
  const tree = fc
    .tuple(fc.nat(trees.length - 1), fc.array(fc.tuple(fc.nat(3), word, word), { maxLength: 4 }))
    .map(([seed, list]) => {
      const holder = { root: JSON.parse(trees[seed] ?? 'null') as unknown };
      for (const change of list) changeTree(holder, change);
      return Buffer.from(JSON.stringify(holder.root));
    });
  return fc.oneof({ weight: 4, arbitrary: tree }, { weight: 1, arbitrary: mutatedBytes(corpus) });
}

type Node = Record<string, unknown>;

function changeTree(holder: Node, [kind, at, value]: Change): void {
  const places: { parent: Node; key: string }[] = [];
  const visit = (parent: Node): void => {
    for (const [key, child] of Object.entries(parent)) {
      if (places.length > 5000) return;
      places.push({ parent, key });
      if (typeof child === 'object' && child !== null) visit(child as Node);
    }
  };
  visit(holder);
  const place = places[at % places.length];
  if (place === undefined) return;
  const { parent, key } = place;
  const other = places[value % places.length];
  const define = (name: string, content: unknown) =>
    Object.defineProperty(parent, name, {
      ...{ value: content, enumerable: true, configurable: true, writable: true },
    });
  if (kind === 0) define(key, structuredClone(STRANGE[value % STRANGE.length]));
  else if (kind === 1 && parent !== holder) Reflect.deleteProperty(parent, key);
  else if (kind === 2) define(key, structuredClone(other?.parent[other.key]));
  else if (!Array.isArray(parent)) define(value % 2 === 0 ? '__proto__' : 'more', { polluted: 1 });
}

function poke(bytes: Buffer, at: number, byte: number): Buffer {
  bytes[at] = byte;
  return bytes;
}

function put(bytes: Buffer, at: number, piece: Buffer): Buffer {
  bytes.set(piece.subarray(0, Math.max(0, bytes.length - at)), at);
  return bytes;
}

function splice(bytes: Buffer, at: number, remove: number, insert: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
}

function move(bytes: Buffer, at: number, from: number, align: number, length: number): Buffer {
  const source = (from % Math.max(1, bytes.length)) & -align;
  bytes.copyWithin(at & -align, source, source + length);
  return bytes;
}

/** In either byte order. */
function number(value: number, width: 2 | 4 | 8): Buffer {
  const bytes = Buffer.alloc(width);
  const evil = EVIL[(value >>> 1) % EVIL.length] ?? 0;
  if (width === 8) bytes.writeBigUInt64LE((BigInt(evil) ** 2n) & 0xffff_ffff_ffff_ffffn);
  else bytes.writeUIntLE(width === 2 ? evil & 0xffff : evil, 0, width);
  return value % 2 === 0 ? bytes : bytes.reverse();
}

function token(value: number): Buffer {
  return TOKENS[value % TOKENS.length] ?? Buffer.alloc(0);
}

function tail(corpus: readonly Buffer[], value: number): Buffer {
  const other = corpus[value % corpus.length] ?? Buffer.alloc(0);
  return other.subarray((value >>> 8) % Math.max(1, other.length));
}
