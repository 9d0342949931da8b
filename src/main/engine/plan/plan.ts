import { createHash } from 'node:crypto';
import { builderError } from '../../../shared/errors.ts';
import { isEcuId } from '../../../shared/model/ecu-id.ts';
import type { Manifest, ManifestImage } from '../../../shared/model/manifest.ts';
import type { PlanSummary } from '../../../shared/model/job.ts';
import type { InspectedImage, InspectedPayload } from '../inspect/inspected-image.ts';
import type { BuildPlan, PlannedFile, PlannedInput } from './build-plan.ts';

/** One entry of the manifest: a payload of an inspected image under the name that it gets. */
export interface PlanEntry {
  readonly image: InspectedImage;
  readonly payload: InspectedPayload;
  readonly meta: ManifestImage;
}

export interface Plan extends BuildPlan {
  readonly summary: PlanSummary;
}

/**
 * Decides everything about the output. Pure.
 * @param entries position = index of the image in the manifest and of its folder in meta/.
 * @param timestamp Unix seconds.
 * @throws `ecu-id-invalid`, `ecu-id-duplicate`.
 */
export function plan(entries: readonly PlanEntry[], timestamp: number): Plan {
  checkEcuIds(entries);
  const inputs: PlannedInput[] = [];
  const data = planData(entries, inputs);
  const meta = planMeta(entries);
  const manifest: Manifest = {
    schema_version: 1,
    image_layout_version: 1,
    build_timestamp: timestamp,
    data_size: totalSize(data),
    data_files_num: data.length,
    meta_size: totalSize(meta.files),
    image_meta: entries.map((entry) => entry.meta),
  };
  const files = [planBytes('manifest.json', encodeManifest(manifest)), ...data, ...meta.files];
  const requestedBytes = entries.reduce((sum, { payload }) => sum + totalSize(payload.blobs), 0);
  return {
    manifest,
    timestamp,
    directories: ['data', 'meta', ...meta.directories],
    inputs,
    files,
    summary: {
      manifest,
      requestedBytes,
      sharedBytes: requestedBytes - manifest.data_size,
      totalBytes: totalSize(files),
      totalFiles: files.length,
    },
  };
}

/** manifest.json as it stands in the output. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return Buffer.from(JSON.stringify(manifest), 'utf8');
}

function checkEcuIds(entries: readonly PlanEntry[]): void {
  const seen = new Set<string>();
  for (const { meta } of entries) {
    const ecuId = meta.ecu_id;
    if (!isEcuId(ecuId)) throw builderError('ecu-id-invalid', { ecuId });
    if (seen.has(ecuId)) throw builderError('ecu-id-duplicate', { ecuId });
    seen.add(ecuId);
  }
}

/**
 * Every blob once, taken from the first input that has it, in the order in which the inputs are
 * read. A place that goes under two names is read twice, the second time after all others of that
 * input, so that a compressed input is decoded again only then.
 */
function planData(entries: readonly PlanEntry[], inputs: PlannedInput[]): PlannedFile[] {
  const planned = new Set<string>();
  const byInput: PlannedFile[][] = [];
  for (const { image, payload } of entries) {
    const input = inputIndex(inputs, image);
    const files = (byInput[input] ??= []);
    for (const { name, size, place, proof } of payload.blobs) {
      if (planned.has(name)) continue;
      planned.add(name);
      files.push({ path: `data/${name}`, size, source: { kind: 'member', input, place }, proof });
    }
  }
  return byInput.flatMap(inReadingOrder);
}

function inputIndex(inputs: PlannedInput[], { report }: InspectedImage): number {
  const { path, container, fingerprint } = report;
  const known = inputs.findIndex((input) => input.path === path);
  return known === -1 ? inputs.push({ path, container, fingerprint }) - 1 : known;
}

function inReadingOrder(files: PlannedFile[]): PlannedFile[] {
  const sorted = files.toSorted((a, b) => offsetOf(a) - offsetOf(b));
  const again = sorted.filter((file, i) => {
    const before = sorted[i - 1];
    return (
      before !== undefined &&
      file.size > 0 &&
      offsetOf(before) === offsetOf(file) &&
      before.size > 0
    );
  });
  const second = new Set(again);
  return [...sorted.filter((file) => !second.has(file)), ...again];
}

/** Files of a folder have no offset; the sort is stable, so they keep their order. */
function offsetOf({ source }: PlannedFile): number {
  return source.kind === 'member' && source.place.kind === 'extent' ? source.place.offset : -1;
}

function planMeta(entries: readonly PlanEntry[]): { directories: string[]; files: PlannedFile[] } {
  const directories: string[] = [];
  const files: PlannedFile[] = [];
  for (const [index, { payload }] of entries.entries()) {
    const folders = new Set([`meta/${index}`]);
    for (const { name, bytes } of payload.metafiles) {
      const path = `meta/${index}/${name}`;
      for (
        let slash = path.indexOf('/', path.indexOf('/') + 1);
        slash !== -1;
        slash = path.indexOf('/', slash + 1)
      )
        folders.add(path.slice(0, slash));
      files.push(planBytes(path, bytes));
    }
    // A parent is a prefix of its children and so sorts before them.
    directories.push(...Array.from(folders).sort());
  }
  return { directories, files };
}

function planBytes(path: string, bytes: Uint8Array): PlannedFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    path,
    size: bytes.length,
    source: { kind: 'bytes', bytes },
    proof: { sha256, of: 'plain' },
  };
}

function totalSize(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
