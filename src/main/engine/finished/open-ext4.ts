import { BuilderError, builderError } from '../../../shared/errors.ts';
import { CACHE_LABEL } from '../../../shared/model/manifest.ts';
import { Ext4Reader, type Ext4Node } from '../ext4/reader/ext4-reader.ts';
import { LOST_AND_FOUND } from '../ext4/format/directory.ts';
import { sortInSteps } from '../sort.ts';
import { inTurns, Pace, turn } from '../event-loop.ts';
import { newRingMemory, WindowRing } from '../pool/window.ts';
import type { Extent, FilledWindow } from '../content/segments.ts';
import { readPositioned } from '../stream/positioned.ts';
import type { FillingReader } from '../content/random-reader.ts';
import { isZeros } from '../zeros.ts';
import type { FinishedOutput } from './finished-image.ts';
import { checkSignatures } from './signatures.ts';

/**
 * Opens an ext4 filesystem as a finished output; `close` is left to whoever opened `reader`.
 * @throws `verify-incomplete` where the superblock or the label is missing: that is how a stick looks
 * whose writing was cut short. `verify-not-an-image` where it is called something else. What is wrong with a filesystem that is there is told as it is.
 */
export async function openFinishedExt4(
  name: string,
  kind: 'img' | 'drive',
  reader: FillingReader,
  signal?: AbortSignal,
): Promise<FinishedOutput> {
  const ext4 = await Ext4Reader.open(reader, name).catch((error: unknown) => {
    if (!(error instanceof BuilderError) || error.code !== 'filesystem-absent') throw error;
    throw builderError('verify-incomplete', { target: name }, error);
  });
  if (ext4.label === '') throw builderError('verify-incomplete', { target: name });
  if (ext4.label !== CACHE_LABEL) throw builderError('verify-not-an-image', { target: name });
  await checkSignatures(reader, name);
  if (kind === 'img') await checkTail(reader, name, ext4.size, signal);
  const nodes = new Map<string, Ext4Node>();
  const files = new Map<string, number>();
  const folders = new Set<string>();
  const others: string[] = [];
  for await (const node of ext4.checkedWalk(signal)) {
    // What e2fsck saved there is served to nobody.
    if (node.path.startsWith(`${LOST_AND_FOUND}/`)) continue;
    if (node.kind === 'file') {
      nodes.set(node.path, node);
      files.set(node.path, node.size);
    } else if (node.kind === 'directory') folders.add(node.path);
    else others.push(node.path);
  }
  return {
    name,
    kind,
    files,
    folders,
    faults: [],
    others,
    async readMany(names, maxBytes) {
      const contents = new Map<string, Uint8Array>();
      for (const path of names) contents.set(path, await ext4.readFile(path, maxBytes));
      return contents;
    },
    stream: (paths, signal) => stream(ext4, nodes, reader, paths, signal),
    close: () => Promise.resolve(),
  };
}

const TAIL_READ_BYTES = 1024 * 1024;

/** A file that is copied to a stick brings along what stands behind the filesystem. */
async function checkTail(
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
        reason: 'something stands behind the filesystem',
      });
  }
}

/** Files in the order in which they stand on the medium; one with holes is read through the reader. */
async function* stream(
  ext4: Ext4Reader,
  nodes: ReadonlyMap<string, Ext4Node>,
  reader: FillingReader,
  paths: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  const pace = new Pace();
  const files: { readonly file: number; readonly node: Ext4Node }[] = [];
  for (const [file, path] of paths.entries()) {
    if (pace.isTurn) await turn(signal);
    const node = nodes.get(path);
    if (node !== undefined && node.size > 0) files.push({ file, node });
  }
  const byPlace = sortInSteps(files, (a, b) => (a.node.firstBlock ?? 0) - (b.node.firstBlock ?? 0));
  await inTurns(byPlace, signal);
  const whole: Extent[] = [];
  const holey: typeof files = [];
  for (const { file, node } of files) {
    if (pace.isTurn) await turn(signal);
    const extents = await extentsOf(ext4, file, node);
    if (extents === null) holey.push({ file, node });
    else whole.push(...extents);
  }
  yield* readPositioned(reader, whole, signal);
  const ring = new WindowRing(newRingMemory());
  for (const { file, node } of holey) {
    let from = 0;
    for await (const bytes of ext4.content(node)) {
      signal?.throwIfAborted();
      const index = await ring.take();
      const memory = ring.window(index);
      new Uint8Array(memory).set(bytes);
      const segments = [{ file, from, start: 0, length: bytes.length }];
      yield { memory, segments, release: () => ring.release(index) };
      from += bytes.length;
    }
  }
}

/** null for a file that does not wholly stand on the medium (holes, unwritten extents). */
async function extentsOf(ext4: Ext4Reader, file: number, node: Ext4Node): Promise<Extent[] | null> {
  const { blockSize } = ext4;
  if (node.contiguous && node.firstBlock !== null)
    return [{ file, from: 0, offset: node.firstBlock * blockSize, length: node.size }];
  const extents: Extent[] = [];
  let from = 0;
  for await (const { logical, physical, length, unwritten } of ext4.extents(node)) {
    if (unwritten || logical * blockSize !== from) return null;
    const bytes = Math.min(length * blockSize, node.size - from);
    extents.push({ file, from, offset: physical * blockSize, length: bytes });
    from += bytes;
  }
  return from === node.size ? extents : null;
}
