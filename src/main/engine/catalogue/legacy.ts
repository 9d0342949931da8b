import { builderError } from '../../../shared/errors.ts';
import { METADATA_JWT, readClaims } from '../inspect/legacy/claims.ts';
import { MAX_JWT_BYTES, parseJwt } from '../inspect/legacy/jwt.ts';
import {
  LINES_PER_YIELD,
  MAX_TABLE_BYTES,
  parseRegular,
  tableLines,
} from '../inspect/legacy/tables.ts';
import { yieldToEventLoop } from '../event-loop.ts';
import { NameTable } from './name-table.ts';
import {
  plainFile,
  type CataloguedFiles,
  type NameCatalogue,
  type ServedFile,
} from './served-file.ts';

const ZSTD_NAME = /^([0-9a-f]{64})\.zst$/;

/**
 * What a client of a legacy image asks for: the metafiles by their names, files by their paths below the folder
 * of the claim `rootfs_directory`, compressed ones by their hashes below that of `compressed_rootfs_directory`.
 * @throws `metadata-invalid`, `line-invalid`, and what reading the claims finds.
 */
export async function catalogueLegacy(
  image: CataloguedFiles,
  index: number,
  signal?: AbortSignal,
): Promise<NameCatalogue> {
  const { name: file, files } = image;
  const folder = `meta/${index}/`;
  const read = async (path: string, maxBytes: number) => {
    if (!files.has(path)) throw builderError('metafile-missing', { file, name: path });
    return (await image.readMany([path], maxBytes)).get(path) ?? new Uint8Array(0);
  };
  const jwt = parseJwt(await read(folder + METADATA_JWT, MAX_JWT_BYTES));
  if (jwt === null)
    throw builderError('metadata-invalid', { file, reason: 'metadata.jwt: no JWT' });
  const { rootfs, compressed, regulars } = readClaims(file, jwt);
  const names = new NameTable();
  for (const { text, number } of tableLines(await read(folder + regulars.name, MAX_TABLE_BYTES))) {
    if (number % LINES_PER_YIELD === 0) await yieldToEventLoop(signal);
    const line = parseRegular(text);
    if (line === null)
      throw builderError('line-invalid', { file, name: regulars.name, line: number });
    names.set(line.path, line);
  }
  return {
    find(name) {
      const metafile = files.get(folder + name);
      if (metafile !== undefined) return plainFile(folder + name, metafile, null);
      const packed = compressed === null ? null : below(compressed, name);
      const [, hash] = packed === null ? [] : (ZSTD_NAME.exec(packed.slice(1)) ?? []);
      if (hash !== undefined) return packedFile(files, hash);
      const path = below(rootfs, name);
      const blob = path === null ? null : names.get(path);
      return blob === null ? null : unpackedFile(files, blob.sha256, blob.size);
    },
  };
}

/** What follows a folder in a name, with its slash; null for what is not below it. */
function below(folder: string, name: string): string | null {
  return name.startsWith(`${folder}/`) ? name.slice(folder.length) : null;
}

function packedFile(files: ReadonlyMap<string, number>, sha256: string): ServedFile | null {
  const path = `data/${sha256}.zst`;
  const size = files.get(path);
  if (size === undefined) return null;
  return plainFile(path, size, `file_sha256=${sha256},file_compression_alg=zst`);
}

/** The content itself: as it is stored, or else unpacked, as a Jetson's nv_tegra_release must come. */
function unpackedFile(
  files: ReadonlyMap<string, number>,
  sha256: string,
  size: number | null,
): ServedFile | null {
  const cacheControl = `file_sha256=${sha256}`;
  const stored = files.get(`data/${sha256}`);
  if (stored !== undefined) return plainFile(`data/${sha256}`, stored, cacheControl);
  const packed = `data/${sha256}.zst`;
  return files.has(packed) ? { path: packed, size, unpack: true, cacheControl } : null;
}
