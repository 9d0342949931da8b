import { BuilderError, builderError, type ErrorData } from '../../shared/errors.ts';
import type { ReleaseKey } from '../../shared/model/image-report.ts';
import type { EcuState, PlannedUpdate, VehicleStatus } from '../../shared/model/vehicle.ts';

/** What an image has for an ECU. */
export interface Offered {
  readonly ecuId: string;
  readonly version: string;
  readonly format: 'legacy' | 'v1';
  readonly releaseKey: ReleaseKey | null;
}

/** The first otaclient that asks whether an image is an OTA image v1. */
const V1_SINCE = [3, 12] as const;

/** States in which otaclient takes an update. */
const IDLE: ReadonlySet<EcuState> = new Set(['initialized', 'success', 'failure', 'aborted']);

/**
 * The images that are meant: all of them, or those of the named ECUs.
 * @throws `usage-ecu-not-in-image`
 */
export function selectOffered<Image extends { readonly ecuId: string }>(
  images: readonly Image[],
  ecuIds: readonly string[],
): Image[] {
  const known = images.map(({ ecuId }) => ecuId);
  const wrong = ecuIds.find((ecuId) => !known.includes(ecuId));
  if (wrong !== undefined)
    throw builderError('usage-ecu-not-in-image', { ecuId: wrong, known: known.join(', ') });
  return images.filter(({ ecuId }) => ecuIds.length === 0 || ecuIds.includes(ecuId));
}

/**
 * Why an ECU cannot be updated with what an image has for it; null where it can. A client takes whatever a URL serves,
 * so the ids are compared here.
 */
export function judgeEcu(
  { ecuId, format, releaseKey }: Offered,
  { ecus }: VehicleStatus,
): ErrorData | null {
  const ecu = ecus.find((each) => each.ecuId === ecuId);
  if (ecu === undefined)
    return {
      code: 'vehicle-ecu-unknown',
      params: { ecuIds: ecuId, known: listed(ecus) },
    };
  if (!IDLE.has(ecu.state)) return { code: 'vehicle-ecu-busy', params: { ecuId } };
  if (format !== 'v1') return null;
  if (releaseKey !== 'dev') return { code: 'vehicle-release-key', params: { ecuId } };
  const { clientVersion: version } = ecu;
  if (!isOlder(version)) return null;
  return { code: 'vehicle-client-too-old', params: { ecuId, version, needed: V1_SINCE.join('.') } };
}

/**
 * Refuses what cannot work, before anything is changed.
 * @throws `vehicle-ecu-unknown`, `vehicle-ecu-busy`, `vehicle-client-too-old`, `vehicle-release-key`.
 */
export function preflight(
  offered: readonly Offered[],
  status: VehicleStatus,
): readonly PlannedUpdate[] {
  const { ecus } = status;
  const unknown = offered.filter(({ ecuId }) => !ecus.some((ecu) => ecu.ecuId === ecuId));
  if (unknown.length > 0)
    throw builderError('vehicle-ecu-unknown', { ecuIds: listed(unknown), known: listed(ecus) });
  return offered.map((image) => {
    const refusal = judgeEcu(image, status);
    if (refusal !== null) throw new BuilderError(refusal);
    const from = ecus.find(({ ecuId }) => ecuId === image.ecuId)?.version ?? '';
    return { ecuId: image.ecuId, from, to: image.version };
  });
}

function listed(items: readonly { readonly ecuId: string }[]): string {
  return items.map(({ ecuId }) => ecuId).join(', ');
}

/** Of a version that is no number nothing is known. */
function isOlder(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  const [needsMajor, needsMinor] = V1_SINCE;
  return Number(major) < needsMajor || (Number(major) === needsMajor && Number(minor) < needsMinor);
}
