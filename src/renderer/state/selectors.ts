import { fileName } from '../../shared/file-name.ts';
import type { ChosenImage, ChosenOutput, JobSnapshot, PayloadOf } from '../../shared/ipc.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { KnownEcus } from '../../shared/ipc-sets.ts';
import { judgeDrive, type DriveReason } from '../../shared/drive-verdict.ts';
import type { CheckOutcome } from '../../shared/model/check.ts';
import type { Language } from '../../shared/messages/index.ts';
import {
  findDrive,
  isSameStick,
  type Drive,
  type DriveIdentity,
} from '../../shared/model/drive.ts';
import { ecuKey, isEcuId, normalizeEcuId } from '../../shared/model/ecu-id.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import type { OutputRequest } from '../../shared/model/job.ts';
import type {
  ImageReport,
  ImageWarning,
  PayloadReport,
  ReleaseKey,
} from '../../shared/model/image-report.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type Phase, UNSTOPPABLE_PHASES } from '../../shared/model/progress.ts';
import type { ImageItem, Plan, Screen, State } from './model.ts';

const NONE: readonly never[] = [];

export type EcuProblem = 'missing' | 'invalid' | 'duplicate' | 'none' | 'both';

/** null once it was removed. */
export function findImage({ images }: State, id: string): ImageItem | null {
  return images.find((image) => image.id === id) ?? null;
}

/** Payloads that are taken; empty before the image is read. */
export function takenPayloads(
  image: Pick<ImageItem, 'report' | 'payloads'>,
): readonly PayloadReport[] {
  return image.report?.payloads.filter((_payload, at) => image.payloads.includes(at)) ?? [];
}

/** ECU ids of what is taken, where the image names them itself; null where the person has to. */
export function namedEcus(image: Pick<ImageItem, 'report' | 'payloads'>): readonly string[] | null {
  const all = image.report?.payloads ?? [];
  if (all.length === 0 || all.some(({ ecuId }) => ecuId === null)) return null;
  return takenPayloads(image).map(({ ecuId }) => ecuId ?? '');
}

/** What tells for which ECUs an image is. */
type Addressed = Pick<ImageItem, 'id' | 'ecuId' | 'report' | 'payloads'>;

/** ECU ids of an image: its own as they are in it, that of a person as it is meant. Empty text: none yet. */
export function ecusOf(image: Omit<Addressed, 'id'>): readonly string[] {
  return namedEcus(image) ?? [normalizeEcuId(image.ecuId)];
}

export function ecuKeysOf(image: Addressed): readonly string[] {
  return ecusOf(image).map(ecuKey);
}

/** What a person calls an image: its ECUs, or the name of its file while nobody knows them. */
export function nameOfImage(image: Omit<Addressed, 'id'> & Pick<ImageItem, 'path'>): string {
  return [...new Set(ecusOf(image))].join(', ') || fileName(image.path);
}

/** What has to be said of the ids of an image. */
export interface EcuMarks {
  /** The id is from the file name, and neither used nor confirmed so far. */
  readonly isGuess: boolean;
  /** Ids for which this computer has made nothing so far. */
  readonly unused: readonly string[];
}

export function ecuMarks(
  image: Omit<Addressed, 'id'> & Pick<ImageItem, 'isGuess'>,
  ecus: KnownEcus,
): EcuMarks {
  const used = new Set(ecus.used.map(ecuKey));
  const confirmed = new Set(ecus.confirmed.map(ecuKey));
  const ids = image.report === null ? NONE : [...new Set(ecusOf(image))].filter(isEcuId);
  const unused = ids.filter((id) => !used.has(ecuKey(id)));
  const isGuess = namedEcus(image) === null && image.isGuess;
  return { isGuess: isGuess && unused.some((id) => !confirmed.has(ecuKey(id))), unused };
}

/** Whether the file is another image than the one that its set was saved with. */
export function hasChanged({ expected, report }: Pick<ImageItem, 'expected' | 'report'>): boolean {
  return expected !== null && report !== null && report.digest !== expected;
}

/** Warnings that hold for all images that were read, where there are several. */
export function sharedWarnings(
  images: readonly Pick<ImageItem, 'report'>[],
): readonly ImageWarning[] {
  const [first, ...others] = images.flatMap(({ report }) => report ?? []);
  if (first === undefined || others.length === 0) return NONE;
  return first.warnings.filter((warning) => others.every((other) => hasWarning(other, warning)));
}

/** Warnings of one image that do not hold for all. */
export function ownWarnings(
  report: ImageReport,
  shared: readonly ImageWarning[],
): readonly ImageWarning[] {
  return report.warnings.filter((warning) => !hasWarning({ warnings: shared }, warning));
}

function hasWarning({ warnings }: Pick<ImageReport, 'warnings'>, warning: ImageWarning): boolean {
  return warnings.some((other) => JSON.stringify(other) === JSON.stringify(warning));
}

/** What is wrong with the ECU id of an image among the others; null if nothing. */
export function ecuProblem(image: Addressed, images: readonly Addressed[]): EcuProblem | null {
  // What is still being read may name its ECUs itself, or take the place of another image.
  if (image.report === null) return null;
  const own = ecusOf(image);
  if (own.length === 0) return 'none';
  // One ECU's development and production payloads: a vehicle has room for one of them.
  if (new Set(own.map(ecuKey)).size < own.length) return 'both';
  if (own.includes('')) return 'missing';
  if (!own.every(isEcuId)) return 'invalid';
  const keys = new Set(ecuKeysOf(image));
  const taken = images.some(
    (other) =>
      other.id !== image.id &&
      other.report !== null &&
      ecuKeysOf(other).some((key) => keys.has(key)),
  );
  return taken ? 'duplicate' : null;
}

