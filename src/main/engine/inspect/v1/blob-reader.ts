import { open, type FileHandle } from 'node:fs/promises';
import { builderError } from '../../../../shared/errors.ts';
import type { ImageInput } from '../../archive/image-input.ts';
import { blobPath, type BlobRef } from './blob-store.ts';
import type { StickFile } from './stick-names.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;
/** What is taken from a compressed input at once: it is decoded from its start each time. */
const BATCH_BYTES = 256 * 1024 * 1024;

/** Where the rebuild check gets the contents of stored files from. */
export interface FileReader {
  /**
   * Contents of the files, one after another in pieces. The pieces' memory is reused: use each
   * before taking the next.
   */
  read(files: readonly StickFile[]): AsyncIterable<Uint8Array>;
}

/** Streams contents of blobs, whatever container they stand in. */
export class BlobReader implements FileReader, AsyncDisposable {
  readonly #input: ImageInput;
  readonly #signal: AbortSignal | undefined;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #handle: FileHandle | null = null;

  constructor(input: ImageInput, signal?: AbortSignal) {
    this.#input = input;
    this.#signal = signal;
  }

  /** The blobs of the files must exist. */
  async *read(files: readonly StickFile[]): AsyncGenerator<Uint8Array> {
    const blobs = files.map(({ blob }) => blob);
    const { container } = this.#input;
    if (container === 'folder') for (const blob of blobs) yield* this.#readFile(blob);
    else if (container === 'tar' || container === 'zip')
      for (const blob of blobs) yield* this.#readExtent(blob);
    else yield* this.#readDecoded(blobs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }

  async *#readFile(blob: BlobRef): AsyncGenerator<Uint8Array> {
    const { place } = this.#member(blob);
    if (place.kind !== 'file') throw new Error('a folder has a file for each member');
    await using handle = await open(place.path, 'r');
    yield* this.#readFrom(handle, 0, blob.size);
  }

  async *#readExtent(blob: BlobRef): AsyncGenerator<Uint8Array> {
    const { place } = this.#member(blob);
    if (place.kind !== 'extent') throw new Error('a file has an extent for each member');
    this.#handle ??= await open(this.#input.path, 'r');
    yield* this.#readFrom(this.#handle, place.offset, blob.size);
  }

  async *#readFrom(handle: FileHandle, offset: number, size: number): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < size;) {
      this.#signal?.throwIfAborted();
      const length = Math.min(this.#chunk.length, size - done);
      const { bytesRead } = await handle.read(this.#chunk, 0, length, offset + done);
      if (bytesRead === 0) throw builderError('input-changed', { file: this.#input.path });
      done += bytesRead;
      yield this.#chunk.subarray(0, bytesRead);
    }
  }

  async *#readDecoded(blobs: readonly BlobRef[]): AsyncGenerator<Uint8Array> {
    for (const batch of inBatches(blobs)) {
      const paths = new Set(batch.map(blobPath));
      const contents = await this.#input.readMany([...paths], Infinity, this.#signal);
      for (const blob of batch) {
        const bytes = contents.get(blobPath(blob));
        if (bytes === undefined) throw new Error(`no content of ${blobPath(blob)}`);
        yield bytes;
      }
    }
  }

  #member(blob: BlobRef) {
    const member = this.#input.members.get(blobPath(blob));
    if (member === undefined) throw new Error(`no member ${blobPath(blob)}`);
    return member;
  }
}

function* inBatches(blobs: readonly BlobRef[]): Generator<BlobRef[]> {
  let batch: BlobRef[] = [];
  let bytes = 0;
  for (const blob of blobs) {
    if (batch.length > 0 && bytes + blob.size > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(blob);
    bytes += blob.size;
  }
  if (batch.length > 0) yield batch;
}
