import { BuilderError, builderError } from '../../../shared/errors.ts';
import { CACHE_LABEL } from '../../../shared/model/manifest.ts';
import { Ext4Reader, type Ext4Node } from '../ext4/reader/ext4-reader.ts';
import { LOST_AND_FOUND } from '../ext4/format/directory.ts';
import { sortInSteps } from '../sort.ts';
import { runYielding, Pace, yieldToEventLoop } from '../event-loop.ts';
import { newRingMemory, WindowRing } from '../pool/window.ts';
import type { Extent, FilledWindow } from '../content/segments.ts';
import { readPositioned } from '../stream/positioned.ts';
import type { FillingReader } from '../content/random-reader.ts';
import { isWhole, type DataRun, type MemberLocation } from '../content/member-location.ts';
import { isZeros } from '../zeros.ts';
import { assertRange, toFinishedImage, type FinishedImage } from './finished-image.ts';
import { assertNoOtherSignature } from './signatures.ts';
import { ShardedMap } from '../sharded.ts';

/**
 * Opens an ext4 filesystem as a finished image. `close` leaves `reader` open: its opener closes it.
 * @throws `verify-incomplete` where the superblock or the label is missing: that is how a stick looks
 * whose writing was cut short. `verify-not-an-image` where it is called something else. Errors of a filesystem that is there pass unchanged.
 */
export async function openFinishedExt4(
  name: string,
  kind: 'img' | 'drive',
  reader: FillingReader,
  signal?: AbortSignal,
): Promise<FinishedImage> {
  const ext4 = await Ext4Reader.open(reader, name).catch((error: unknown) => {
    if (!(error instanceof BuilderError) || error.code !== 'filesystem-absent') throw error;
    throw builderError('verify-incomplete', { target: name }, error);
  });
  if (ext4.label === '') throw builderError('verify-incomplete', { target: name });
  if (ext4.label !== CACHE_LABEL) throw builderError('verify-not-an-image', { target: name });
  await assertNoOtherSignature(reader, name);
  if (kind === 'img') await assertZeroTail(reader, name, ext4.size, signal);
  const nodes = new ShardedMap<string, Ext4Node>();
  const files = new ShardedMap<string, number>();
  const folders = new Set<string>();
  const others: string[] = [];
  for await (const node of ext4.checkedWalk(signal)) {
    // No client reads what e2fsck saved there.
    if (node.path.startsWith(`${LOST_AND_FOUND}/`)) continue;
    if (node.kind === 'file') {
      nodes.set(node.path, node);
      files.set(node.path, node.size);
    } else if (node.kind === 'directory') folders.add(node.path);
    else others.push(node.path);
  }
  const runs = new RunsCache(ext4);
  return toFinishedImage({
    name,
    kind,
    files,
    folders,
    faults: [],
    others,
    async read(path, offset, length) {
      assertRange({ files }, path, { offset, length });
      const node = nodes.get(path);
      if (node === undefined) throw new RangeError(`no file ${path}`);
      return readRange(reader, await runs.of(node), offset, length);
    },
    async readMany(names, maxBytes) {
      const contents = new Map<string, Uint8Array>();
      for (const path of names) contents.set(path, await ext4.readFile(path, maxBytes));
      return contents;
    },
    windows: (paths, signal) => windows(ext4, nodes, reader, paths, signal),
    async locate(path) {
      const node = nodes.get(path);
      if (node === undefined) throw new RangeError(`no file ${path}`);
      return toLocation(await runsOf(ext4, node), node.size);
    },
    close: () => Promise.resolve(),
  });
}

/** Bytes of a file whose written runs these are; zeros elsewhere. */
async function readRange(
  reader: FillingReader,
  runs: readonly DataRun[],
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (const run of runs) {
    const start = Math.max(run.from, offset);
    const end = Math.min(run.from + run.length, offset + length);
    if (start < end)
      await reader.fill(
        run.offset + start - run.from,
        bytes.subarray(start - offset, end - offset),
      );
  }
  return bytes;
}

/** Files whose runs are remembered: more than clients read at once, in little memory. */
const REMEMBERED_FILES = 64;

