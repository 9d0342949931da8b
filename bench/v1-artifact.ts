import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issue, LEAF_EXTENSIONS } from '../test/support/pki.ts';
import { makeImage, packImage, type ResourceWriter } from '../test/support/v1-image.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** What ota-image-builder 0.4 cuts large files into. */
const SLICE_BYTES = 48 * MIB;
const BUNDLE_FILES = 4000;

/**
 * Path of a generated OTA image v1, made when it is not there yet; the same size always has the same
 * files. Its mixture follows ota-image-builder's rules: small files in compressed bundles, the rest
 * compressed where that helps, large files in slices.
 * @param bytes of the artifact, about; at least 256 MiB.
 */
export function v1Artifact(folder: string, bytes: number): string {
  const path = join(folder, `v1-${Math.round(bytes / MIB)}MiB.zip`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const keys = mkdtempSync(join(folder, 'keys-'));
  try {
    const root = issue(keys, { subject: '/CN=root' });
    const leaf = issue(keys, { subject: '/CN=bench', issuer: root, extensions: LEAF_EXTENSIONS });
    const contents = new Contents(bytes);
    const image = makeImage({
      payloads: [{ ecuId: 'bench', files: contents.files }],
      chain: [leaf],
      store: (resources) => contents.store(resources),
    });
    writeFileSync(`${path}.partial`, packImage(image));
    renameSync(`${path}.partial`, path);
  } finally {
    rmSync(keys, { recursive: true });
  }
  return path;
}

class Contents {
  readonly files: Record<string, Buffer> = {};
  readonly #random = generator(20_260_101);
  readonly #noise: Buffer;
  readonly #bytes: number;
  #count = 0;
  readonly #small: Buffer[] = [];
  readonly #plain: Buffer[] = [];
  readonly #packed: Buffer[] = [];
  readonly #large: Buffer[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#noise = Buffer.alloc(8 * MIB);
    for (let at = 0; at < this.#noise.length; at += 4)
      this.#noise.writeUInt32LE(Math.floor(this.#random() * 2 ** 32), at);
    this.#make();
  }

  store(resources: ResourceWriter): void {
    for (let i = 0; i < this.#small.length; i += BUNDLE_FILES)
      resources.bundled(this.#small.slice(i, i + BUNDLE_FILES), (b) => resources.compressed(b));
    for (const content of this.#plain) resources.plain(content);
    for (const content of this.#packed) resources.compressed(content);
    for (const content of this.#large) resources.sliced(content, SLICE_BYTES);
  }

  /** Shares of the artifact's bytes: 40 % plain, 35 % compressed, 20 % sliced, the rest bundles. */
  #make(): void {
    for (let i = 0; i < 20_000; i++)
      this.#add(this.#small, 65 + Math.floor(this.#random() ** 2 * 8000), true);
    this.#fill(this.#plain, 0.4 * this.#bytes, false);
    // It compresses to about half.
    this.#fill(this.#packed, 2 * 0.35 * this.#bytes, true);
    for (let size = 0; size < 0.2 * this.#bytes; size += 100 * MIB)
      this.#add(this.#large, 100 * MIB, false);
  }

  #fill(list: Buffer[], bytes: number, compressible: boolean): void {
    for (let done = 0; done < bytes;) {
      const size = 8 * KIB + Math.floor(this.#random() ** 6 * 40 * MIB);
      this.#add(list, size, compressible);
      done += size;
    }
  }

  #add(list: Buffer[], size: number, compressible: boolean): void {
    const content = Buffer.alloc(size);
    const step = compressible ? 2 * KIB : 64 * KIB;
    for (let at = 0; at < size; at += step) {
      const from = Math.floor(this.#random() * (this.#noise.length - step));
      const length = Math.min(compressible ? KIB : step, size - at);
      this.#noise.copy(content, at, from, from + length);
    }
    content.writeUInt32LE(list.length, 0);
    list.push(content);
    this.files[`/${this.#count++}`] = content;
  }
}

/** Mulberry32: small, fast, the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
