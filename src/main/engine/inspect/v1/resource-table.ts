import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import type { BlobRef } from './blob-store.ts';
import { FilterFault, parseFilter, type Filter } from './filter.ts';
import { DatabaseFault, guarded, UntrustedDatabase } from './untrusted-database.ts';

/** How a client obtains a resource: the trees that it understands, by construction without cycles. */
export type Recipe = Stored | Joined | Unpacked | BundlePart;

/** The blob is the resource. */
export interface Stored extends BlobRef {
  readonly kind: 'stored';
}

/** The blobs one after another are the resource. */
export interface Joined extends BlobRef {
  readonly kind: 'joined';
  readonly slices: readonly BlobRef[];
}

/** zstd of the resource. */
export interface Unpacked extends BlobRef {
  readonly kind: 'unpacked';
  readonly from: Stored | Joined;
}

/** A part of another resource. */
export interface BundlePart extends BlobRef {
  readonly kind: 'part';
  readonly bundle: Stored | Joined | Unpacked;
  /** Bytes from the bundle's start. */
  readonly offset: number;
}

/**
 * `invalid`: the tables contradict each other. `outside`: it leads to what is not there. `filter`: not
 * in a form that clients understand. `nested`: made from itself, or from more parts than they follow.
 */
type FaultKind = 'invalid' | 'outside' | 'filter' | 'nested';

/** Something is wrong with one resource of the tables. */
export class ResourceFault extends Error {
  /** Hex SHA-256 of it. */
  readonly resource: string;
  readonly kind: FaultKind;

  constructor(resource: string, kind: FaultKind, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.resource = resource;
    this.kind = kind;
  }
}

interface Row extends BlobRef {
  readonly filter: Filter | null;
}

/** Names of few resources repeat (bundles), so their recipes are kept; a bound for hostile tables. */
const MAX_KEPT_BUNDLES = 10_000;
/**
 * Slices of all resources of an image. At the builder's 48 MiB they hold 45 TiB; a filter of 1 MiB
 * can name a million, so without a bound a small table would fill the memory.
 */
const MAX_SLICES = 1_000_000;

/**
 * The resource table of an image: which resources there are and how each is made from blobs.
 */
export class ResourceTable implements Disposable {
  readonly #database: UntrustedDatabase;
  readonly #byDigest: StatementSync;
  readonly #byId: StatementSync;
  readonly #bundles = new Map<bigint, Stored | Joined | Unpacked>();
  #slices = 0;

