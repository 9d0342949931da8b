import type { FileHandle } from 'node:fs/promises';
import { open } from '../../../files/files.ts';
import { builderError } from '../../../../shared/errors.ts';
import { isPositioned } from '../../content/member-location.ts';
import type { ImageInput } from '../../archive/image-input.ts';
import { readMembers } from '../../stream/read-members.ts';
import { blobPath, type BlobRef } from './blob-store.ts';
import type { StickFile } from './stick-names.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;
/**
 * What is taken from a compressed input at once: it is decoded from its start each time. Builders make
 * slices of 48 MiB and bundles of 32 MiB; a blob that is larger than this is decoded for itself.
 */
const BATCH_BYTES = 256 * 1024 * 1024;

/** Where the rebuild check gets the contents of stored files from. */
export interface FileReader {
  /** Tells what will be read, in order; some of it may be left out. */
  expect?(files: readonly StickFile[]): void;
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
  /** What is still to be read from a compressed input, and what of it has been decoded already. */
  #expected: readonly BlobRef[] = [];
  #decoded: ReadonlyMap<string, Uint8Array> = new Map();

  constructor(input: ImageInput, signal?: AbortSignal) {
    this.#input = input;
    this.#signal = signal;
  }

  expect(files: readonly StickFile[]): void {
    this.#expected = files.map(({ blob }) => blob);
  }

  /** The blobs of the files must exist. */
  async *read(files: readonly StickFile[]): AsyncGenerator<Uint8Array> {
    const blobs = files.map(({ blob }) => blob);
    const { container } = this.#input;
    if (container === 'folder') for (const blob of blobs) yield* this.#readFile(blob);
    else if (isPositioned(container)) for (const blob of blobs) yield* this.#readExtent(blob);
    else yield* this.#readDecoded(blobs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }

  async *#readFile(blob: BlobRef): AsyncGenerator<Uint8Array> {
    const { location } = this.#member(blob);
    if (location.kind !== 'file') throw new Error('a folder has a file for each member');
    await using handle = await open(location.path, 'r');
    yield* this.#readFrom(handle, 0, blob.size);
  }

  async *#readExtent(blob: BlobRef): AsyncGenerator<Uint8Array> {
    const { location } = this.#member(blob);
    if (location.kind === 'sparse') {
      yield* this.#stream(blob);
      return;
    }
    if (location.kind !== 'extent') throw new Error('a file has an extent for each member');
    this.#handle ??= await open(this.#input.path, 'r');
    yield* this.#readFrom(this.#handle, location.offset, blob.size);
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
    for (const blob of blobs) {
      if (blob.size > BATCH_BYTES) {
        yield* this.#stream(blob);
        continue;
      }
      if (!this.#decoded.has(blobPath(blob))) await this.#decodeFrom(blob);
      const bytes = this.#decoded.get(blobPath(blob));
      if (bytes === undefined) throw new Error(`no content of ${blobPath(blob)}`);
      yield bytes;
    }
  }

  async *#stream(blob: BlobRef): AsyncGenerator<Uint8Array> {
    const { size, location } = this.#member(blob);
    const wanted = [{ fileIndex: 0, size, location }];
    for await (const window of readMembers(this.#input, wanted, this.#signal)) {
      for (const { start, length } of window.segments)
        yield new Uint8Array(window.memory, start, length);
      window.release();
    }
  }

  /** Decodes the input once for a blob and as many of the expected ones behind it as go into memory. */
  async #decodeFrom(blob: BlobRef): Promise<void> {
    const at = this.#expected.findIndex(({ digest }) => digest === blob.digest);
    const paths = new Set([blobPath(blob)]);
    let bytes = blob.size;
    let next = at + 1;
    for (; at !== -1 && next < this.#expected.length; next++) {
      const more = this.#expected[next];
      if (more === undefined || bytes + more.size > BATCH_BYTES) break;
      paths.add(blobPath(more));
      bytes += more.size;
    }
    this.#expected = this.#expected.slice(next);
    this.#decoded = new Map();
    this.#decoded = await this.#input.readMany([...paths], BATCH_BYTES, this.#signal);
  }

  #member(blob: BlobRef) {
    const member = this.#input.members.get(blobPath(blob));
    if (member === undefined) throw new Error(`no member ${blobPath(blob)}`);
    return member;
  }
}
