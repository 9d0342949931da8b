import { builderError } from '../../../../shared/errors.ts';
import { yieldToEventLoop } from '../../event-loop.ts';
import { blobPath, type BlobStore } from './blob-store.ts';
import { isCompressed, type Descriptor } from './documents.ts';
import type { FileTable } from './file-table.ts';
import type { Recipe, ResourceTable } from './resource-table.ts';
import { DatabaseFault } from './untrusted-database.ts';
import { unzstd, ZstdFault } from './unzstd.ts';

/** A million files with long paths take about 300 MiB; the table is held in memory. */
export const MAX_TABLE_BYTES = 1024 * 1024 * 1024;
/** Ten times what a vehicle's filesystem has. */
const MAX_TABLE_ROWS = 10_000_000;
/** A few milliseconds of work. */
const ROWS_PER_TURN = 2_000;

/** Opens the tables of an image, and says which blob a fault in one of them was found in. */
export class Tables {
  readonly #file: string;
  readonly #blobs: BlobStore;
  readonly #signal: AbortSignal | undefined;

  /** @param file input, for messages. */
  constructor(file: string, blobs: BlobStore, signal: AbortSignal | undefined) {
    this.#file = file;
    this.#blobs = blobs;
    this.#signal = signal;
  }

  /**
   * @throws `table-invalid`, `table-limit`, and what {@link BlobStore.read} throws.
   */
  async open<Table extends { rowCount(): number } & Disposable>(
    descriptor: Descriptor,
    Type: new (bytes: Uint8Array) => Table,
  ): Promise<Table> {
    const [stored = new Uint8Array(0)] = await this.#blobs.read(
      [descriptor],
      MAX_TABLE_BYTES,
      this.#signal,
    );
    return this.inTable(descriptor, () => {
      const bytes = isCompressed(descriptor) ? unzstd(stored, MAX_TABLE_BYTES) : stored;
      const table = new Type(bytes);
      // SQLite has its own copy. Two tables of a million rows would wait for the collector as 500 MB.
      giveBack(bytes);
      giveBack(stored);
      if (table.rowCount() <= MAX_TABLE_ROWS) return table;
      table[Symbol.dispose]();
      const name = blobPath(descriptor);
      throw builderError('table-limit', { file: this.#file, name, limit: MAX_TABLE_ROWS });
    });
  }

  /**
   * How to obtain each resource that the files of a payload consist of, from both of its tables.
   * @throws `table-invalid`, ResourceFault.
   */
  async *recipes(
    [fileTable, files]: readonly [Descriptor, FileTable],
    [resourceTable, resources]: readonly [Descriptor, ResourceTable],
  ): AsyncGenerator<Recipe> {
    const rows = files.resources();
    for (let row = 0; ; row++) {
      if (row % ROWS_PER_TURN === 0) await yieldToEventLoop(this.#signal);
      const next = this.inTable(fileTable, () => rows.next());
      if (next.done === true) return;
      yield this.inTable(resourceTable, () => resources.recipe(next.value));
    }
  }

  /** Runs something that may find a fault in the described table. @throws `table-invalid` */
  inTable<Result>(descriptor: Descriptor, use: () => Result): Result {
    try {
      return use();
    } catch (error) {
      if (!(error instanceof DatabaseFault || error instanceof ZstdFault)) throw error;
      const name = blobPath(descriptor);
      const { message: reason } = error;
      throw builderError('table-invalid', { file: this.#file, name, reason }, error);
    }
  }
}

/** Ends an array whose memory is not shared; one of a pool is left alone. */
function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (byteLength > 0 && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    buffer.transfer(0);
}
