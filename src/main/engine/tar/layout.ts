import { Header, Pax, type HeaderData } from 'tar';
import type { BuildPlan } from '../plan/build-plan.ts';
import type { Layout, Piece } from '../layout/layout.ts';

const BLOCK = 512;

/** GNU tar reads and writes in records of 20 blocks; archives end on one. */
const RECORD = 20 * BLOCK;

/**
 * Lays the plan out as an uncompressed tar archive: `./`, `./manifest.json`, `./data/…`, `./meta/…`;
 * files 0644, folders 0755, owner 0:0, one time. The same plan always gives the same bytes.
 */
export function layoutTar(plan: Pick<BuildPlan, 'directories' | 'files' | 'timestamp'>): Layout {
  let size = 0;
  for (const piece of pieces(plan)) size = piece.offset + pieceLength(piece);
  return { size, wipe: [], pieces: () => pieces(plan), commit: null };
}

function pieceLength(piece: Piece): number {
  return piece.kind === 'bytes' ? piece.bytes.length : piece.length;
}

function* pieces({
  directories,
  files,
  timestamp,
}: Pick<BuildPlan, 'directories' | 'files' | 'timestamp'>): Generator<Piece> {
  const mtime = new Date(timestamp * 1000);
  let offset = 0;
  const header = function* (
    path: string,
    size: number,
    type: 'File' | 'Directory',
  ): Generator<Piece> {
    const bytes = encodeHeader(path, size, type, mtime);
    yield { kind: 'bytes', offset, bytes };
    offset += bytes.length;
  };
  yield* header('./', 0, 'Directory');
  const made = new Set<string>();
  for (const [file, { path, size }] of files.entries()) {
    // Each folder stands right before the first file in it.
    for (const directory of directories)
      if (!made.has(directory) && path.startsWith(`${directory}/`)) {
        made.add(directory);
        yield* header(`./${directory}/`, 0, 'Directory');
      }
    yield* header(`./${path}`, size, 'File');
    if (size === 0) continue;
    yield { kind: 'file', offset, length: size, file, from: 0 };
    offset += size;
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (padding > 0) yield { kind: 'zeros', offset, length: padding };
    offset += padding;
  }
  for (const directory of directories)
    if (!made.has(directory)) yield* header(`./${directory}/`, 0, 'Directory');
  const end = Math.ceil((offset + 2 * BLOCK) / RECORD) * RECORD;
  yield { kind: 'zeros', offset, length: end - offset };
}

function encodeHeader(
  path: string,
  size: number,
  type: 'File' | 'Directory',
  mtime: Date,
): Uint8Array {
  const fields: HeaderData = {
    path,
    size,
    type,
    mtime,
    mode: type === 'Directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    linkpath: '',
    devmaj: 0,
    devmin: 0,
  };
  // From the pool: a small allocation of its own for each of 300,000 headers would fragment memory.
  const block = Buffer.allocUnsafe(BLOCK).fill(0);
  const needsPax = new Header(fields).encode(block);
  // What the old fields cannot hold (long names, sizes from 8 GiB on) stands in a pax header.
  return needsPax ? Buffer.concat([new Pax({ path, size, mtime }).encode(), block]) : block;
}
