import type { JobSnapshot } from '../../shared/ipc.ts';
import type { CheckOutcome } from '../../shared/model/check.ts';
import type { OutputRequest } from '../../shared/model/job.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type Phase, UNSTOPPABLE_PHASES } from '../../shared/model/progress.ts';
import type { State } from './model.ts';

const NONE: readonly never[] = [];

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
  const drives = requests.filter((output) => output.kind === 'drive');
  if (drives.length === 0) return ['write', 'flush'];
  const refreshes = drives.some(({ refresh }) => refresh === true);
  return [
    ...(refreshes ? (['look'] as const) : []),
    ...(['prepare', 'write', 'flush', 'verify'] as const),
    ...(drives[0]?.eject === true ? (['eject'] as const) : []),
  ];
}
