import { builderError } from '../../shared/errors.ts';
import type { ImageRequest } from '../../shared/model/job.ts';
import type { ManifestImage } from '../../shared/model/manifest.ts';
import type { InspectedImage } from '../engine/inspect/inspected-image.ts';
import { selectPayloads } from '../engine/inspect/v1/select-payloads.ts';
import { planSteps, type Plan, type PlanEntry } from '../engine/plan/plan.ts';
import { runYielding } from '../engine/event-loop.ts';

/**
 * Joins what was asked for with what was found.
 * @param images inspected images, one for each request, in its order.
 * @param timestamp Unix seconds.
 * @throws as `plan`, and `ecu-id-invalid` for an image that needs an ECU id and got none.
 */
export function planImages(
  requests: readonly ImageRequest[],
  images: readonly InspectedImage[],
  timestamp: number,
  signal?: AbortSignal,
): Promise<Plan> {
  const entries = requests.flatMap((request, i) => entriesOf(request, images[i]));
  return runYielding(planSteps(entries, timestamp), signal);
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
    if (ecuId === null) throw builderError('ecu-id-invalid', { ecuId: '' });
    const meta: ManifestImage = {
      ecu_id: ecuId,
      image_version: request.version ?? named.version ?? '',
      ota_metadata_version: 1,
    };
    const v1 = report.format === 'v1';
    return { image, payload, meta: v1 ? { ...meta, image_format: 'ota-image-v1' } : meta };
  });
}
