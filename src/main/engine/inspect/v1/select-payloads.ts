import { builderError } from '../../../../shared/errors.ts';
import type { ImageReport, PayloadReport } from '../../../../shared/model/image-report.ts';
import type { ImageRequest } from '../../../../shared/model/job.ts';

/**
 * Which payloads of an image a request takes: those of its ECU (all where it names none), of its
 * release key where it names one.
 * @returns positions in the report's payloads, ascending; at least one.
 * @throws `payload-not-found`, `release-key-not-found`, and `release-key-needed` where one ECU would
 * get two payloads.
 */
export function selectPayloads(
  report: ImageReport,
  request: Pick<ImageRequest, 'ecuId' | 'releaseKey'>,
): number[] {
  const file = report.path;
  const { ecuId, releaseKey } = request;
  const all = report.payloads.map((payload, index) => ({ ...payload, index }));
  const ofEcu = all.filter((payload) => ecuId === null || payload.ecuId === ecuId);
  if (ofEcu.length === 0) {
    const known = [...new Set(all.map(idOf))].join(', ');
    throw builderError('payload-not-found', { file, ecuId: ecuId ?? '', known });
  }
  const taken = ofEcu.filter((payload) => releaseKey === null || payload.releaseKey === releaseKey);
  if (taken.length === 0)
    throw builderError('release-key-not-found', {
      file,
      ecuId: ecuId ?? [...new Set(ofEcu.map(idOf))].join(', '),
      releaseKey: releaseKey ?? '',
    });
  const seen = new Set<string>();
  for (const payload of taken) {
    if (seen.has(idOf(payload)))
      throw builderError('release-key-needed', { file, ecuId: idOf(payload) });
    seen.add(idOf(payload));
  }
  return taken.map(({ index }) => index);
}

function idOf({ ecuId }: PayloadReport): string {
  return ecuId ?? '';
}
