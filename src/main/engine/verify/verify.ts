import type { CheckReport } from '../../../shared/model/job.ts';
import type { ContentDigest } from '../content/digest.ts';
import { streamContents, type StreamHooks } from '../stream/stream-contents.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import { examine, figuresOf, validateFigures, type Faults } from './examine.ts';
import { readSignatures } from './signatures.ts';

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
  const { manifest } = output;
  const { faults, blobs } = await examine(output, { signal, checkSignature, count: false });
  await proveData(output, blobs, faults, options);
  const found = await figuresOf(output, signal);
  if (manifest !== null) validateFigures(found, manifest, faults);
  return {
    target: output.name,
    kind: output.kind,
    complete: manifest !== null && faults.count === 0,
    manifest,
    signatures: await readSignatures(output),
    files: output.files.size,
    bytes: found.bytes,
    faults: faults.kept,
    faultCount: faults.count,
  };
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
