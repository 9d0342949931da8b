import { builderError } from '../../shared/errors.ts';
import type { ImageRequest } from '../../shared/model/job.ts';
import type { ManifestImage } from '../../shared/model/manifest.ts';
import { MAX_TIMESTAMP } from '../engine/ext4/format/inode.ts';
import {
  isFinished,
  type InspectedFinished,
  type InspectedImage,
  type InspectedInput,
} from '../engine/inspect/inspected-image.ts';
import { selectPayloads } from '../engine/inspect/v1/select-payloads.ts';
import { planSteps, type Plan, type PlanEntry } from '../engine/plan/plan.ts';
import { planFinishedSteps } from '../engine/plan/plan-finished.ts';
import { runYielding } from '../engine/event-loop.ts';

/**
 * Joins what was asked for with what was found.
 * @param images inspected images, one for each request, in its order.
 * @param timestamp Unix seconds. A finished image keeps its own.
 * @throws as `plan`, and `ecu-id-missing` for an image that needs an ECU id and got none; `finished-not-alone`,
 * `finished-named`.
 */
export function planImages(
  requests: readonly ImageRequest[],
  images: readonly InspectedInput[],
  timestamp: number,
  signal?: AbortSignal,
): Promise<Plan> {
  const finished = images.find(isFinished);
  if (finished !== undefined) {
    assertAsItIs(requests, finished);
    return planFinished(finished, signal);
  }
  const sources = images.filter((image): image is InspectedImage => !isFinished(image));
  const entries = requests.flatMap((request, i) => entriesOf(request, sources[i]));
  return runYielding(planSteps(entries, timestamp), signal);
}

/** A finished image as an output again. */
export function planFinished(image: InspectedFinished, signal?: AbortSignal): Promise<Plan> {
  // A manifest can say any time; ext4 ends at one.
  const timestamp = Math.min(image.report.manifest.build_timestamp, MAX_TIMESTAMP);
  return runYielding(planFinishedSteps(image, timestamp), signal);
}

/** It is written as it is: nothing beside it, and nothing of it under another name. */
function assertAsItIs(requests: readonly ImageRequest[], { report }: InspectedFinished): void {
  const { path: file } = report;
  if (requests.length > 1) throw builderError('finished-not-alone', { file });
  for (const { ecuId, version, releaseKey } of requests)
    if (ecuId !== null || version !== null || releaseKey !== null)
      throw builderError('finished-named', { file });
}

function entriesOf(request: ImageRequest, image: InspectedImage | undefined): PlanEntry[] {
  if (image === undefined) throw new Error(`${request.path} was not inspected`);
  const { report, payloads } = image;
  const taken = report.format === 'v1' ? selectPayloads(report, request) : [0];
  return taken.map((index): PlanEntry => {
    const payload = payloads[index];
    const named = report.payloads[index];
    if (payload === undefined || named === undefined)
      throw new Error(`${request.path} has no payload ${index}`);
    const ecuId = request.ecuId ?? named.ecuId;
    if (ecuId === null) throw builderError('ecu-id-missing', { file: report.path });
    const meta: ManifestImage = {
      ecu_id: ecuId,
      image_version: request.version ?? named.version ?? '',
      ota_metadata_version: 1,
    };
    const v1 = report.format === 'v1';
    return { image, payload, meta: v1 ? { ...meta, image_format: 'ota-image-v1' } : meta };
  });
}
