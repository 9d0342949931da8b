import { viewOf } from './field.ts';

/** s_def_hash_version and dx_root_info.hash_version. The unsigned ones are 3 higher. */
export const HASH_LEGACY = 0;
export const HASH_HALF_MD4 = 1;
export const HASH_TEA = 2;
export const HASH_UNSIGNED = 3;
export const MAX_HASH_VERSION = HASH_TEA + HASH_UNSIGNED;

/** The kernel's end-of-directory mark; no name may hash to it. */
const END_OF_DIRECTORY = 0xfffffffe;

/** Start values of MD4, used when the superblock has no seed. */
const DEFAULT_SEED = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const;

export type HashSeed = readonly [number, number, number, number];

/** s_hash_seed as four numbers; all zero means the default. */
export function hashSeedOf(bytes: Uint8Array): HashSeed {
  const view = viewOf(bytes);
  const seed = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  if (seed.every((word) => word === 0)) return DEFAULT_SEED;
  const [a = 0, b = 0, c = 0, d = 0] = seed;
  return [a, b, c, d];
}

const words = new Int32Array(8);

/**
 * Fills `count` words with name bytes from `from`, padded with the name's length in every byte
 * (str2hashbuf). Bytes are added, not or-ed: a signed byte borrows from those above it.
 */
function fillWords(
  name: Uint8Array,
  from: number,
  length: number,
  count: number,
  signed: boolean,
): void {
  const left = length - from;
  let pad = left | (left << 8);
  pad |= pad << 16;
  const used = Math.min(left, count * 4);
  let word = 0;
  let value = pad;
  for (let i = 0; i < used; i++) {
    const byte = name[from + i] ?? 0;
    value = ((signed ? (byte << 24) >> 24 : byte) + (value << 8)) | 0;
    if (i % 4 === 3) {
      words[word++] = value;
      value = pad;
    }
  }
  if (word < count) words[word++] = value;
  while (word < count) words[word++] = pad;
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

const K2 = 0x5a827999;
const K3 = 0x6ed9eba1;
/** Order of the words in the second and third round. */
const ORDER_2 = [1, 3, 5, 7, 0, 2, 4, 6] as const;
const ORDER_3 = [3, 7, 2, 6, 1, 5, 0, 4] as const;
const SHIFTS_1 = [3, 7, 11, 19] as const;
const SHIFTS_2 = [3, 5, 9, 13] as const;
const SHIFTS_3 = [3, 9, 11, 15] as const;

/** Three rounds of eight steps of MD4 over the eight words; changes `state`. */
function halfMd4(state: Int32Array): void {
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  for (let step = 0; step < 8; step++) {
    const f = d ^ (b & (c ^ d));
    const next = rotate((a + f + (words[step] ?? 0)) | 0, SHIFTS_1[step & 3] ?? 0);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  for (let step = 0; step < 8; step++) {
    const f = ((b & c) + ((b ^ c) & d)) | 0;
    const word = words[ORDER_2[step] ?? 0] ?? 0;
    const next = rotate((a + f + word + K2) | 0, SHIFTS_2[step & 3] ?? 0);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  for (let step = 0; step < 8; step++) {
    const f = b ^ c ^ d;
    const word = words[ORDER_3[step] ?? 0] ?? 0;
    const next = rotate((a + f + word + K3) | 0, SHIFTS_3[step & 3] ?? 0);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
}

/** Sixteen rounds of TEA over the first four words; changes the first two of `state`. */
function tea(state: Int32Array): void {
  const [a = 0, b = 0, c = 0, d = 0] = words;
  let [x = 0, y = 0] = state;
  let sum = 0;
  for (let round = 0; round < 16; round++) {
    sum = (sum + 0x9e3779b9) | 0;
    x = (x + ((((y << 4) + a) | 0) ^ (y + sum) ^ (((y >>> 5) + b) | 0))) | 0;
    y = (y + ((((x << 4) + c) | 0) ^ (x + sum) ^ (((x >>> 5) + d) | 0))) | 0;
  }
  state[0] = (state[0] ?? 0) + x;
  state[1] = (state[1] ?? 0) + y;
}

/** The hash of the first indexed directories (dx_hack_hash). */
function legacy(name: Uint8Array, length: number, signed: boolean): number {
  let hash0 = 0x12a3fe2d;
  let hash1 = 0x37abe8f9;
  for (let i = 0; i < length; i++) {
    const byte = name[i] ?? 0;
    const char = signed ? (byte << 24) >> 24 : byte;
    let hash = (hash1 + (hash0 ^ Math.imul(char, 7152373))) >>> 0;
    if (hash & 0x80000000) hash = (hash - 0x7fffffff) >>> 0;
    hash1 = hash0;
    hash0 = hash;
  }
  return hash0 << 1;
}

const state = new Int32Array(4);

/**
 * The hash that orders names in an indexed directory (ext4fs_dirhash, major hash): 32 bits with the
 * lowest clear. `version` is 0…{@link MAX_HASH_VERSION}; the name is the first `length` bytes.
 */
export function directoryHash(
  name: Uint8Array,
  length: number,
  version: number,
  seed: HashSeed,
): number {
  const signed = version < HASH_UNSIGNED;
  const kind = signed ? version : version - HASH_UNSIGNED;
  let hash: number;
  if (kind === HASH_LEGACY) {
    hash = legacy(name, length, signed);
  } else {
    state.set(seed);
    const wordsAtOnce = kind === HASH_HALF_MD4 ? 8 : 4;
    for (let from = 0; from < length; from += wordsAtOnce * 4) {
      fillWords(name, from, length, wordsAtOnce, signed);
      if (kind === HASH_HALF_MD4) halfMd4(state);
      else tea(state);
    }
    hash = state[kind === HASH_HALF_MD4 ? 1 : 0] ?? 0;
  }
  const major = (hash & ~1) >>> 0;
  return major === END_OF_DIRECTORY ? END_OF_DIRECTORY - 2 : major;
}
