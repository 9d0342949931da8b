import { assertEcuIds } from '../../../shared/model/ecu-id.ts';
import type { Manifest, ManifestImage } from '../../../shared/model/manifest.ts';
import type { ImageSignature, PlanSummary } from '../../../shared/model/job.ts';
import { isPositioned, locationOffset } from '../content/member-location.ts';
import { sha256Steps } from '../sha256.ts';
import { sortInSteps } from '../sort.ts';
import { atOnce, STEP_ITEMS, type Steps } from '../event-loop.ts';
import type {
  InspectedBlob,
  InspectedImage,
  InspectedPayload,
} from '../inspect/inspected-image.ts';
import type { BuildPlan, FileSource, PlannedFile, PlannedInput } from './build-plan.ts';
import type { ContentDigest } from '../content/digest.ts';
import { ShardedSet } from '../sharded.ts';
import { plannedSignature } from '../inspect/image-signature.ts';

/** One entry of the manifest: a payload of an inspected image under the name that it gets. */
export interface PlanEntry {
  readonly image: InspectedImage;
  readonly payload: InspectedPayload;
  readonly meta: ManifestImage;
}

export interface Plan extends BuildPlan {
  readonly summary: PlanSummary;
  /** Of each entry, in their order. */
  readonly signatures: readonly ImageSignature[];
}

/**
 * Decides everything about the output. Pure.
 * @param entries position = index of the image in the manifest and of its folder in meta/.
 * @param timestamp Unix seconds.
 * @throws `ecu-id-invalid`, `ecu-id-duplicate`.
 */
export function plan(entries: readonly PlanEntry[], timestamp: number): Plan {
  return atOnce(planSteps(entries, timestamp));
}

/** {@link plan}, in steps. */
export function* planSteps(entries: readonly PlanEntry[], timestamp: number): Steps<Plan> {
  assertEcuIds(entries.map(({ meta }) => meta.ecu_id));
  const inputs: PlannedInput[] = [];
  const data = yield* planData(entries, inputs);
  const meta = yield* planMeta(entries);
  const manifest: Manifest = {
    schema_version: 1,
    image_layout_version: 1,
    build_timestamp: timestamp,
    data_size: yield* totalSize(data),
    data_files_num: data.length,
    meta_size: yield* totalSize(meta.files),
    image_meta: entries.map((entry) => entry.meta),
  };
  const first = yield* planBytes('manifest.json', encodeManifest(manifest));
  const files = [first].concat(data, meta.files);
  let requestedBytes = 0;
  for (const { payload } of entries) requestedBytes += yield* totalSize(payload.blobs);
  return {
    manifest,
    timestamp,
    directories: ['data', 'meta', ...meta.directories],
    inputs,
    files,
    signatures: entries.map(({ payload, image }) =>
      plannedSignature(payload.metafiles, image.report.signature.signer),
    ),
    summary: {
      manifest,
      requestedBytes,
      sharedBytes: requestedBytes - manifest.data_size,
      totalBytes: first.size + manifest.data_size + manifest.meta_size,
      totalFiles: files.length,
    },
  };
}

/** manifest.json, byte for byte as in the output. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return Buffer.from(JSON.stringify(manifest), 'utf8');
}

/** A blob in its place below data/; hundreds of thousands live at once, so all else is derived. */
export class DataFile implements PlannedFile {
  readonly #blob: InspectedBlob;
  readonly #input: number;

  constructor(blob: InspectedBlob, input: number) {
    this.#blob = blob;
    this.#input = input;
  }

  get path(): string {
    return `data/${this.#blob.name}`;
  }

  get size(): number {
    return this.#blob.size;
  }

