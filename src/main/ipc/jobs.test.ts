import { expect, test } from 'vitest';
import { builderError } from '../../shared/errors.ts';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { waitingCheck, type CheckOutcome } from '../../shared/model/check.ts';
import type { BuildResult, OutputRequest } from '../../shared/model/job.ts';
import { waitingOutcome, type Outcome } from '../../shared/model/outcome.ts';
import type { Phase, Progress } from '../../shared/model/progress.ts';
import type { CheckRequest } from '../jobs/index.ts';
import type { Backend, JobEvent } from './backend.ts';
import { makeHandlers, type HandlerContext } from './handlers.ts';
import type { JobRecord, PlaceName } from './check-records.ts';
import { JobRunner } from './jobs.ts';

const DRIVE = {
  kind: 'drive',
  identity: { serial: 'S1' },
  eject: true,
} as unknown as OutputRequest;
const LABELS = [{ ecuId: 'main', version: '1', digest: null, signer: null }];

const at = (name: string): PlaceName => ({ name, port: null });

const checkOf = (...paths: string[]): CheckRequest => ({
  subjects: paths.map((path) => ({ kind: 'path', path })),
  eject: false,
});

function inPhase(phase: Phase): Outcome {
  const driveModified = phase !== 'check';
  return { ...waitingOutcome(DRIVE), state: 'running', phase, driveModified };
}

/** A build that stays in a phase until it is stopped or `finish` is called. */
function standing(phase: Phase) {
  const history: JobRecord[] = [];
  const { promise, resolve } = Promise.withResolvers<BuildResult>();
  const backend = {
    build: (_order: unknown, onEvent: (event: JobEvent) => void, signal: AbortSignal) => {
      onEvent({ kind: 'outcomes', outcomes: [inPhase(phase)] });
      onEvent({ kind: 'progress', progress: { phase } as Progress });
      const stopped = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(builderError('cancelled', {})));
      });
      return Promise.race([promise, stopped]);
    },
    check: (request: CheckRequest) =>
      Promise.resolve(
        request.subjects.map((subject) => ({
          ...waitingCheck(subject),
          ...{ state: 'done', report: { complete: true, faultCount: 0 } },
        })),
      ),
  } as unknown as Backend;
  const runner = new JobRunner(backend, {
    onChange: () => undefined,
    onEnd: () => undefined,
    onHistory: (entry) => history.push(entry),
  });
  const id = runner.build({ images: [], outputs: [DRIVE], caDir: null }, [at('Ultra')], LABELS);
  const outcomes: Outcome[] = [
    { ...waitingOutcome(DRIVE), state: 'done', bytes: 1, verified: true },
  ];
  const summary = { manifest: { image_meta: [] } };
  const finish = (): void => resolve({ outcomes, summary } as unknown as BuildResult);
  return { runner, id, history, finish };
}

test.each([
  ['check', false],
  ['prepare', true],
  ['write', true],
  ['flush', true],
  ['verify', true],
] as const)('in “%s” a job stops; the drive was changed: %s', async (phase, driveModified) => {
  const { runner, id, history } = standing(phase);
  runner.cancel(id);
  await runner.ended;
  expect(runner.running).toBeNull();
  expect(runner.find(id)).toMatchObject({
    state: 'failed',
    outcomes: [{ state: 'cancelled', driveModified }],
    error: { code: 'cancelled' },
  });
  // Also what never came to a manifest is remembered by what was to go on it.
  expect(history).toMatchObject([
    { result: 'cancelled', images: LABELS, outcomes: [{ result: 'cancelled', serial: 'S1' }] },
  ]);
});

test('a job has ended before what is half-made is removed, and tells when that is over', async () => {
  const removal = Promise.withResolvers<null>();
  const backend = {
    build: (_order: unknown, onEvent: (event: JobEvent) => void) => {
      onEvent({ kind: 'removing' });
      return Promise.reject(builderError('cancelled', {}));
    },
    removed: () => removal.promise,
  } as unknown as Backend;
  const reported: string[] = [];
  const runner = new JobRunner(backend, {
    onChange: (_kind, job) =>
      reported.push(`${job?.state}${job?.removing === true ? ', removing' : ''}`),
    onEnd: () => reported.push('end'),
    onHistory: () => undefined,
  });
  runner.build({ images: [], outputs: [], caDir: null }, [], LABELS);
  await runner.ended;
  expect(runner.running).toBeNull();
  expect(reported).toEqual(['running', 'running, removing', 'failed, removing', 'end']);
  removal.resolve(null);
  await runner.removed;
  expect(reported.at(-1)).toBe('failed');
});

