import type { ContentDigest } from '../../content/digest.ts';
import type { BlobRef } from './blob-store.ts';
import type { Recipe } from './resource-table.ts';

/** A file of the output's data folder that clients ask for, and the blob that is its content. */
export interface StickFile {
  /** Name below data/. */
  readonly name: string;
  readonly blob: BlobRef;
  readonly contentDigest: ContentDigest;
}

/**
 * The files by which a client obtains a resource. It asks for blobs by their digest, except where a
 * whole blob is the compressed form of something: that one it asks for by the digest of what it
 * unpacks to, with `file_compression_alg=zstd`, which a cache stores as `<digest>.zst`.
 */
export function stickFiles(recipe: Recipe): readonly StickFile[] {
  switch (recipe.kind) {
    case 'stored':
      return [plainFile(recipe)];
    case 'joined':
      return recipe.slices.map(plainFile);
    case 'unpacked':
      return recipe.from.kind === 'joined'
        ? recipe.from.slices.map(plainFile)
        : [
            {
              name: `${recipe.digest}.zst`,
              blob: recipe.from,
              contentDigest: {
                sha256: recipe.digest,
                of: 'zstd',
                unpackedSize: recipe.size,
                storedSha256: recipe.from.digest,
              },
            },
          ];
    case 'part':
      return stickFiles(recipe.bundle);
  }
}

/** A blob under its own digest: also how everything that descriptors name is stored. */
export function plainFile({ digest, size }: BlobRef): StickFile {
  return { name: digest, blob: { digest, size }, contentDigest: { sha256: digest, of: 'plain' } };
}
