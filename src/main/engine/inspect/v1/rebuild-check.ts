import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FileReader } from './blob-reader.ts';
import type { Joined, Recipe, Stored, Unpacked } from './resource-table.ts';
import { stickFiles, type StickFile } from './stick-names.ts';
import { Unzstd, ZstdFault } from './unzstd.ts';

/** A bundle is held in memory while its parts are hashed; builders make them of 32 MiB. */
const MAX_BUNDLE_BYTES = 512 * 1024 * 1024;

/** Bytes of parts after which other work (a cancelled job) gets its turn. */
const BYTES_PER_TURN = 64 * 1024 * 1024;

type Whole = Stored | Joined | Unpacked;

/** There may be a million of them, so digests are text of one character a byte. */
interface Part {
  readonly digest: string;
  readonly offset: number;
  readonly size: number;
}

interface Bundle {
  readonly recipe: Whole;
  readonly parts: Part[];
}

/** A resource that does not come out as it should. */
export interface RebuildFault {
  /** Hex SHA-256 of it. */
  readonly resource: string;
  /** The limit in bytes, for a bundle that is too large to be checked. */
  readonly tooLarge: number | null;
}

export interface RebuildHooks {
  /** Bytes read since the last call. */
  readonly onRead?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** May throw to end the check. */
  readonly onFault: (fault: RebuildFault) => void;
}

/**
 * What neither the digest of a blob nor that of an unpacked blob proves: parts of bundles, and files
 * that are joined from slices. Clients do not check a joined file, so a wrong one would be installed.
 */
export class RebuildCheck {
  readonly #bundles = new Map<string, Bundle>();
  readonly #joined = new Map<string, Joined | Unpacked>();

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
    } else if (storedForm(recipe).kind === 'joined' && recipe.kind !== 'stored')
      this.#joined.set(recipe.digest, recipe);
  }

  /** Bytes that {@link run} will read. */
  get bytes(): number {
    return this.#files().reduce((sum, { blob }) => sum + blob.size, 0);
  }

  /** Puts every resource together and compares its digest. Memory: one bundle. */
  async run(reader: FileReader, hooks: RebuildHooks): Promise<void> {
    reader.expect?.(this.#files());
    for (const recipe of this.#joined.values())
      if (!(await isRight(reader, recipe, hooks, () => undefined)))
        hooks.onFault({ resource: recipe.digest, tooLarge: null });
    for (const { recipe, parts } of this.#bundles.values()) {
      const fault = (resource: string) => hooks.onFault({ resource, tooLarge: null });
      if (recipe.size > MAX_BUNDLE_BYTES) {
        hooks.onFault({ resource: recipe.digest, tooLarge: MAX_BUNDLE_BYTES });
        continue;
      }
      const content = Buffer.allocUnsafe(recipe.size);
      let filled = 0;
      const right = await isRight(reader, recipe, hooks, (piece) => {
        content.set(piece, filled);
        filled += piece.length;
      });
      if (!right) {
        fault(recipe.digest);
        continue;
      }
      let hashed = 0;
      for (const { digest, offset, size } of parts) {
        if (sha256Binary(content.subarray(offset, offset + size)) !== digest)
          fault(Buffer.from(digest, 'latin1').toString('hex'));
        // Parts may overlap, so there can be any amount of them.
        hashed += size;
        if (hashed < BYTES_PER_TURN) continue;
        hashed = 0;
        await setImmediate();
        hooks.signal?.throwIfAborted();
      }
    }
  }

  /** What {@link run} reads, in its order. */
  #files(): StickFile[] {
    const bundles = Array.from(this.#bundles.values(), ({ recipe }) => recipe);
    return [...this.#joined.values(), ...bundles].flatMap(stickFiles);
  }
}

/** Hands out a resource in pieces, never more than its size, and tells whether it is what it should be. */
async function isRight(
  reader: FileReader,
  recipe: Whole,
  { onRead }: RebuildHooks,
  use: (piece: Uint8Array) => void,
): Promise<boolean> {
  const stored = storedForm(recipe);
  using unzstd = recipe.kind === 'unpacked' ? new Unzstd(recipe.size) : null;
  const hash = createHash('sha256');
  // A blob that only lives on as what it unpacks to may be another encoding of the same.
  const storedHash = stored.kind === 'joined' && unzstd !== null ? createHash('sha256') : null;
  let size = 0;
  try {
    for await (const piece of reader.read(stickFiles(recipe))) {
      storedHash?.update(piece);
      for (const unpacked of unzstd?.push(piece) ?? [piece]) {
        size += unpacked.length;
        if (size > recipe.size) return false;
        hash.update(unpacked);
        use(unpacked);
      }
      onRead?.(piece.length);
    }
    unzstd?.end();
  } catch (error) {
    if (error instanceof ZstdFault) return false;
    throw error;
  }
  if (storedHash !== null && storedHash.digest('hex') !== stored.digest) return false;
  return hash.digest('hex') === recipe.digest;
}

function storedForm(recipe: Whole): Stored | Joined {
  return recipe.kind === 'unpacked' ? recipe.from : recipe;
}

function sha256Binary(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('binary');
}
