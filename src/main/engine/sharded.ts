/**
 * Tables of hundreds of thousands of keys. A `Map` that is full is made anew at twice its size in one go, which
 * keeps the thread for a tenth of a second at that number; of many small ones each grows by itself.
 */
const SHARDS = 256;

type Key = string | number;

/** Which shard a key belongs to. Of a name a few characters will do: those of blobs are digests. */
function shardOf(key: Key): number {
  if (typeof key === 'number') return key % SHARDS;
  let hash = key.length;
  // The last ones may be an ending that all have, the first ones a folder.
  for (let at = Math.max(0, key.length - 14); at < key.length; at += 2)
    hash = Math.imul(hash, 31) + key.charCodeAt(at);
  return (hash ^ (hash >>> 8)) & (SHARDS - 1);
}

/** A map in the order in which keys came first. */
export class ShardedMap<K extends Key, V> implements ReadonlyMap<K, V> {
  readonly #shards: (Map<K, V> | undefined)[] = [];
  readonly #keys: K[] = [];
  /** Of the keys those that were taken out, and may come again. */
  readonly #gone = new Set<K>();

  get size(): number {
    return this.#keys.length - this.#gone.size;
  }

  /** Keys of the shard that has most: what is made anew at once. */
  get largestShard(): number {
    return this.#shards.reduce((most, shard) => Math.max(most, shard?.size ?? 0), 0);
  }

  set(key: K, value: V): void {
    const shard = (this.#shards[shardOf(key)] ??= new Map<K, V>());
    const before = shard.size;
    shard.set(key, value);
    if (shard.size > before && !this.#gone.delete(key)) this.#keys.push(key);
  }

  delete(key: K): void {
    if (this.#shards[shardOf(key)]?.delete(key) === true) this.#gone.add(key);
  }

  get(key: K): V | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  has(key: K): boolean {
    return this.#shards[shardOf(key)]?.has(key) === true;
  }

  *keys(): MapIterator<K> {
    for (const key of this.#keys) if (!this.#gone.has(key)) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this) yield value;
  }

  entries(): MapIterator<[K, V]> {
    return this[Symbol.iterator]();
  }

  *[Symbol.iterator](): MapIterator<[K, V]> {
    for (const key of this.keys()) yield [key, this.get(key) as V];
  }

  forEach(call: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) call(value, key, this);
  }
}

/** A set that only says what it has. */
export class ShardedSet<K extends Key> {
  readonly #shards: (Set<K> | undefined)[] = [];

  /** @returns false where it was there already. */
  add(key: K): boolean {
    const shard = (this.#shards[shardOf(key)] ??= new Set<K>());
    const before = shard.size;
    return shard.add(key).size > before;
  }
}