  /**
   * @param bytes the SQLite file, whose digest has been checked.
   * @throws DatabaseFault
   */
  constructor(bytes: Uint8Array) {
    this.#database = new UntrustedDatabase(bytes, {
      // Without these two indexes every look-up would read the whole table.
      rs_manifest: ['resource_id INTEGER PRIMARY KEY', 'digest BLOB NOT NULL UNIQUE'],
    });
    const select = 'SELECT digest, size, filter_applied FROM rs_manifest WHERE';
    this.#byDigest = this.#database.prepare(`${select} digest = ?`);
    this.#byId = this.#database.prepare(`${select} resource_id = ?`);
  }

  rowCount(): number {
    return Number(this.#database.integer('SELECT count(*) FROM rs_manifest'));
  }

  /**
   * How to obtain a resource of a file table.
   * @throws ResourceFault where the table lacks it, contradicts it, or describes it in a way that
   * clients do not understand; DatabaseFault for values of wrong types.
   */
  recipe(resource: BlobRef): Recipe {
    const row = toRow(guarded(() => this.#byDigest.get(Buffer.from(resource.digest, 'hex'))));
    if (row === null)
      throw new ResourceFault(resource.digest, 'outside', 'not in the resource table');
    if (row.size !== resource.size)
      throw new ResourceFault(resource.digest, 'invalid', 'the two tables tell different sizes');
    return row.filter?.kind === 'bundle' ? this.#part(row, row.filter) : this.#whole(row);
  }

  /**
   * The resources whose compressed form is one blob, each with the digest of that blob. Rows that clients do not
   * understand are passed over: what a payload needs was checked by {@link recipe}.
   * @throws DatabaseFault
   */
  *compressedForms(): Generator<{ readonly digest: string; readonly compressed: string }> {
    const sql =
      'SELECT digest, size, filter_applied FROM rs_manifest WHERE filter_applied NOT NULL';
    for (const columns of this.#database.rows(sql)) {
      try {
        const row = toRow(columns);
        if (row?.filter?.kind !== 'compressed') continue;
        const target = this.#target(row, row.filter.target);
        if (target.filter === null) yield { digest: row.digest, compressed: target.digest };
      } catch (error) {
        if (!(error instanceof ResourceFault)) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #part(row: Row, filter: Filter & { kind: 'bundle' }): BundlePart {
    const bundle = this.#bundle(row, filter.bundle);
    if (filter.length !== BigInt(row.size))
      throw new ResourceFault(row.digest, 'invalid', 'its part of the bundle has another size');
    if (filter.offset + filter.length > BigInt(bundle.size))
      throw new ResourceFault(row.digest, 'outside', 'it reaches beyond the end of its bundle');
    return { kind: 'part', ...ref(row), bundle, offset: Number(filter.offset) };
  }

  #bundle(part: Row, id: bigint): Stored | Joined | Unpacked {
    const known = this.#bundles.get(id);
    if (known !== undefined) return known;
    const bundle = this.#whole(this.#target(part, id));
    if (this.#bundles.size < MAX_KEPT_BUNDLES) this.#bundles.set(id, bundle);
    return bundle;
  }

  #whole(row: Row): Stored | Joined | Unpacked {
    switch (row.filter?.kind) {
      case undefined:
        return { kind: 'stored', ...ref(row) };
      case 'slices':
        return this.#joined(row, row.filter.slices);
      case 'compressed': {
        const target = this.#target(row, row.filter.target);
        if (target.filter === null)
          return { kind: 'unpacked', ...ref(row), from: { kind: 'stored', ...ref(target) } };
        if (target.filter.kind !== 'slices')
          throw new ResourceFault(
            row.digest,
            'nested',
            'its compressed form is made from others again',
          );
        const from = this.#joined(target, target.filter.slices);
        return { kind: 'unpacked', ...ref(row), from };
      }
      case 'bundle':
        throw new ResourceFault(row.digest, 'nested', 'a bundle within a bundle');
    }
  }

  #joined(row: Row, ids: readonly bigint[]): Joined {
    this.#slices += ids.length;
    if (this.#slices > MAX_SLICES) throw new DatabaseFault(`more than ${MAX_SLICES} slices`);
    const slices = ids.map((id) => {
      const slice = this.#target(row, id);
      // A slice made from others could be made from itself; clients take plain blobs only.
      if (slice.filter !== null)
        throw new ResourceFault(
          row.digest,
          'nested',
          'one of its slices is made from others again',
        );
      return ref(slice);
    });
    // The builder loses slices that repeat within a file, and clients join what is left.
    if (slices.reduce((sum, { size }) => sum + size, 0) !== row.size)
      throw new ResourceFault(row.digest, 'invalid', 'the sizes of its slices do not add up');
    return { kind: 'joined', ...ref(row), slices };
  }

  #target(row: Row, id: bigint): Row {
    // SQLite's integers are signed; no row has such an id.
    const target = id >= 1n << 63n ? null : toRow(guarded(() => this.#byId.get(id)));
    if (target === null)
      throw new ResourceFault(row.digest, 'outside', `resource ${id} of its filter does not exist`);
    return target;
  }
}

function ref({ digest, size }: BlobRef): BlobRef {
  return { digest, size };
}

function toRow(columns: Record<string, SQLOutputValue> | undefined): Row | null {
  if (columns === undefined) return null;
  const { digest: rawDigest, size: rawSize, filter_applied: filter } = columns;
  const digest = toDigest(rawDigest);
  const size = toSize(rawSize);
  if (filter === null) return { digest, size, filter };
  if (!(filter instanceof Uint8Array)) throw new DatabaseFault('a filter is no blob');
  try {
    return { digest, size, filter: parseFilter(filter) };
  } catch (error) {
    if (error instanceof FilterFault)
      throw new ResourceFault(digest, 'filter', error.message, error);
    throw error;
  }
}

/** @returns lower-case hex. @throws DatabaseFault */
export function toDigest(value: SQLOutputValue | undefined): string {
  if (!(value instanceof Uint8Array) || value.length !== 32)
    throw new DatabaseFault('a digest is not 32 bytes');
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex');
}

/** @throws DatabaseFault */
export function toSize(value: SQLOutputValue | undefined): number {
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new DatabaseFault('a size is no number of bytes');
  return Number(value);
}
