/**
 * What `load` makes of each item, in their order, with up to `ahead` loads under way at once. Rejects with the
 * first failure in that order, when all that was begun has ended.
 */
export async function* readAhead<Item, Loaded>(
  items: Iterable<Item>,
  load: (item: Item) => Promise<Loaded>,
  ahead: number,
  signal?: AbortSignal,
): AsyncGenerator<Loaded> {
  const queue: Promise<Loaded>[] = [];
  try {
    for (const item of items) {
      signal?.throwIfAborted();
      const loading = load(item);
      // Awaited later; marked as handled so that Node does not exit.
      loading.catch(() => undefined);
      queue.push(loading);
      const head = queue.length >= ahead ? queue.shift() : undefined;
      if (head !== undefined) yield await head;
    }
    for (let head = queue.shift(); head !== undefined; head = queue.shift()) yield await head;
  } finally {
    await Promise.allSettled(queue);
  }
}