test.each(['commit', 'eject'] as const)('in “%s” it is too late to stop', async (phase) => {
  const { runner, id, history, finish } = standing(phase);
  runner.cancel(id);
  expect(runner.running).toMatchObject({ state: 'running' });
  finish();
  await runner.ended;
  expect(runner.find(id)).toMatchObject({ state: 'done' });
  expect(history).toMatchObject([{ result: 'verified' }]);
});

test('that a drive does not answer is said once, and no longer when it does', async () => {
  let tell: (event: JobEvent) => void = () => undefined;
  const { promise, resolve } = Promise.withResolvers<BuildResult>();
  const backend = {
    build: (_order: unknown, onEvent: (event: JobEvent) => void) => {
      tell = onEvent;
      return promise;
    },
  } as unknown as Backend;
  const runner = new JobRunner(backend, {
    onChange: () => undefined,
    onEnd: () => undefined,
    onHistory: () => undefined,
  });
  const id = runner.build({ images: [], outputs: [DRIVE], caDir: null }, [at('Ultra')], LABELS);
  const stall = (seconds: number): void => {
    const params = { drive: 'Ultra', seconds };
    tell({ kind: 'notice', notice: { code: 'drive-stalled', params } });
  };
  const progress = (phase: Phase, bytesDone: number): void =>
    tell({ kind: 'progress', progress: { phase, bytesDone } as Progress });
  const shown = (): string[] =>
    runner
      .find(id)
      ?.notices.map(({ code, params }) =>
        'seconds' in params ? `${code} ${params.seconds}` : code,
      ) ?? [];

  progress('write', 5);
  stall(10);
  stall(20);
  expect(shown()).toEqual(['drive-stalled 20']);
  // The clock goes on, the bytes do not.
  progress('write', 5);
  expect(shown()).toEqual(['drive-stalled 20']);
  progress('write', 6);
  expect(shown()).toEqual([]);
  stall(10);
  progress('flush', 0);
  expect(shown()).toEqual([]);
  const params = { drive: 'Ultra', reason: '' };
  tell({ kind: 'notice', notice: { code: 'drive-eject-failed', params } });
  stall(10);
  resolve({ outcomes: [], summary: { manifest: { image_meta: [] } } } as unknown as BuildResult);
  await runner.ended;
  expect(shown()).toEqual(['drive-eject-failed']);
});

test('one of several drives is stopped alone, unless it is too late', async () => {
  const stopped: number[] = [];
  const { promise, resolve } = Promise.withResolvers<BuildResult>();
  let tell: (event: JobEvent) => void = () => undefined;
  const sent: JobSnapshot[] = [];
  const runner = new JobRunner(
    {
      build: (_order: unknown, onEvent: (event: JobEvent) => void) => {
        tell = onEvent;
        return promise;
      },
      stopOutput: (output: number) => Promise.resolve(stopped.push(output)),
    } as unknown as Backend,
    {
      onChange: (_kind, job) => {
        if (job !== null) sent.push(job);
      },
      onEnd: () => undefined,
      onHistory: (entry) => history.push(entry),
    },
  );
  const history: JobRecord[] = [];
  const order = { images: [], outputs: [DRIVE, DRIVE, DRIVE], caDir: null };
  const id = runner.build(order, [at('A'), at('B'), at('C')], LABELS);
  expect(runner.find(id)).toMatchObject({ subject: 'A, B, C', names: ['A', 'B', 'C'] });
  tell({ kind: 'outcomes', outcomes: [inPhase('commit'), inPhase('write'), inPhase('verify')] });
  for (const output of [0, 1, 2, 3]) runner.stopOutput(id, output);
  runner.stopOutput('another', 1);
  expect(stopped).toEqual([1, 2]);

  // How far each drive is goes with the progress of the job.
  const before = sent.length;
  const progress = { phase: 'write', bytesDone: 5 } as Progress;
  tell({ kind: 'lane', output: 1, progress });
  expect(sent).toHaveLength(before);
  tell({ kind: 'progress', progress });
  expect(sent.at(-1)?.lanes).toEqual([null, progress, null]);

  const done = { ...waitingOutcome(DRIVE), state: 'done', verified: true } as const;
  const error = { code: 'drive-unplugged', params: { drive: 'B' } } as const;
  const outcomes = [done, { ...done, state: 'failed', verified: false, error }, done];
  const summary = { manifest: { image_meta: [] } };
  resolve({ outcomes, summary } as unknown as BuildResult);
  await runner.ended;
  expect(history).toMatchObject([
    {
      result: 'partial',
      outcomes: [{ name: 'A', result: 'verified' }, { result: 'failed', error }, { name: 'C' }],
    },
  ]);
});

