import type { ErrorData } from '../../shared/errors.ts';
import type { EcuState } from '../../shared/model/vehicle.ts';
import { isUpdating, type VehicleState } from '../../shared/model/vehicle-state.ts';
import type { State } from './model.ts';
import type { VehicleAction, VehicleDraft } from './vehicle-model.ts';

/** Port that a vehicle's settings name where this computer is its upper proxy. */
export const UPPER_PORT = 8443;

/** The state with news of the vehicle. What was asked of an update that has ended is asked no more. */
export function withVehicle(state: State, vehicle: VehicleState): State {
  const { question } = state;
  const isOver =
    (question === 'stop-update' && !isUpdating(vehicle)) ||
    (question === 'closing' && isUpdating(state.vehicle) && !isUpdating(vehicle)) ||
    // Another image or vehicle than the one that the question is about.
    (question === 'update' && (vehicle.image?.state !== 'ready' || vehicle.link === null));
  return { ...state, vehicle, question: isOver ? null : question };
}

export function withTaken(
  draft: VehicleDraft,
  { ecuId, taken }: Pick<Extract<VehicleAction, { type: 'ecu-taken' }>, 'ecuId' | 'taken'>,
): VehicleDraft {
  const others = draft.leftOut.filter((each) => each !== ecuId);
  return { ...draft, leftOut: taken ? others : [...others, ecuId] };
}

/** An ECU of the image or of the vehicle, or of both. */
export interface EcuRow {
  readonly ecuId: string;
  /** What it has; null where the vehicle does not tell of it. */
  readonly from: string | null;
  /** What it would get; null where the image has nothing for it. */
  readonly to: string | null;
  readonly client: string;
  readonly state: EcuState | null;
  readonly refusal: ErrorData | null;
}

/** First those of the image, in its order; then the others of the vehicle. */
export function ecuRows({ image, link }: VehicleState): EcuRow[] {
  const seen = link?.ecus.map(({ status }) => status) ?? [];
  const offered = image?.ecus ?? [];
  const rows = offered.map(({ ecuId, version: to, refusal }) => {
    const ecu = seen.find((each) => each.ecuId === ecuId);
    return {
      ...{ ecuId, to, refusal, from: ecu?.version ?? null },
      ...{ client: ecu?.clientVersion ?? '', state: ecu?.state ?? null },
    };
  });
  const isOffered = (id: string): boolean => offered.some(({ ecuId }) => ecuId === id);
  const others = seen
    .filter(({ ecuId }) => !isOffered(ecuId))
    .map(({ ecuId, version: from, clientVersion: client, state }) => ({
      ...{ ecuId, from, client, state, to: null, refusal: null },
    }));
  const silent = (link?.silent ?? [])
    .filter((ecuId) => !isOffered(ecuId))
    .map((ecuId) => ({
      ...{ ecuId, from: null, to: null, client: '', state: null, refusal: null },
    }));
  return [...rows, ...others, ...silent];
}

/** ECUs that would be updated now. */
export function ecusToUpdate({ vehicle, vehicleDraft }: State): string[] {
  return ecuRows(vehicle)
    .filter(({ to, from, refusal }) => to !== null && from !== null && refusal === null)
    .map(({ ecuId }) => ecuId)
    .filter((ecuId) => !vehicleDraft.leftOut.includes(ecuId));
}

/** The part of the screen whose control is the next thing to do; null while there is something to wait for. */
export function nextVehicleStep({ vehicle }: State): 'image' | 'link' | null {
  if (vehicle.image === null || vehicle.image.state === 'failed') return 'image';
  if (vehicle.link === null) return 'link';
  return vehicle.link.seen && vehicle.image.state === 'ready' ? 'link' : null;
}

const NONE: readonly string[] = [];

/** Files of the last build that can be served: a stick would have to be mounted first. */
export function builtFiles({ jobs }: State): readonly string[] {
  const files = (jobs.build?.outcomes ?? []).flatMap(({ request, state }) =>
    request.kind !== 'drive' && state === 'done' ? [request.path] : [],
  );
  return files.length === 0 ? NONE : files;
}

/** Whether a person typed exactly these ids, in any order; case, width and separators do not matter. */
export function namesAll(typed: string, ecuIds: readonly string[]): boolean {
  const words = typed
    .normalize('NFKC')
    .toLowerCase()
    .split(/[\s,、]+/u);
  const wanted = ecuIds.map((ecuId) => ecuId.normalize('NFKC').toLowerCase());
  return (
    words
      .filter((word) => word !== '')
      .sort()
      .join(' ') === wanted.sort().join(' ')
  );
}