  get source(): FileSource {
    return { kind: 'member', input: this.#input, location: this.#blob.location };
  }

  get contentDigest(): ContentDigest {
    return this.#blob.contentDigest;
  }
}

/** Every blob once, taken from the first input that has it, in the order in which the inputs are read. */
function* planData(entries: readonly PlanEntry[], inputs: PlannedInput[]): Steps<PlannedFile[]> {
  const planned = new ShardedSet<string>();
  const byInput: InspectedBlob[][] = [];
  for (const { image, payload } of entries) {
    const blobs = (byInput[inputIndex(inputs, image)] ??= []);
    for (const [i, blob] of payload.blobs.entries()) {
      if (i % STEP_ITEMS === 0) yield;
      if (planned.add(blob.name)) blobs.push(blob);
    }
  }
  const orders: ReadingOrder[] = [];
  for (const [input, blobs] of byInput.entries())
    orders.push({ input, ...(yield* inReadingOrder(blobs)) });
  const decoded = orders.filter(({ input }) => isCompressed(inputs[input]));
  const files: PlannedFile[] = [];
  for (const { input, blobs } of decoded.length > 1
    ? sideBySide(decoded, orders)
    : orders.flatMap(allOf))
    for (const blob of blobs) {
      files.push(new DataFile(blob, input));
      if (files.length % STEP_ITEMS === 0) yield;
    }
  return files;
}

function isCompressed(input: PlannedInput | undefined): boolean {
  return input !== undefined && input.container !== 'folder' && !isPositioned(input.container);
}

/** The blobs of one input in the order in which it is read. */
interface ReadingOrder {
  readonly input: number;
  /** Ascending in place. */
  readonly once: readonly InspectedBlob[];
  /** A place that goes under two names is read twice; the second time a compressed input is decoded again. */
  readonly again: readonly InspectedBlob[];
}

/** Blobs that are read one after another. */
interface Turn {
  readonly input: number;
  readonly blobs: readonly InspectedBlob[];
}

function allOf({ input, once, again }: ReadingOrder): Turn[] {
  return [
    { input, blobs: once },
    { input, blobs: again },
  ];
}

/** Decoded bytes of the largest input between two turns: a few windows, so that each decoder is ahead. */
const TURN_BYTES = 4 * 1024 * 1024;

/**
 * Compressed inputs take turns, each by the part of it that is read: so their decoders, each in a thread of its
 * own, run side by side from the first to the last byte. What can be read at any place comes after them, one
 * input after another.
 */
function* sideBySide(
  decoded: readonly ReadingOrder[],
  orders: readonly ReadingOrder[],
): Generator<Turn> {
  const ends = decoded.map(({ once }) => endOf(once.at(-1)));
  const turns = Math.max(1, Math.ceil(Math.max(...ends) / TURN_BYTES));
  const next = decoded.map(() => 0);
  for (let turn = 1; turn <= turns; turn++)
    for (const [i, { once, input }] of decoded.entries()) {
      const from = next[i] ?? 0;
      const until = ((ends[i] ?? 0) * turn) / turns;
      let to = from;
      while (to < once.length && (turn === turns || endOf(once[to]) <= until)) to++;
      next[i] = to;
      if (to > from) yield { input, blobs: once.slice(from, to) };
    }
  for (const { input, again } of decoded) yield { input, blobs: again };
  for (const order of orders) if (!decoded.includes(order)) yield* allOf(order);
}

/** Where a blob ends in the decoded input. */
function endOf(blob: InspectedBlob | undefined): number {
  return blob === undefined ? 0 : (locationOffset(blob.location) ?? 0) + blob.size;
}

function inputIndex(inputs: PlannedInput[], { report }: InspectedImage): number {
  const { path, container, fingerprint } = report;
  const known = inputs.findIndex((input) => input.path === path);
  return known === -1 ? inputs.push({ path, container, fingerprint }) - 1 : known;
}

function* inReadingOrder(
  blobs: readonly InspectedBlob[],
): Steps<Pick<ReadingOrder, 'once' | 'again'>> {
  // Files of a folder have no offset; the sort is stable, so they keep their order.
  const placed: { readonly blob: InspectedBlob; readonly offset: number }[] = [];
  for (const blob of blobs) {
    placed.push({ blob, offset: locationOffset(blob.location) ?? -1 });
    if (placed.length % STEP_ITEMS === 0) yield;
  }
  yield* sortInSteps(placed, (a, b) => a.offset - b.offset);
  const once: InspectedBlob[] = [];
  const again: InspectedBlob[] = [];
  let covered = -1;
  for (const [i, { blob, offset }] of placed.entries()) {
    if (i % STEP_ITEMS === 0) yield;
    const isTaken = offset !== -1 && blob.size > 0 && offset === covered;
    (isTaken ? again : once).push(blob);
    if (blob.size > 0) covered = offset;
  }
  return { once, again };
}

function* planMeta(
  entries: readonly PlanEntry[],
): Steps<{ directories: string[]; files: PlannedFile[] }> {
  const directories: string[] = [];
  const files: PlannedFile[] = [];
  for (const [index, { payload }] of entries.entries()) {
    const folders = new Set([`meta/${index}`]);
    for (const { name, bytes } of payload.metafiles) {
      const path = `meta/${index}/${name}`;
      for (const folder of foldersOf(path)) folders.add(folder);
      files.push(yield* planBytes(path, bytes));
    }
    // A parent is a prefix of its children and so sorts before them.
    directories.push(...Array.from(folders).sort());
  }
  return { directories, files };
}

/** Folders of a file below `data` or `meta`, without that one. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (
    let slash = path.indexOf('/', path.indexOf('/') + 1);
    slash !== -1;
    slash = path.indexOf('/', slash + 1)
  )
    folders.push(path.slice(0, slash));
  return folders;
}

export function* planBytes(path: string, bytes: Uint8Array): Steps<PlannedFile> {
  const sha256 = yield* sha256Steps(bytes);
  return {
    path,
    size: bytes.length,
    source: { kind: 'bytes', bytes },
    contentDigest: { sha256, of: 'plain' },
  };
}

export function* totalSize(files: readonly { readonly size: number }[]): Steps<number> {
  let total = 0;
  for (const [i, { size }] of files.entries()) {
    total += size;
    if (i % STEP_ITEMS === 0) yield;
  }
  return total;
}