/** Looks for the runs of one file at a time, since calls of {@link Ext4Reader} must not overlap. */
class RunsCache {
  readonly #ext4: Ext4Reader;
  readonly #found = new Map<number, Promise<readonly DataRun[]>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(ext4: Ext4Reader) {
    this.#ext4 = ext4;
  }

  of(node: Ext4Node): Promise<readonly DataRun[]> {
    let runs = this.#found.get(node.inode);
    if (runs === undefined) {
      runs = this.#last.then(() => runsOf(this.#ext4, node));
      this.#last = runs.catch(() => undefined);
      const [oldest] = this.#found.keys();
      if (oldest !== undefined && this.#found.size >= REMEMBERED_FILES) this.#found.delete(oldest);
      this.#found.set(node.inode, runs);
    }
    return runs;
  }
}

const TAIL_READ_BYTES = 1024 * 1024;

/** A file that is copied to a stick brings along what follows the filesystem. */
async function assertZeroTail(
  reader: FillingReader,
  target: string,
  end: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let at = end; at < reader.size; at += TAIL_READ_BYTES) {
    signal?.throwIfAborted();
    if (!isZeros(await reader.read(at, Math.min(TAIL_READ_BYTES, reader.size - at))))
      throw builderError('filesystem-damaged', {
        target,
        what: `byte ${at}`,
        reason: 'data behind the filesystem',
      });
  }
}

/** Files in the order in which they stand on the medium; one with holes is read through the reader. */
async function* windows(
  ext4: Ext4Reader,
  nodes: ReadonlyMap<string, Ext4Node>,
  reader: FillingReader,
  paths: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  const pace = new Pace();
  const files: { readonly fileIndex: number; readonly node: Ext4Node }[] = [];
  for (const [fileIndex, path] of paths.entries()) {
    if (pace.isDue) await yieldToEventLoop(signal);
    const node = nodes.get(path);
    if (node !== undefined && node.size > 0) files.push({ fileIndex, node });
  }
  const byPlace = sortInSteps(files, (a, b) => (a.node.firstBlock ?? 0) - (b.node.firstBlock ?? 0));
  await runYielding(byPlace, signal);
  const whole: Extent[] = [];
  const holey: typeof files = [];
  for (const { fileIndex, node } of files) {
    if (pace.isDue) await yieldToEventLoop(signal);
    const runs = await runsOf(ext4, node);
    if (!isWhole(runs, node.size)) holey.push({ fileIndex, node });
    // One by one: a call takes no more than some hundred thousand arguments.
    else for (const run of runs) whole.push({ fileIndex, ...run });
  }
  yield* readPositioned(reader, whole, signal);
  const ring = new WindowRing(newRingMemory());
  for (const { fileIndex, node } of holey) {
    let from = 0;
    for await (const bytes of ext4.content(node)) {
      signal?.throwIfAborted();
      const index = await ring.take();
      const memory = ring.window(index);
      new Uint8Array(memory).set(bytes);
      const segments = [{ fileIndex, from, start: 0, length: bytes.length }];
      yield { memory, segments, release: () => ring.release(index) };
      from += bytes.length;
    }
  }
}

/** Runs of a file that are written, in ascending order; what is between them reads as zeros. */
async function runsOf(ext4: Ext4Reader, node: Ext4Node): Promise<DataRun[]> {
  const { blockSize } = ext4;
  if (node.contiguous && node.firstBlock !== null)
    return [{ from: 0, offset: node.firstBlock * blockSize, length: node.size }];
  const runs: DataRun[] = [];
  for await (const { logical, physical, length, unwritten } of ext4.extents(node)) {
    const from = logical * blockSize;
    const bytes = Math.min(length * blockSize, node.size - from);
    if (unwritten || bytes <= 0) continue;
    const offset = physical * blockSize;
    const last = runs.at(-1);
    // An extent ends after 128 MiB, whether the next one follows on it or not.
    const goesOn =
      last !== undefined &&
      last.from + last.length === from &&
      last.offset + last.length === offset;
    if (goesOn) runs[runs.length - 1] = { ...last, length: last.length + bytes };
    else runs.push({ from, offset, length: bytes });
  }
  return runs;
}

/** Runs as a place: most files are one run from their first to their last byte. */
function toLocation(runs: readonly DataRun[], size: number): MemberLocation {
  const [first = { from: 0, offset: 0, length: 0 }] = runs;
  return first.from === 0 && first.length === size
    ? { kind: 'extent', offset: first.offset }
    : { kind: 'sparse', offset: first.offset, runs };
}
