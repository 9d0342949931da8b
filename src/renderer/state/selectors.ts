import type { ChosenOutput, JobSnapshot, PayloadOf } from '../../shared/ipc.ts';
import { judgeDrive, type DriveReason } from '../../shared/drive-verdict.ts';
import type { Language } from '../../shared/messages/index.ts';
import {
  findDrive,
  isSameStick,
  type Drive,
  type DriveIdentity,
} from '../../shared/model/drive.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import type { ReleaseKey } from '../../shared/model/image-report.ts';
import type { Plan, Screen, State } from './model.ts';
import {
  takenPayloads,
  ecuProblem,
  besideFinished,
  chosenImages,
  planKey,
} from './image-selectors.ts';
import { isRunning, buildOutcomes } from './job-selectors.ts';

/** The plan, if it is the one of the images as they are now. */
export function currentPlan(state: State): Plan | null {
  const { plan } = state;
  return plan !== null && plan.key === planKey(state.images) ? plan : null;
}

/** Why a drive cannot be chosen now, its size for these images included; null if it can. */
export function refusalOf(drive: Drive, state: State): DriveReason | null {
  return refusalFor(drive, currentPlan(state));
}

export function refusalFor(drive: Drive, plan: Plan | null): DriveReason | null {
  const minimumSize = plan?.preview?.driveBytes ?? 0;
  const verdict = judgeDrive(drive, { allowFixed: false, minimumSize });
  return verdict.usable ? null : verdict.reason;
}

/** The chosen drives that are there. */
export function chosenDrives({ chosen, drives }: State): readonly Drive[] {
  return chosen.flatMap((identity) => findDrive(drives, identity)?.drive ?? []);
}

/** The chosen drives that cannot be written as things are, with the reasons. */
export function refusedChoices(
  state: State,
): readonly { readonly drive: Drive; readonly refusal: DriveReason }[] {
  const plan = currentPlan(state);
  return chosenDrives(state).flatMap((drive) => {
    const refusal = refusalFor(drive, plan);
    return refusal === null ? [] : [{ drive, refusal }];
  });
}

/** Key of a drive within one listing; another one when it is mounted elsewhere, and so may hold something else. */
export function driveKey({ identity, mounts }: Drive): string {
  const { path, generation } = identity;
  return [path, generation, ...mounts.map((mount) => mount.path)].join(' ');
}

/** For whom the payloads of each ECU are, where images of the newer format say so. */
export function releaseKeys({ images }: State): ReadonlyMap<string, ReleaseKey> {
  const payloads = images.flatMap(takenPayloads);
  return new Map(
    payloads.flatMap(({ ecuId, releaseKey }) =>
      ecuId === null || releaseKey === null ? [] : [[ecuId, releaseKey] as const],
    ),
  );
}

/** A vehicle trusts development or production keys, never both. */
export function hasMixedKeys(state: State): boolean {
  return new Set(releaseKeys(state).values()).size > 1;
}

export type Missing = 'images' | 'fix' | 'target' | 'fit' | 'list' | 'wait';

/** What the person still has to do (or wait for) before writing; null when nothing. */
export function missing(state: State): Missing | null {
  const { images } = state;
  if (images.length === 0) return 'images';
  const broken =
    besideFinished(images) !== null ||
    images.some((image) => image.status.kind === 'failed' || ecuProblem(image, images) !== null);
  const plan = currentPlan(state);
  if (broken || (plan !== null && plan.error !== null)) return 'fix';
  if (refusedChoices(state).length > 0) return 'fit';
  // No stick can be chosen where none can be seen.
  if (state.chosen.length === 0 && state.file === null)
    return state.drivesError === null ? 'target' : 'list';
  const done = images.every(({ status }) => status.kind === 'ready');
  return done && plan !== null ? null : 'wait';
}

export type StepName = 'images' | 'stick' | 'write';

/** The step whose control is accented: the next thing to do. */
export function nextStep(state: State): StepName {
  if (isRunning(state.jobs.build) || openResult(state) !== null) return 'write';
  const lacking = missing(state);
  if (lacking === 'images' || lacking === 'fix') return 'images';
  return lacking === 'target' || lacking === 'fit' || lacking === 'list' ? 'stick' : 'write';
}

/** The ended build whose result takes the third step; null where the step is the next stick's. */
export function openResult({ jobs, isResultOpen }: State): JobSnapshot | null {
  return isResultOpen && !isRunning(jobs.build) ? jobs.build : null;
}

/** The screen on which a job and its result are shown. */
export function screenOf(kind: JobSnapshot['kind']): Screen {
  return kind === 'check' ? 'check' : 'flow';
}

/** What is to be built, as it is chosen now; null before every image was read and named. */
export function chosenBuild(state: State): PayloadOf<'job.build'> | null {
  const images = chosenImages(state.images);
  return images === null ? null : { images: [...images], outputs: chosenOutputs(state) };
}

export function chosenOutputs(state: State): ChosenOutput[] {
  const outputs: ChosenOutput[] = [];
  const { file, chosen } = state;
  if (file?.kind === 'img') outputs.push({ kind: 'img', path: file.path, size: null });
  else if (file !== null) outputs.push({ kind: file.kind, path: file.path });
  const updated = updatedDrives(state).map((drive) => drive.identity.path);
  for (const identity of chosen) {
    const refresh = updated.includes(identity.path);
    outputs.push({ kind: 'drive', identity, ...(refresh && { refresh }) });
  }
  return outputs;
}

/** Chosen drives that hold an offline OTA image, as far as their label says. */
export function refreshableDrives(state: State): readonly Drive[] {
  return chosenDrives(state).filter(({ labels }) => labels.includes(CACHE_LABEL));
}

/** Chosen drives on which what they hold already is kept. */
export function updatedDrives(state: State): readonly Drive[] {
  return state.anew ? [] : refreshableDrives(state);
}

/** Whether every chosen drive is updated: where one is erased, it is the erasing that is asked about. */
export function onlyUpdates(state: State): boolean {
  const updated = updatedDrives(state).length;
  return updated > 0 && updated === chosenDrives(state).length;
}

/** Drives of the build that are not complete, as far as they are there and can be written again. */
export function drivesToRepeat(state: State): readonly DriveIdentity[] {
  return buildOutcomes(state).flatMap(({ request, state: end }) => {
    if (request.kind !== 'drive' || end === 'done') return [];
    const { identity } = request;
    const again = state.drives.find((drive) => isSameStick(drive.identity, identity));
    return again !== undefined && refusalOf(again, state) === null ? [again.identity] : [];
  });
}

/** The language that is shown: the chosen one, or the system's. */
export function shownLanguage({ settings, app }: State): Language {
  return settings.language === 'system' ? (app?.systemLanguage ?? 'en') : settings.language;
}