test('a stick that is ejected later is known to be', async () => {
  const { runner, id, finish } = standing('eject');
  finish();
  await runner.ended;
  runner.ejected('another');
  expect(runner.find(id)?.outcomes[0]?.ejected).toBe(false);
  runner.ejected(id);
  expect(runner.find(id)?.outcomes[0]?.ejected).toBe(true);
});

test('a check leaves the finished build, and each is dismissed by itself', async () => {
  const { runner, id, finish } = standing('eject');
  finish();
  await runner.ended;
  const check = runner.check(checkOf('/x.tar'), [at('/x.tar')]);
  expect(runner.running).toMatchObject({ id: check, kind: 'check' });
  expect(() => runner.check(checkOf('/y.tar'), [at('/y.tar')])).toThrow();
  // The one that runs cannot be dismissed.
  runner.dismiss(check);
  await runner.ended;
  expect(runner.jobs).toMatchObject({
    build: { id, state: 'done' },
    check: { id: check, state: 'done', checks: [{ report: { complete: true } }] },
  });
  runner.ejected(id);
  expect(runner.find(id)?.outcomes[0]?.ejected).toBe(true);
  runner.dismiss(check);
  expect(runner.jobs).toMatchObject({ build: { id }, check: null });
  runner.dismiss(id);
  expect(runner.jobs).toEqual({ build: null, check: null });
});

test('a check leaves an entry of each subject that was looked at, and none of the others', async () => {
  const history: JobRecord[] = [];
  const request = checkOf('/a.tar', '/b.tar', '/c.tar');
  const waiting = request.subjects.map(waitingCheck);
  const manifest = { image_meta: [{ ecu_id: 'main', image_version: '7' }] };
  const signatures = [{ digest: 'ab', signer: 'CN=x' }];
  const report = { kind: 'tar', complete: false, faultCount: 3, manifest, signatures };
  const step = (changes: Partial<CheckOutcome>[]): CheckOutcome[] =>
    waiting.map((check, i) => ({ ...check, ...changes[i] }));
  const backend = {
    check: (_request: unknown, onEvent: (event: JobEvent) => void) => {
      const done = { state: 'done', report } as unknown as CheckOutcome;
      onEvent({ kind: 'checks', checks: step([{ state: 'running' }]) });
      onEvent({ kind: 'checks', checks: step([done]) });
      onEvent({ kind: 'checks', checks: step([done, { state: 'running' }]) });
      return Promise.reject(builderError('cancelled', {}));
    },
  } as unknown as Backend;
  const runner = new JobRunner(backend, {
    onChange: () => undefined,
    onEnd: () => undefined,
    onHistory: (entry) => history.push(entry),
  });
  const places = [{ name: '/a.tar', port: null }, at('/b.tar'), at('/c.tar')];
  const job = runner.check(request, places);
  await runner.ended;
  const images = [{ ecuId: 'main', version: '7', digest: 'ab', signer: 'CN=x' }];
  expect(history).toMatchObject([
    { kind: 'check', job, images, result: 'incomplete', outcomes: [{ name: '/a.tar', faults: 3 }] },
    { kind: 'check', job, images: [], result: 'cancelled', outcomes: [{ name: '/b.tar' }] },
  ]);
  expect(runner.find(job)?.checks.map(({ state }) => state)).toEqual([
    ...['done', 'cancelled', 'cancelled'],
  ]);
});

test('only a file that the person chose in a dialog is written', async () => {
  const built: unknown[] = [];
  const handlers = makeHandlers({
    desktop: { chooseSave: () => Promise.resolve('/chosen.tar') },
    jobs: { build: (order: unknown) => built.push(order) },
    images: { report: () => null },
    settings: { current: { caDir: null, ejectAfterWrite: true } },
    log: { write: () => undefined },
  } as unknown as HandlerContext);
  const build = (path: string): unknown =>
    handlers['job.build']({ images: [], outputs: [{ kind: 'tar', path }] });
  expect(() => build('/home/kim/.bashrc')).toThrow();
  expect(() => build('/chosen.tar')).toThrow();
  await handlers['output.choose']({ kind: 'tar' });
  build('/chosen.tar');
  expect(built).toHaveLength(1);
});
