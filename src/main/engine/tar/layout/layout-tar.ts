import { atOnce, STEP_ITEMS, type Steps } from '../../event-loop.ts';
import type { Layout, Piece } from '../../layout/layout.ts';
import { BLOCK } from '../format/header.ts';
import { HeaderEncoder } from './header-encoder.ts';

/** GNU tar reads and writes in records of 20 blocks; archives end on one. */
const RECORD = 20 * BLOCK;

/** What an archive holds; a build plan has it all. */
interface TarPlan {
  /** Unix seconds: the modification time of every file and folder. */
  readonly timestamp: number;
  /** Parents before children, without the root. */
  readonly directories: readonly string[];
  /** In the order in which their bytes are written; sizes in bytes. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** One member of the archive: a folder, or the plan's file of that number. */
type Entry =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly size: number;
      readonly fileIndex: number;
    };

/**
 * Lays the plan out as an uncompressed tar archive: `./`, `./manifest.json`, `./data/…`, `./meta/…`;
 * files 0644, folders 0755, owner 0:0, one time. The same plan always gives the same bytes.
 */
export function layoutTar(plan: TarPlan): Layout {
  return atOnce(layoutTarSteps(plan));
}

/** {@link layoutTar}, in steps. */
export function* layoutTarSteps(plan: TarPlan): Steps<Layout> {
  const headers = new HeaderEncoder(new Date(plan.timestamp * 1000));
  let end = 0;
  let members = 0;
  for (const entry of entries(plan)) {
    end +=
      entry.kind === 'folder'
        ? headers.folder(entry.path).length
        : headers.fileHeaderBytes(entry.path, entry.size) + padded(entry.size);
    if (++members % STEP_ITEMS === 0) yield;
  }
  const size = Math.ceil((end + 2 * BLOCK) / RECORD) * RECORD;
  return {
    size,
    bytesWritten: size,
    wipe: [],
    signature: null,
    pieces: () => pieces(plan, headers),
    independent: null,
    // The end-of-archive mark: an archive without it is known to be cut off.
    commit: { offset: end, bytes: new Uint8Array(size - end) },
  };
}

function* pieces(plan: TarPlan, headers: HeaderEncoder): Generator<Piece> {
  let offset = 0;
  for (const entry of entries(plan)) {
    const bytes =
      entry.kind === 'folder' ? headers.folder(entry.path) : headers.file(entry.path, entry.size);
    yield { kind: 'bytes', offset, bytes };
    offset += bytes.length;
    if (entry.kind === 'folder' || entry.size === 0) continue;
    yield { kind: 'file', offset, length: entry.size, fileIndex: entry.fileIndex, from: 0 };
    offset += entry.size;
    const padding = padded(entry.size) - entry.size;
    if (padding > 0) yield { kind: 'zeros', offset, length: padding };
    offset += padding;
  }
}

/** The members in their order; each folder comes right before the first file in it. */
function* entries({ directories, files }: TarPlan): Generator<Entry> {
  yield { kind: 'folder', path: './' };
  let missing = directories.map((directory) => `${directory}/`);
  for (const [fileIndex, { path, size }] of files.entries()) {
    if (missing.some((directory) => path.startsWith(directory))) {
      for (const directory of missing)
        if (path.startsWith(directory)) yield { kind: 'folder', path: `./${directory}` };
      missing = missing.filter((directory) => !path.startsWith(directory));
    }
    yield { kind: 'file', path: `./${path}`, size, fileIndex };
  }
  for (const directory of missing) yield { kind: 'folder', path: `./${directory}` };
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
