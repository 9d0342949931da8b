import { DEFAULT_SETTINGS, type JobSnapshot } from '../../shared/ipc.ts';
import { DEFAULT_CHOICES, NO_SETS } from '../../shared/ipc-sets.ts';
import { MAX_DRIVES } from '../../shared/model/job.ts';
import { findDrive, isSameStick } from '../../shared/model/drive.ts';
import { NO_VEHICLE, type VehicleState } from '../../shared/model/vehicle-state.ts';
import { withTaken, withVehicle } from './vehicle.ts';
import { NEW_DRAFT, type VehicleAction } from './vehicle-model.ts';
import { isRunning } from './job-selectors.ts';
import { driveKey, refusedChoices, screenOf } from './selectors.ts';
import {
  closeConfirm,
  withEdit,
  withImageEvent,
  withImages,
  withMoved,
  withoutImage,
  withPayloads,
  withReread,
  withSet,
  withUndone,
} from './image-list.ts';
import type { Action, Screen, State } from './model.ts';

export const INITIAL: State = {
  app: null,
  settings: DEFAULT_SETTINGS,
  fixedSettings: [],
  screen: 'flow',
  historyJob: null,
  images: [],
  undo: null,
  ecus: { used: [], confirmed: [] },
  sets: NO_SETS,
  previewSort: DEFAULT_CHOICES.previewSort,
  drives: [],
  drivesError: null,
  chosen: [],
  anew: false,
  unplugged: [],
  held: {},
  file: null,
  plan: null,
  jobs: { build: null, check: null },
  isResultOpen: true,
  endedElsewhere: null,
  vehicle: NO_VEHICLE,
  vehicleDraft: NEW_DRAFT,
  question: null,
  notice: null,
  failure: null,
};

type JobAction = Extract<Action, { type: 'job' }>;

/** Every transition of the window's state; pure. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'vehicle':
      return withVehicle(state, keepEqual(state.vehicle, action.vehicle) as VehicleState);
    case 'vehicle-edited':
      return { ...state, vehicleDraft: { ...state.vehicleDraft, ...action.changes } };
    case 'ecu-taken':
      return { ...state, vehicleDraft: withTaken(state.vehicleDraft, action) };
    default:
      return reduceOther(state, action);
  }
}

/** All but those of the vehicle screen. */
function reduceOther(state: State, action: Exclude<Action, VehicleAction>): State {
  switch (action.type) {
    case 'started': {
      const { version, platform, systemLanguage, screenReader, settings, drives, jobs } =
        action.start;
      const { ecus, sets, previewSort } = action.start;
      return {
        ...state,
        app: { version, platform, systemLanguage, screenReader },
        ...{ settings, ecus, sets, previewSort },
        fixedSettings: action.start.fixed,
        drives: drives.drives,
        drivesError: drives.error,
        jobs,
      };
    }
    case 'images-added':
      return withImages(state, action.images);
    case 'image-event':
      return withImageEvent(state, action.id, action.event);
    case 'image-edited':
      return withEdit(state, action);
    case 'image-reread':
      return withReread(state, action.id);
    case 'payloads-chosen':
      return withPayloads(state, action.id, action.payloads);
    case 'image-removed':
      return withoutImage(state, action.id);
    case 'image-moved':
      return withMoved(state, action.id, action.to);
    case 'undone':
      return withUndone(state);
    case 'set-opened':
      return withSet(state, action.set, action.ids);
    case 'sets':
      return { ...state, sets: action.sets };
    case 'ecus':
      return { ...state, ecus: action.ecus };
    case 'preview-sorted':
      return { ...state, previewSort: action.sort };
    case 'drives':
      return withDrives({ ...state, drivesError: action.error ?? null }, action.drives);
    case 'drives-chosen':
      return withTarget(
        { ...state, chosen: action.chosen.slice(0, MAX_DRIVES), unplugged: [] },
        action.chosen.length > 0,
      );
    case 'write-anew':
      return { ...state, anew: action.anew };
    case 'stick-read':
      // The answer may come when the stick has gone.
      return state.drives.some((drive) => driveKey(drive) === action.key)
        ? { ...state, held: { ...state.held, [action.key]: action.manifest } }
        : state;
    case 'result-opened':
      return { ...state, isResultOpen: action.isOpen };
    case 'file-chosen':
      return withTarget({ ...state, file: action.file }, action.file !== null);
    case 'planned':
      return closeUnlessFit({ ...state, plan: action.plan });
    case 'job':
      return withJob(state, action);
    case 'screen':
      return lookedAt(onScreen(state, action.screen, action.job ?? null));
    case 'settings':
      return { ...state, settings: action.settings };
    case 'asked':
      return { ...state, question: action.question };
    case 'noticed':
      return { ...state, notice: action.notice };
    case 'failed':
      return { ...state, failure: { error: action.error } };
  }
}

