import { makeImage, packImage, seededBytes, type Compression } from './image-factory.ts';

const packed = new Map<string, Buffer>();

/**
 * An image of version 0, 1, …: one of ten files is another in each. The first file lies where sticks are wiped, and is
 * written always.
 */
export function versionImage(version: number, compression: Compression = 'none'): Buffer {
  const key = `${version} ${compression}`;
  const image = packed.get(key) ?? packVersion(version, compression);
  packed.set(key, image);
  return image;
}

function packVersion(version: number, compression: Compression): Buffer {
  const first = { path: '/first', content: seededBytes(1, 1_200_000) };
  const files = Array.from({ length: 60 }, (_, index) => {
    const isNew = index % 10 === version % 10;
    const seed = isNew ? 1000 * (version + 1) + index : index;
    const kind = index % 3 === 0 ? 'text' : 'noise';
    return { path: `/opt/file${index}`, content: seededBytes(seed, 90_000 + 7 * index, kind) };
  });
  return packImage(makeImage({ files: [first, ...files] }), { compression });
}
