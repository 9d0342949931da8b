import { builderError } from '../../shared/errors.ts';
import type { ImageRequest } from '../../shared/model/job.ts';
import type { InspectedImage } from '../engine/inspect/inspected-image.ts';
import { plan, type Plan, type PlanEntry } from '../engine/plan/plan.ts';

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
): Plan {
  return plan(
    requests.flatMap((request, i) => entriesOf(request, images[i])),
    timestamp,
  );
}

function entriesOf(request: ImageRequest, image: InspectedImage | undefined): PlanEntry[] {
  const payload = image?.payloads[0];
  if (image === undefined || payload === undefined)
    throw new Error(`${request.path} was not inspected`);
  if (request.ecuId === null) throw builderError('ecu-id-invalid', { ecuId: '' });
  return [
    {
      image,
      payload,
      meta: {
        ecu_id: request.ecuId,
        image_version: request.version ?? image.report.payloads[0]?.version ?? '',
        ota_metadata_version: 1,
      },
    },
  ];
}
