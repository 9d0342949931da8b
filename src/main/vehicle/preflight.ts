import { builderError } from '../../shared/errors.ts';
import type { ReleaseKey } from '../../shared/model/image-report.ts';
import type { EcuState, VehicleStatus } from '../../shared/model/vehicle.ts';

/** What an image has for an ECU. */
export interface Offered {
  readonly ecuId: string;
  readonly version: string;
  readonly format: 'legacy' | 'v1';
  readonly releaseKey: ReleaseKey | null;
}

/** What will become of an ECU. */
export interface PlannedUpdate {
  readonly ecuId: string;
  readonly from: string;
  readonly to: string;
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
 * Refuses what cannot work, before anything is changed. A client takes whatever a URL serves, so the ids are compared here.
 * @throws `vehicle-ecu-unknown`, `vehicle-ecu-busy`, `vehicle-client-too-old`, `vehicle-release-key`.
 */
export function preflight(
  offered: readonly Offered[],
  { ecus }: VehicleStatus,
): readonly PlannedUpdate[] {
  const known = ecus.map(({ ecuId }) => ecuId);
  const unknown = offered.filter(({ ecuId }) => !known.includes(ecuId));
  if (unknown.length > 0)
    throw builderError('vehicle-ecu-unknown', { ecuIds: listed(unknown), known: known.join(', ') });
  return offered.map(({ ecuId, version, format, releaseKey }) => {
    const ecu = ecus.find((each) => each.ecuId === ecuId);
    if (ecu === undefined) throw new Error('it was looked for above');
    if (!IDLE.has(ecu.state)) throw builderError('vehicle-ecu-busy', { ecuId });
    if (format === 'v1' && releaseKey !== 'dev')
      throw builderError('vehicle-release-key', { ecuId });
    if (format === 'v1' && isOlder(ecu.clientVersion))
      throw builderError('vehicle-client-too-old', {
        ...{ ecuId, version: ecu.clientVersion },
        needed: V1_SINCE.join('.'),
      });
    return { ecuId, from: ecu.version, to: version };
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
