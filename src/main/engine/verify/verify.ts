import { builderError } from '../../../shared/errors.ts';
import type { CheckFault, CheckReport, OutputReport } from '../../../shared/model/job.ts';
import { ecuKey, isEcuId } from '../../../shared/model/ecu-id.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { ContentDigest } from '../content/digest.ts';
import { streamContents, type StreamHooks } from '../stream/stream-contents.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import { expectLegacy } from './legacy.ts';
import { MAX_FAULTS_KEPT } from '../finished/limits.ts';
import { ShardedMap } from '../sharded.ts';

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
  /** false: skips signatures, for an image built without checking them. Default: true. */
  readonly checkSignature?: boolean | undefined;
  readonly onProgress?: ((bytes: number, files: number) => void) | undefined;
  /**
   * Another digest of a file's content than its name tells: of bytes that were proved before, their own.
   * Default: none.
   */
  readonly digestOf?: ((path: string, contentDigest: ContentDigest) => ContentDigest) | undefined;
  /** Called once, when it is known how much there is to read. */
  readonly onTotal?: ((bytes: number, files: number) => void) | undefined;
  /** As in {@link streamContents}. */
  readonly pool?: StreamHooks['pool'];
}

/**
 * Proves a finished output from nothing but its own bytes and the format: every blob has the content
 * that its name promises, every metafile the hash that its metadata promises, every blob that an
 * image needs is there, and every figure of the manifest is right.
 *
 * Faults are data; only what keeps it from looking at all is thrown: `verify-not-an-image`,
 * unreadable input, `cancelled`.
 */
export async function verify(
  output: FinishedImage,
  options: VerifyOptions = {},
): Promise<CheckReport> {
  const { signal, checkSignature = true } = options;
  const faults = new Faults();
  output.faults.forEach((fault) => faults.add(fault));
  const { manifest } = output;
  validateManifest(output, faults);
  const blobs = new ShardedMap<string, ContentDigest>();
  const metafiles = new Set<string>();
  const pace = new Pace();
  for (const [index, image] of (manifest?.image_meta ?? []).entries()) {
    const wanted =
      image.image_format === 'ota-image-v1'
        ? await (await import('./v1.ts')).expectV1(output, index, image, { signal, checkSignature })
        : await expectLegacy(output, index, { signal, checkSignature });
    wanted.faults.forEach((fault) => faults.add(fault));
    await yieldToEventLoop(signal);
    for (const path of wanted.metafiles) metafiles.add(path);
    for (const [name, contentDigest] of wanted.blobs) {
      if (pace.isDue) await yieldToEventLoop(signal);
      blobs.set(name, contentDigest);
    }
  }
  await yieldToEventLoop(signal);
  for (const name of blobs.keys()) {
    if (pace.isDue) await yieldToEventLoop(signal);
    if (!output.files.has(`data/${name}`))
      faults.add({ kind: 'missing', path: `data/${name}`, detail: 'an image needs it' });
  }
  for (const path of output.files.keys()) {
    if (pace.isDue) await yieldToEventLoop(signal);
    const isBlob = path.startsWith('data/') && blobs.has(path.slice('data/'.length));
    if (path !== 'manifest.json' && !isBlob && !metafiles.has(path))
      faults.add({ kind: 'unexpected', path, detail: 'no image needs it' });
  }
  const folders = foldersOf(metafiles);
  for (const path of output.folders) {
    if (pace.isDue) await yieldToEventLoop(signal);
    if (!folders.has(path) && /^(data|meta)\//.test(path))
      faults.add({ kind: 'unexpected', path, detail: 'a folder of which no image has files' });
  }
  // The server would follow a symbolic link out of the stick.
  for (const path of output.others) {
    if (pace.isDue) await yieldToEventLoop(signal);
    faults.add({ kind: 'unexpected', path, detail: 'it is neither a file nor a folder' });
  }

  await yieldToEventLoop(signal);
  await proveData(output, blobs, faults, options);
  const found = await figuresOf(output, signal);
  if (manifest !== null) validateFigures(found, manifest, faults);
  return {
    target: output.name,
    kind: output.kind,
    complete: manifest !== null && faults.count === 0,
    manifest,
    files: output.files.size,
    bytes: found.bytes,
    faults: faults.kept,
    faultCount: faults.count,
  };
}

/**
 * What a finished output says of itself.
 * @throws `verify-not-an-image`, `verify-failed` where its manifest is missing or cannot be read.
 */
export async function summarizeFinished(output: FinishedImage): Promise<OutputReport> {
  const faults = new Faults();
  const { manifest } = output;
  validateManifest(output, faults);
  if (manifest === null)
    throw builderError('verify-failed', {
      target: output.name,
      faults: faults.count,
      first: faults.kept[0]?.path ?? '',
    });
  const { name: path, kind: container, files } = output;
  return {
    ...{ path, format: 'offline', container, manifest },
    ...{ files: files.size, bytes: (await figuresOf(output, undefined)).bytes },
  };
}

/** Looks at a manifest that is whole in itself. @throws `verify-not-an-image` */
function validateManifest({ name: target, files, manifest }: FinishedImage, faults: Faults): void {
  const path = 'manifest.json';
  if (!files.has(path)) {
    const isOurs = files.keys().some((name) => /^(data|meta)\//.test(name));
    if (!isOurs) throw builderError('verify-not-an-image', { target });
    faults.add({ kind: 'missing', path, detail: 'there is no manifest' });
    return;
  }
  if (manifest === null) faults.add({ kind: 'manifest', path, detail: 'it cannot be read' });
  if (manifest?.image_meta.length === 0)
    faults.add({ kind: 'manifest', path, detail: 'it names no image' });
  const taken = new Set<string>();
  // As a build has them: clients make names of files of them.
  for (const { ecu_id: ecuId } of manifest?.image_meta ?? []) {
    if (!isEcuId(ecuId))
      faults.add({ kind: 'manifest', path, detail: `no ECU ID: ${JSON.stringify(ecuId)}` });
    if (taken.has(ecuKey(ecuId)))
      faults.add({ kind: 'manifest', path, detail: `two images are for the ECU ${ecuId}` });
    taken.add(ecuKey(ecuId));
  }
}

/** Folders that belong there. Another one with the name of a blob would hide it from the server. */
function foldersOf(metafiles: ReadonlySet<string>): Set<string> {
  const folders = new Set(['data', 'meta']);
  for (const path of metafiles)
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1))
      folders.add(path.slice(0, at));
  return folders;
}

