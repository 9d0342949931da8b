import { createHash } from 'node:crypto';
import { builderError } from '../../../../shared/errors.ts';
import type { BlobReader } from './blob-reader.ts';
import type { BlobRef } from './blob-store.ts';
import { type Joined, type Recipe, type Stored, type Unpacked } from './resource-table.ts';
import { Unzstd, ZstdFault } from './unzstd.ts';

/** A bundle is held in memory while its parts are hashed; builders make them of 32 MiB. */
const MAX_BUNDLE_BYTES = 512 * 1024 * 1024;

/** Digests as text of one character a byte: there may be a million of them. */
interface Part {
  readonly digest: string;
  readonly offset: number;
  readonly size: number;
}

interface Bundle {
  readonly recipe: Stored | Joined | Unpacked;
  readonly parts: Part[];
}

/**
 * What neither the digest of a blob nor that of an unpacked blob proves: parts of bundles and files
 * that are joined from slices. Clients do not check a joined file, so a wrong one would be installed.
 */
export class RebuildCheck {
  readonly #bundles = new Map<string, Bundle>();
  readonly #joined = new Map<string, Joined | (Unpacked & { from: Joined })>();

  add(recipe: Recipe): void {
    if (recipe.kind === 'part') {
      const { bundle } = recipe;
      let known = this.#bundles.get(bundle.digest);
      if (known === undefined) {
        known = { recipe: bundle, parts: [] };
        this.#bundles.set(bundle.digest, known);
      }
      const digest = Buffer.from(recipe.digest, 'hex').toString('latin1');
      known.parts.push({ digest, offset: recipe.offset, size: recipe.size });
    } else if (recipe.kind === 'joined') this.#joined.set(recipe.digest, recipe);
    else if (recipe.kind === 'unpacked' && recipe.from.kind === 'joined')
      this.#joined.set(recipe.digest, { ...recipe, from: recipe.from });
  }

  /** Bytes that {@link run} will read. */
  get bytes(): number {
    const recipes = [
      ...this.#joined.values(),
      ...[...this.#bundles.values()].map(({ recipe }) => recipe),
    ];
    return recipes.flatMap(blobsOf).reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Puts every resource together and compares its digest. Memory: one bundle.
   * @param file input, for messages.
   * @param onRead called with bytes read since the last call.
   * @throws `resource-corrupt`, `archive-limit`.
   */
  async run(file: string, reader: BlobReader, onRead: (bytes: number) => void): Promise<void> {
    for (const recipe of this.#joined.values())
      await readChecked(file, reader, recipe, onRead, () => undefined);
    for (const { recipe, parts } of this.#bundles.values()) {
      const content = await loadBundle(file, reader, recipe, onRead);
      for (const { digest, offset, size } of parts) {
        const hash = createHash('sha256').update(content.subarray(offset, offset + size));
        if (hash.digest('binary') !== digest)
          throw corrupt(file, Buffer.from(digest, 'latin1').toString('hex'));
      }
    }
  }
}

async function loadBundle(
  file: string,
  reader: BlobReader,
  recipe: Stored | Joined | Unpacked,
  onRead: (bytes: number) => void,
): Promise<Uint8Array> {
  if (recipe.size > MAX_BUNDLE_BYTES)
    throw builderError('archive-limit', {
      file,
      what: 'bytes of a bundle',
      limit: MAX_BUNDLE_BYTES,
    });
  const content = Buffer.allocUnsafe(recipe.size);
  let filled = 0;
  await readChecked(file, reader, recipe, onRead, (piece) => {
    content.set(piece, filled);
    filled += piece.length;
  });
  return content;
}

/** Hands out the resource in pieces and checks its size and digest, and those of its zstd form. */
async function readChecked(
  file: string,
  reader: BlobReader,
  recipe: Stored | Joined | Unpacked,
  onRead: (bytes: number) => void,
  use: (piece: Uint8Array) => void,
): Promise<void> {
  const stored = recipe.kind === 'unpacked' ? recipe.from : recipe;
  const storedHash = createHash('sha256');
  const hash = recipe.kind === 'unpacked' ? createHash('sha256') : storedHash;
  const unzstd = recipe.kind === 'unpacked' ? new Unzstd(recipe.size) : null;
  let size = 0;
  try {
    for await (const piece of reader.read(blobsOf(recipe))) {
      storedHash.update(piece);
      for (const unpacked of unzstd?.push(piece) ?? [piece]) {
        if (unzstd !== null) hash.update(unpacked);
        size += unpacked.length;
        if (size > recipe.size) throw corrupt(file, recipe.digest);
        use(unpacked);
      }
      onRead(piece.length);
    }
    unzstd?.end();
  } catch (error) {
    if (error instanceof ZstdFault) throw corrupt(file, recipe.digest, error);
    throw error;
  }
  if (storedHash.digest('hex') !== stored.digest) throw corrupt(file, stored.digest);
  if (unzstd !== null && hash.digest('hex') !== recipe.digest) throw corrupt(file, recipe.digest);
  if (size !== recipe.size) throw corrupt(file, recipe.digest);
}

function blobsOf(recipe: Stored | Joined | Unpacked): readonly BlobRef[] {
  const stored = recipe.kind === 'unpacked' ? recipe.from : recipe;
  return stored.kind === 'joined' ? stored.slices : [stored];
}

function corrupt(file: string, resource: string, cause?: unknown): Error {
  return builderError('resource-corrupt', { file, resource }, cause);
}