/** @param historyJob of the history only what this job left; null: all of it. */
function onScreen(state: State, screen: Screen, historyJob: string | null): State {
  return { ...state, screen, historyJob, notice: null };
}

/** A chosen drive that cannot be written any more stays in the list and shows why; it cannot be confirmed. */
function closeUnlessFit(state: State): State {
  return refusedChoices(state).length === 0 ? state : closeConfirm(state);
}

/** Who chooses the next target has seen the last result. */
function withTarget(state: State, isChosen: boolean): State {
  return isChosen ? { ...state, isResultOpen: false } : state;
}

/** Whether or not a job has ended there: what is shown need not be said. */
function lookedAt(state: State): State {
  const { endedElsewhere: kind } = state;
  return kind !== null && state.screen === screenOf(kind)
    ? { ...state, endedElsewhere: null }
    : state;
}

/** Deselects drives that went away, or were plugged again; forgets what was on them. */
function withDrives(state: State, drives: State['drives']): State {
  const keys = new Set(drives.map(driveKey));
  const held = Object.fromEntries(Object.entries(state.held).filter(([key]) => keys.has(key)));
  const chosen = state.chosen.filter((identity) => findDrive(drives, identity) !== null);
  const gone = state.chosen.flatMap((identity) =>
    chosen.includes(identity) ? [] : (findDrive(state.drives, identity)?.drive ?? []),
  );
  // Where no drive can be listed, that is said, and not that they were unplugged.
  const unplugged =
    state.drivesError === null
      ? [...state.unplugged, ...gone].filter(
          ({ identity }) => !drives.some((drive) => isSameStick(drive.identity, identity)),
        )
      : [];
  const next = closeUnlessFit({ ...state, drives, held, chosen, unplugged });
  return gone.length === 0 ? next : closeConfirm(next);
}

/**
 * Every event brings a whole new copy of the job. Parts that say the same stay the same objects, so that
 * nothing is redrawn for them.
 */
function keepEqualParts(before: JobSnapshot | null, job: JobSnapshot | null): JobSnapshot | null {
  if (before === null || job === null || before.id !== job.id) return job;
  return keepEqual(before, job) as JobSnapshot;
}

/** `after`, with those of its parts that equal a part of `before` taken from there. Plain data only. */
function keepEqual(before: unknown, after: unknown): unknown {
  if (typeof before !== 'object' || typeof after !== 'object') return after;
  if (before === null || after === null || Array.isArray(before) !== Array.isArray(after))
    return after;
  const parts = Object.entries(after).map(([name, part]: [string, unknown]) => {
    const old: unknown = (before as Record<string, unknown>)[name];
    return [name, keepEqual(old, part)] as const;
  });
  const isSame =
    parts.length === Object.keys(before).length &&
    parts.every(([name, part]) => Object.is((before as Record<string, unknown>)[name], part));
  if (isSame) return before;
  return Array.isArray(after) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

/** When a build ends, whichever way, its stick must be chosen anew. */
function withJob(state: State, { kind, job: news }: JobAction): State {
  const before = state.jobs[kind];
  const job = keepEqualParts(before, news);
  const jobs = { ...state.jobs, [kind]: job };
  // What is being written cannot be taken back. What was to be confirmed has begun; a second click must not ask for it again.
  if (!isRunning(before) && isRunning(job))
    return closeConfirm({
      ...withoutNews(state, kind),
      jobs,
      undo: kind === 'build' ? null : state.undo,
    });
  if (!isRunning(before) || isRunning(job))
    return job === null ? { ...withoutNews(state, kind), jobs } : { ...state, jobs };
  const ended = lookedAt({
    ...{ ...state, jobs, endedElsewhere: kind },
    // What was asked was about the job that has just ended.
    question: state.question === 'confirm' ? 'confirm' : null,
    notice: state.notice !== null && 'busy' in state.notice ? null : state.notice,
  });
  if (kind !== 'build') return ended;
  return { ...ended, chosen: [], anew: false, file: null, unplugged: [], isResultOpen: true };
}

/** That the last job of this kind has ended is no news any more. */
function withoutNews(state: State, kind: keyof State['jobs']): State {
  return state.endedElsewhere === kind ? { ...state, endedElsewhere: null } : state;
}
