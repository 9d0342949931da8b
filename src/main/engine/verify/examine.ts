import { builderError } from '../../../shared/errors.ts';
import type { CheckFault } from '../../../shared/model/job.ts';
import { ecuKey, isEcuId } from '../../../shared/model/ecu-id.ts';
import type { PayloadReport } from '../../../shared/model/image-report.ts';
import type { Manifest, ManifestImage } from '../../../shared/model/manifest.ts';
import type { ContentDigest } from '../content/digest.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';
import type { FinishedImage } from '../finished/finished-image.ts';
import { MAX_FAULTS_KEPT } from '../finished/limits.ts';
import { ShardedMap } from '../sharded.ts';
import type { Expectation, ExpectationOptions, PayloadCounts } from './expectation.ts';
import { expectLegacy } from './legacy.ts';

/** What a finished image has to hold, and what is wrong with it without a look at the contents of its blobs. */
export interface Examined {
  readonly faults: Faults;
  /** Names below data/ that its images ask for. */
  readonly blobs: ReadonlyMap<string, ContentDigest>;
  /** Of each image in the manifest's order; empty where counts were not asked for. */
  readonly payloads: readonly PayloadReport[];
}

/**
 * Compares the files of a finished image with its manifest and with what the metadata in meta/ asks for. Contents
 * in data/, and the figures of the manifest, are left to be looked at.
 * @throws `verify-not-an-image`
 */
export async function examine(
  output: FinishedImage,
  options: ExpectationOptions,
): Promise<Examined> {
  const { signal } = options;
  const faults = new Faults();
  output.faults.forEach((fault) => faults.add(fault));
  const { manifest } = output;
  validateManifest(output, faults);
  const blobs = new ShardedMap<string, ContentDigest>();
  const metafiles = new Set<string>();
  const payloads: PayloadReport[] = [];
  const pace = new Pace();
  for (const [index, image] of (manifest?.image_meta ?? []).entries()) {
    const wanted =
      image.image_format === 'ota-image-v1'
        ? await (await import('./v1.ts')).expectV1(output, index, image, options)
        : await expectLegacy(output, index, options);
    if (options.count) payloads.push(await payloadOf(image, wanted, output.files, signal));
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
  return { faults, blobs, payloads };
}

const NOTHING_COUNTED: PayloadCounts = {
  ...{ directories: 0, symlinks: 0, files: 0 },
  ...{ persistents: 0, hardLinkedFiles: 0, unpackedBytes: 0 },
};

/** What an image in the output is, from its metadata and the sizes of its blobs. */
async function payloadOf(
  image: ManifestImage,
  { blobs, counts }: Expectation,
  sizes: ReadonlyMap<string, number>,
  signal: AbortSignal | undefined,
): Promise<PayloadReport> {
  let compressedBlobs = 0;
  let storedBytes = 0;
  const pace = new Pace();
  for (const [name, { of }] of blobs) {
    if (pace.isDue) await yieldToEventLoop(signal);
    if (of === 'zstd') compressedBlobs++;
    storedBytes += sizes.get(`data/${name}`) ?? 0;
  }
  return {
    ...(counts ?? NOTHING_COUNTED),
    ecuId: image.ecu_id,
    // The manifest does not say for which vehicles a payload was.
    releaseKey: null,
    version: image.image_version === '' ? null : image.image_version,
    blobs: blobs.size,
    compressedBlobs,
    storedBytes,
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

/** Sizes in bytes. */
export interface Figures {
  readonly bytes: number;
  readonly dataFiles: number;
  readonly dataBytes: number;
  readonly metaBytes: number;
}

export async function figuresOf(
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

/** Compares the figures of the manifest with those of the files. */
export function validateFigures(found: Figures, manifest: Manifest, faults: Faults): void {
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

/** Faults as they are found; the first are kept. */
export class Faults {
  readonly kept: CheckFault[] = [];
  count = 0;

  add(fault: CheckFault): void {
    this.count++;
    if (this.kept.length < MAX_FAULTS_KEPT) this.kept.push(fault);
  }
}