const BLOB_NAME = /^([0-9a-f]{64})(\.zst)?$/;

/** Hashes everything in data/, also what no image asks for: the server would hand it out. */
async function proveData(
  output: FinishedImage,
  wanted: ReadonlyMap<string, ContentDigest>,
  faults: Faults,
  { signal, onProgress, onTotal, digestOf, pool }: VerifyOptions,
): Promise<void> {
  const paths: string[] = [];
  const files: { size: number; contentDigest: ContentDigest }[] = [];
  let total = 0;
  const pace = new Pace();
  for (const [path, size] of output.files) {
    if (pace.isDue) await yieldToEventLoop(signal);
    const [, sha256, zst] = BLOB_NAME.exec(path.startsWith('data/') ? path.slice(5) : '') ?? [];
    if (sha256 === undefined) continue;
    paths.push(path);
    total += size;
    const own: ContentDigest = { sha256, of: zst === undefined ? 'plain' : 'zstd' };
    const contentDigest = wanted.get(path.slice(5)) ?? own;
    files.push({ size, contentDigest: digestOf?.(path, contentDigest) ?? contentDigest });
  }
  onTotal?.(total, files.length);
  let bytes = 0;
  let done = 0;
  await streamContents(files, [output.windows(paths, signal)], {
    signal,
    pool,
    onWrong({ fileIndex, reason }) {
      faults.add({ kind: 'corrupt', path: paths[fileIndex] ?? '', detail: reason });
    },
    onProgress(moreBytes, moreFiles) {
      bytes += moreBytes;
      done += moreFiles;
      onProgress?.(bytes, done);
    },
  });
}

/** Sizes in bytes. */
interface Figures {
  readonly bytes: number;
  readonly dataFiles: number;
  readonly dataBytes: number;
  readonly metaBytes: number;
}

async function figuresOf(
  { files }: FinishedImage,
  signal: AbortSignal | undefined,
): Promise<Figures> {
  const found = { bytes: 0, dataFiles: 0, dataBytes: 0, metaBytes: 0 };
  const pace = new Pace();
  for (const [path, size] of files) {
    if (pace.isDue) await yieldToEventLoop(signal);
    found.bytes += size;
    if (path.startsWith('meta/')) found.metaBytes += size;
    if (!path.startsWith('data/')) continue;
    found.dataBytes += size;
    found.dataFiles++;
  }
  return found;
}

function validateFigures(found: Figures, manifest: Manifest, faults: Faults): void {
  const figures = [
    ['data_size', manifest.data_size, found.dataBytes],
    ['data_files_num', manifest.data_files_num, found.dataFiles],
    ['meta_size', manifest.meta_size, found.metaBytes],
  ] as const;
  for (const [name, said, real] of figures)
    if (said !== real)
      faults.add({
        kind: 'manifest',
        path: 'manifest.json',
        detail: `${name} says ${said}, there are ${real}`,
      });
}

class Faults {
  readonly kept: CheckFault[] = [];
  count = 0;

  add(fault: CheckFault): void {
    this.count++;
    if (this.kept.length < MAX_FAULTS_KEPT) this.kept.push(fault);
  }
}
