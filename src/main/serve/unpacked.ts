import { Unzstd } from '../engine/inspect/v1/unzstd.ts';
import { MAX_UNPACKING, PACKED_BYTES } from './limits.ts';
import type { ServedImage } from './served-image.ts';

/** What the files of an image unpack to, a few of them at a time. */
export class Unpacker {
  readonly #image: ServedImage;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(image: ServedImage) {
    this.#image = image;
  }

  /** Bytes that a file unpacks to; it is unpacked for that. */
  async measure(path: string): Promise<number> {
    let size = 0;
    for await (const piece of this.unpack(path)) size += piece.length;
    return size;
  }

  /** Pieces in their order; each is the caller's own. @throws where the file cannot be read or unpacked */
  async *unpack(path: string): AsyncGenerator<Buffer> {
    await this.#take();
    try {
      using decoder = new Unzstd(Number.MAX_SAFE_INTEGER);
      const size = this.#image.sizeOf(path);
      for (let offset = 0; offset < size; offset += PACKED_BYTES) {
        const packed = await this.#image.read(path, offset, Math.min(PACKED_BYTES, size - offset));
        for (const piece of decoder.push(packed)) yield Buffer.from(piece);
      }
      decoder.end();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #take(): Promise<void> {
    if (this.#running >= MAX_UNPACKING)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }
}