/** Why these images cannot be together; null if they can. The same object for the same images. */
export function besideFinished(images: readonly ImageItem[]): ErrorData | null {
  if (images.length < 2) return null;
  const finished = images.find(({ report }) => report?.format === 'offline');
  return finished === undefined ? null : notAlone(finished);
}

const refusals = new WeakMap<ImageItem, ErrorData>();

function notAlone(image: ImageItem): ErrorData {
  const { path: file } = image;
  const refusal = refusals.get(image) ?? { code: 'finished-not-alone', params: { file } };
  refusals.set(image, refusal);
  return refusal;
}

/** The images as a request, once each was read and each is named; null before. */
export function chosenImages(images: readonly ImageItem[]): readonly ChosenImage[] | null {
  const usable = images.every(
    (image) =>
      image.report !== null && image.status.kind !== 'failed' && ecuProblem(image, images) === null,
  );
  if (images.length === 0 || !usable || besideFinished(images) !== null) return null;
  return images.map((image) => ({
    id: image.id,
    ecuId: namedEcus(image) === null ? normalizeEcuId(image.ecuId) : null,
    version: namedEcus(image) === null || image.versionEdited ? image.version : null,
    payloads: image.payloads.length === image.report?.payloads.length ? null : [...image.payloads],
  }));
}

/** Tells apart what plans are made of; null while there is nothing to plan. */
export function planKey(images: readonly ImageItem[]): string | null {
  const chosen = chosenImages(images);
  return chosen === null ? null : JSON.stringify(chosen);
}

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

export function isRunning(job: JobSnapshot | null): boolean {
  return job?.state === 'running' || job?.state === 'cancelling';
}

/** The one job that runs, of whichever kind; null if none does. */
export function runningJob({ jobs }: State): JobSnapshot | null {
  return [jobs.build, jobs.check].find(isRunning) ?? null;
}

/** A job without what changes while it runs: its progress, and what becomes of its outputs. */
export type JobFacts = Omit<JobSnapshot, 'progress' | 'lanes' | 'outcomes' | 'checks'> & {
  readonly [Left in 'progress' | 'lanes' | 'outcomes' | 'checks']: null;
};

export function jobFacts(job: JobSnapshot | null): JobFacts | null {
  return job === null
    ? null
    : { ...job, progress: null, lanes: null, outcomes: null, checks: null };
}

/** What becomes of each output of the build. */
export function buildOutcomes({ jobs }: State): readonly Outcome[] {
  return jobs.build?.outcomes ?? NONE;
}

/** What becomes of each subject of the check. */
export function checkResults({ jobs }: State): readonly CheckOutcome[] {
  return jobs.check?.checks ?? NONE;
}

/** What the build is to make. */
export function buildRequests(state: State): readonly OutputRequest[] {
  return buildOutcomes(state).map(({ request }) => request);
}

export function hasDrive(outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({ request }) => request.kind === 'drive');
}

/** An output of a job that is a drive, by its position among the outcomes. */
export interface DriveOutcome {
  readonly index: number;
  readonly name: string;
  readonly port: string | null;
  readonly outcome: Outcome;
}

type NamedOutcomes = Pick<JobSnapshot, 'outcomes' | 'names' | 'ports'>;

/** The drives of a job, in their order. */
export function driveOutcomes(job: NamedOutcomes | null): readonly DriveOutcome[] {
  return (job?.outcomes ?? NONE).flatMap((outcome, index) =>
    outcome.request.kind === 'drive'
      ? [
          {
            ...{ index, outcome, port: job?.ports[index] ?? null },
            name: job?.names[index] ?? outcome.request.identity.path,
          },
        ]
      : [],
  );
}

/** The drives of a job with several; none of a job with one, of which the job itself says all. */
export function severalDrives(job: NamedOutcomes | null): readonly DriveOutcome[] {
  const drives = driveOutcomes(job);
  return drives.length > 1 ? drives : NONE;
}

/** What becomes of one output of the build; null where it has none of that position. */
export function findOutcome(state: State, index: number): Outcome | null {
  return buildOutcomes(state)[index] ?? null;
}

/** Whether one output of a running job can still be given up alone. */
export function mayStopOutput(job: JobSnapshot | null, index: number): boolean {
  const { state, phase = null } = job?.outcomes[index] ?? {};
  const inTime = phase !== null && !UNSTOPPABLE_PHASES.includes(phase);
  return job?.state === 'running' && state === 'running' && inTime;
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

/** Whether any drive may hold something else than before. */
export function isDriveModified(outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({ driveModified }) => driveModified);
}

export function mayStop(job: JobSnapshot | null): boolean {
  const phase = job?.progress?.phase;
  return job?.state === 'running' && (phase === undefined || !UNSTOPPABLE_PHASES.includes(phase));
}

/** Phases that are named while a build runs. Finishing is too short to be one of them; files are not read back. */
export function phasesOf(requests: readonly OutputRequest[]): readonly Phase[] {
  const drive = requests.find((output) => output.kind === 'drive');
  return drive === undefined
    ? ['write', 'flush']
    : drive.eject
      ? ['prepare', 'write', 'flush', 'verify', 'eject']
      : ['prepare', 'write', 'flush', 'verify'];
}

/** The language that is shown: the chosen one, or the system's. */
export function shownLanguage({ settings, app }: State): Language {
  return settings.language === 'system' ? (app?.systemLanguage ?? 'en') : settings.language;
}
