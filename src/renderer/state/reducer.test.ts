import { describe, expect, test } from 'vitest';
import { MAX_IMAGES, type JobSnapshot, type PlanPreview } from '../../shared/ipc.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import { waitingOutcome, type Outcome } from '../../shared/model/outcome.ts';
import type { Manifest } from '../../shared/model/manifest.ts';
import type { Progress } from '../../shared/model/progress.ts';
import type { Action, State } from './model.ts';
import { INITIAL, reduce } from './reducer.ts';
import { besideFinished, chosenImages, ecuProblem, planKey } from './image-selectors.ts';
import { mayStop, runningJob, severalDrives } from './job-selectors.ts';
import {
  chosenOutputs,
  onlyUpdates,
  driveKey,
  drivesToRepeat,
  missing,
  nextStep,
  openResult,
  refusalOf,
  refusedChoices,
} from './selectors.ts';

const STICK: Drive = {
  identity: {
    path: '/dev/sdb',
    serial: '1',
    model: 'Ultra',
    size: 64e9,
    transport: 'usb',
    deviceNumber: '8:16',
    generation: '7',
  },
  kind: 'usb',
  vendor: 'SanDisk',
  port: null,
  readOnly: false,
  partitions: [],
  labels: [],
  mounts: [],
  swaps: [],
  holders: [],
  system: false,
};

function report(
  payloads: readonly { ecuId: string | null; version: string | null; releaseKey?: 'dev' | 'prd' }[],
): ImageReport {
  return { payloads } as unknown as ImageReport;
}

function after(...actions: readonly Action[]): State {
  return actions.reduce(reduce, INITIAL);
}

const added = (...paths: readonly string[]): Action => ({
  type: 'images-added',
  images: paths.map((path, index) => ({ id: `i${index}`, path })),
});
const read = (id: string, version: string | null = null): Action => ({
  type: 'image-event',
  id,
  event: { kind: 'inspected', report: report([{ ecuId: null, version }]) },
});
const checked = (id: string): Action => ({ type: 'image-event', id, event: { kind: 'checked' } });

function planned(state: State, driveBytes: number): State {
  const preview = { driveBytes } as unknown as PlanPreview;
  return reduce(state, {
    type: 'planned',
    plan: { key: planKey(state.images) ?? '', preview, error: null },
  });
}

function job(state: JobSnapshot['state'], changes: Partial<JobSnapshot> = {}): Action {
  return {
    type: 'job',
    kind: 'build',
    job: { id: 'j', kind: 'build', state, progress: null, ...changes } as unknown as JobSnapshot,
  };
}

test('an image goes from reading to ready; its version comes from inside unless it was typed', () => {
  const state = after(added('/x/autoware_image.tgz'));
  expect(state.images[0]).toMatchObject({ ecuId: 'autoware', status: { kind: 'reading' } });
  expect(reduce(state, read('i0', 'v2')).images[0]).toMatchObject({
    version: 'v2',
    status: { kind: 'checking' },
  });
  const typed = reduce(state, { type: 'image-edited', id: 'i0', version: 'mine' });
  expect(reduce(typed, read('i0', 'v2')).images[0]?.version).toBe('mine');
});

test('the next step follows what is there', () => {
  const steps: [State, string, string | null][] = [];
  let state = after();
  const step = (next: State): void => {
    state = next;
    steps.push([state, nextStep(state), missing(state)]);
  };
  step(state);
  step(reduce(state, added('/a_image.tgz')));
  step(reduce(state, read('i0')));
  step(reduce(state, { type: 'drives', drives: [STICK] }));
  step(reduce(state, { type: 'drives-chosen', chosen: [STICK.identity] }));
  step(planned(state, 1e9));
  step(reduce(state, checked('i0')));
  expect(steps.map(([, next, lacking]) => [next, lacking])).toEqual([
    ['images', 'images'],
    ['stick', 'target'],
    ['stick', 'target'],
    ['stick', 'target'],
    ['write', 'wait'],
    ['write', 'wait'],
    ['write', null],
  ]);
  expect(chosenOutputs(state)).toEqual([{ kind: 'drive', identity: STICK.identity }]);
});

test('sticks that hold an offline OTA image are updated, unless they are to be written anew', () => {
  const ours = { ...STICK, labels: ['ota_cache_src'] };
  const other = { ...STICK, identity: { ...STICK.identity, path: '/dev/sdc', serial: '2' } };
  const listed = after({ type: 'drives', drives: [ours, other] });
  const chosen = (...drives: Drive[]): State =>
    reduce(listed, { type: 'drives-chosen', chosen: drives.map(({ identity }) => identity) });
  const outputs = [
    { kind: 'drive', identity: ours.identity, refresh: true },
    { kind: 'drive', identity: other.identity },
  ];
  expect(chosenOutputs(chosen(ours, other))).toEqual(outputs);
  // Of both, the question is whether to erase.
  expect([onlyUpdates(chosen(ours)), onlyUpdates(chosen(ours, other))]).toEqual([true, false]);
  const anew = reduce(chosen(ours), { type: 'write-anew', anew: true });
  expect(chosenOutputs(anew)).toEqual([{ kind: 'drive', identity: ours.identity }]);
  expect(onlyUpdates(anew)).toBe(false);
});

test('a plan of other images does not count', () => {
  const state = planned(after(added('/a_image.tgz'), read('i0'), checked('i0')), 1e12);
  expect(refusalOf(STICK, state)).toMatchObject({ code: 'drive-too-small' });
  const renamed = reduce(state, { type: 'image-edited', id: 'i0', ecuId: 'b' });
  expect(refusalOf(STICK, renamed)).toBeNull();
});

test('ECU ids: missing, invalid, used twice', () => {
  const state = after(added('/a_image.tgz', '/a-image.tar'), read('i0'), read('i1'));
  const [first, second] = state.images;
  if (first === undefined || second === undefined) throw new Error('no images');
  expect(ecuProblem(first, state.images)).toBe('duplicate');
  expect(chosenImages(state.images)).toBeNull();
  const edit = (ecuId: string) => {
    const { images } = reduce(state, { type: 'image-edited', id: 'i0', ecuId });
    return images[0] === undefined ? null : ecuProblem(images[0], images);
  };
  expect([edit(''), edit('a:b'), edit('c')]).toEqual(['missing', 'invalid', null]);
});

test('a finished image is chosen alone, and refused beside others in whatever order they came', () => {
  const finished: Action = {
    type: 'image-event',
    id: 'i0',
    event: {
      kind: 'inspected',
      report: { ...report([{ ecuId: 'main', version: '1' }]), format: 'offline' } as ImageReport,
    },
  };
  const alone = after(added('/x.img'), finished);
  expect(besideFinished(alone.images)).toBeNull();
  expect(chosenImages(alone.images)).toHaveLength(1);
  for (const images of [
    after(added('/x.img', '/a.tgz'), finished).images,
    after(added('/x.img', '/a.tgz'), finished).images.toReversed(),
  ]) {
    const refusal = { code: 'finished-not-alone', params: { file: '/x.img' } };
    expect(besideFinished(images)).toEqual(refusal);
    expect(chosenImages(images)).toBeNull();
    expect(missing({ ...alone, images })).toBe('fix');
  }
});

test('ids that an image names itself are taken from it', () => {
  const named = report([
    { ecuId: 'main', version: '1' },
    { ecuId: 'sub', version: '1' },
  ]);
  const state = after(added('/v1.zip'), {
    type: 'image-event',
    id: 'i0',
    event: { kind: 'inspected', report: named },
  });
  const whole = { id: 'i0', ecuId: null, version: null, payloads: null };
  expect(chosenImages(state.images)).toEqual([whole]);
  const sub = reduce(state, { type: 'payloads-chosen', id: 'i0', payloads: [1] });
  expect(chosenImages(sub.images)).toEqual([{ ...whole, payloads: [1] }]);
});

test('of an ECU’s development and production payloads one must go, and something must stay', () => {
  const both = report([
    { ecuId: 'main', version: '1', releaseKey: 'dev' },
    { ecuId: 'main', version: '1', releaseKey: 'prd' },
  ]);
  const state = after(added('/v1.zip'), {
    type: 'image-event',
    id: 'i0',
    event: { kind: 'inspected', report: both },
  });
  const problem = (payloads: readonly number[]) => {
    const { images } = reduce(state, { type: 'payloads-chosen', id: 'i0', payloads });
    return images[0] === undefined ? 'no image' : ecuProblem(images[0], images);
  };
  expect([problem([0, 1]), problem([]), problem([0]), problem([1])]).toEqual([
    'both',
    'none',
    null,
    null,
  ]);
  expect(missing(state)).toBe('fix');
});

test('drives that cannot be listed are not on offer, and the reason is kept', () => {
  const error = { code: 'drive-list-failed', params: { reason: 'x' } } as const;
  const state = after(
    { type: 'drives', drives: [STICK] },
    { type: 'drives-chosen', chosen: [STICK.identity] },
    { type: 'drives', drives: [], error },
  );
  expect(state).toMatchObject({ drives: [], chosen: [], drivesError: error });
  expect(reduce(state, { type: 'drives', drives: [STICK] }).drivesError).toBeNull();
});

test('what is complete cannot be stopped any more', () => {
  const at = (phase: Progress['phase']): boolean =>
    mayStop(runningJob(after(job('running', { progress: { phase } as Progress }))));
  expect([at('check'), at('write'), at('verify'), at('commit'), at('eject')]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('images change places, and stay at the ends', () => {
  const state = after(added('/a', '/b', '/c'));
  const order = (to: number, id: string): string =>
    reduce(state, { type: 'image-moved', id, to })
      .images.map(({ path }) => path)
      .join('');
  expect(order(1, 'i0')).toBe('/b/a/c');
  expect(order(2, 'i0')).toBe('/b/c/a');
  expect(order(0, 'i2')).toBe('/c/a/b');
  expect(order(-1, 'i0')).toBe('/a/b/c');
  expect(order(3, 'i2')).toBe('/a/b/c');
});

test('a drive that went, or came again, is no longer chosen, and is named until it is back', () => {
  const chosen = after(
    { type: 'drives', drives: [STICK] },
    { type: 'drives-chosen', chosen: [STICK.identity] },
    { type: 'asked', question: 'confirm' },
  );
  const again = { ...STICK, identity: { ...STICK.identity, generation: '8' } };
  const gone = reduce(chosen, { type: 'drives', drives: [] });
  expect(gone).toMatchObject({ chosen: [], unplugged: [STICK], question: null });
  const back = reduce(gone, { type: 'drives', drives: [again] });
  expect(back).toMatchObject({ chosen: [], unplugged: [] });
  expect(reduce(chosen, { type: 'drives', drives: [again] })).toMatchObject({
    ...{ chosen: [], unplugged: [], question: null },
  });
  expect(reduce(chosen, { type: 'drives', drives: [STICK] })).toMatchObject({
    ...{ chosen: [STICK.identity], question: 'confirm' },
  });
});

test('a chosen drive that cannot be written any more stays chosen, is not confirmed, and says why', () => {
  const chosen = after(
    added('/a_image.tgz'),
    read('i0'),
    checked('i0'),
    { type: 'drives', drives: [STICK] },
    { type: 'drives-chosen', chosen: [STICK.identity] },
    { type: 'asked', question: 'confirm' },
  );
  for (const state of [
    reduce(chosen, { type: 'drives', drives: [{ ...STICK, readOnly: true }] }),
    planned(chosen, 1e12),
  ]) {
    expect(state).toMatchObject({ chosen: [STICK.identity], unplugged: [], question: null });
    expect([missing(state), nextStep(state)]).toEqual(['fit', 'stick']);
    expect(refusedChoices(state)).toHaveLength(1);
  }
  expect(missing(planned(chosen, 1e9))).toBeNull();
});

test('what was about to be confirmed is asked anew when the images change', () => {
  const asked = after(added('/a_image.tgz'), read('i0'), { type: 'asked', question: 'confirm' });
  const more: Action = { type: 'images-added', images: [{ id: 'new', path: '/b_image.tgz' }] };
  expect(reduce(asked, more).question).toBeNull();
  expect(reduce(asked, { type: 'image-reread', id: 'i0' }).question).toBeNull();
  const stopping = reduce(asked, { type: 'asked', question: 'stop' });
  expect(reduce(stopping, more).question).toBe('stop');
});

test('images that cannot be added are named once each', () => {
  const state = after(added('/a_image.tgz'), {
    type: 'images-added',
    images: ['/b_image.tgz', '/a_image.tgz', '/b_image.tgz'].map((path) => ({ id: path, path })),
  });
  expect(state.images.map(({ path }) => path)).toEqual(['/a_image.tgz', '/b_image.tgz']);
  expect(state.notice).toEqual({ already: 'a_image.tgz' });

  const many = Array.from({ length: MAX_IMAGES }, (_, at) => `/${at}_image.tgz`);
  const full = after(added(...many, '/one_image.tgz'));
  expect(full.images.map(({ path }) => path)).toEqual(many);
  expect(full.notice).toEqual({ tooMany: MAX_IMAGES });
});

test('a payload that was left out stays so when the image is read again', () => {
  const payloads = (['main', 'sub'] as const).map((ecuId) => ({
    ...{ ecuId, version: null, releaseKey: 'dev' as const },
  }));
  const again: Action = {
    type: 'image-event',
    id: 'i0',
    event: { kind: 'inspected', report: report(payloads) },
  };
  const chosen = after(added('/v1.zip'), again, {
    type: 'payloads-chosen',
    id: 'i0',
    payloads: [1],
  });
  const reread = reduce(reduce(chosen, { type: 'image-reread', id: 'i0' }), again);
  expect(reread.images[0]?.payloads).toEqual([1]);
});

test('when a build ends, whichever way, its targets must be chosen anew', () => {
  for (const end of ['done', 'failed'] as const) {
    const state = after(
      { type: 'drives', drives: [STICK] },
      { type: 'drives-chosen', chosen: [STICK.identity] },
      { type: 'file-chosen', file: { kind: 'tar', path: '/x.tar' } },
      job('running'),
      { type: 'asked', question: 'stop' },
      job(end),
    );
    expect(state).toMatchObject({ chosen: [], file: null, question: null });
  }
});

test('the result of a build has the third step until the next target is chosen', () => {
  const ended = after({ type: 'drives', drives: [STICK] }, job('running'), job('failed'));
  const choose: Action = { type: 'drives-chosen', chosen: [STICK.identity] };
  expect(openResult(ended)?.id).toBe('j');
  expect(nextStep(ended)).toBe('write');
  // Neither an image nor another screen takes it away.
  const later = [added('/a_image.tgz'), { type: 'screen', screen: 'history' } as const];
  expect(openResult(later.reduce(reduce, ended))?.id).toBe('j');
  const next = reduce(ended, choose);
  expect(openResult(next)).toBeNull();
  expect(next.jobs.build?.id).toBe('j');
  expect(openResult(reduce(next, { type: 'result-opened', isOpen: true }))?.id).toBe('j');
  // The end of the next one is shown again.
  expect(openResult([job('running'), job('done')].reduce(reduce, next))?.state).toBe('done');
});

test('a job that ends while another screen is shown is said there until it is looked at', () => {
  const started = after(job('running'));
  expect(reduce(started, job('done')).endedElsewhere).toBeNull();
  const away = reduce(started, { type: 'screen', screen: 'history' });
  const ended = reduce(away, job('failed'));
  expect(ended.endedElsewhere).toBe('build');
  expect(reduce(ended, { type: 'screen', screen: 'settings' }).endedElsewhere).toBe('build');
  expect(reduce(ended, { type: 'screen', screen: 'flow' }).endedElsewhere).toBeNull();
  expect(reduce(ended, job('running')).endedElsewhere).toBeNull();
});

test('what was confirmed is not asked again when it has begun', () => {
  const asked = after({ type: 'asked', question: 'confirm' });
  expect(reduce(asked, job('running')).question).toBeNull();
});

test('what a stick holds is forgotten when it goes, and not learnt of one that has gone', () => {
  const manifest = { image_meta: [] } as unknown as Manifest;
  const answer: Action = { type: 'stick-read', key: driveKey(STICK), manifest };
  const known = after({ type: 'drives', drives: [STICK] }, answer);
  expect(known.held).toEqual({ [driveKey(STICK)]: manifest });
  const mounted = {
    ...STICK,
    mounts: [{ path: '/media/kim/x', device: '/dev/sdb', pinned: false }],
  };
  expect(reduce(known, { type: 'drives', drives: [mounted] }).held).toEqual({});
  expect(after({ type: 'drives', drives: [] }, answer).held).toEqual({});
});

test('a check neither takes away the result of a build nor what was chosen for the next one', () => {
  const built = after(
    job('running'),
    job('done'),
    { type: 'drives', drives: [STICK] },
    { type: 'drives-chosen', chosen: [STICK.identity] },
  );
  const check = (state: JobSnapshot['state']): Action => ({
    type: 'job',
    kind: 'check',
    job: { id: 'c', kind: 'check', state, progress: null } as unknown as JobSnapshot,
  });
  const checking = reduce(built, check('running'));
  expect(runningJob(checking)?.id).toBe('c');
  expect(checking.jobs.build).toMatchObject({ id: 'j', state: 'done' });
  const checked = reduce(reduce(checking, { type: 'asked', question: 'stop' }), check('done'));
  expect(checked).toMatchObject({ question: null, chosen: [STICK.identity] });
  expect(checked.jobs).toMatchObject({ build: { id: 'j' }, check: { id: 'c' } });
  const dismissed = reduce(checked, { type: 'job', kind: 'check', job: null });
  expect(dismissed.jobs).toMatchObject({ build: { id: 'j' }, check: null });
});

describe('several sticks', () => {
  const [one, two, three] = ['sdb', 'sdc', 'sdd'].map((name): Drive => ({
    ...STICK,
    identity: { ...STICK.identity, path: `/dev/${name}`, generation: name, serial: name },
  })) as [Drive, Drive, Drive];
  const all = [one, two, three];
  const chosen = after(
    { type: 'drives', drives: all },
    { type: 'drives-chosen', chosen: all.map(({ identity }) => identity) },
  );

  test('are written in the order in which they were chosen', () => {
    const [first, ...others] = all.map(({ identity }) => identity);
    const other = reduce(chosen, { type: 'drives-chosen', chosen: [...others, first as never] });
    expect(chosenOutputs(other)).toEqual(
      [...others, first].map((identity) => ({ kind: 'drive', identity })),
    );
  });

  test('of which one is unplugged: the others stay chosen, and what was asked is closed', () => {
    const asked = reduce(chosen, { type: 'asked', question: 'confirm' });
    const state = reduce(asked, { type: 'drives', drives: [one, three] });
    expect(state).toMatchObject({
      ...{ chosen: [one.identity, three.identity], unplugged: [two], question: null },
    });
  });

  test('of which one is unplugged while they are written: it is asked on', () => {
    const asked = reduce(chosen, { type: 'asked', question: { stopOutput: 1 } });
    const state = reduce(asked, { type: 'drives', drives: [one, three] });
    expect(state.question).toEqual({ stopOutput: 1 });
  });

  test('of which some failed: those that are there can be written again', () => {
    const ended = (drive: Drive, state: Outcome['state']): Outcome => ({
      ...waitingOutcome({
        ...{ kind: 'drive', allowFixed: false, eject: true },
        identity: drive.identity,
      }),
      state,
    });
    const again = { ...two, identity: { ...two.identity, generation: 'later', path: '/dev/sde' } };
    const state = {
      ...chosen,
      drives: [one, again],
      jobs: {
        check: null,
        build: {
          outcomes: [ended(one, 'done'), ended(two, 'failed'), ended(three, 'cancelled')],
        } as unknown as JobSnapshot,
      },
    };
    expect(drivesToRepeat(state)).toEqual([again.identity]);
  });

  test('have lines of their own, but a single one has not', () => {
    const outcome = waitingOutcome({
      ...{ kind: 'drive', allowFixed: false, eject: true },
      identity: one.identity,
    });
    const file = waitingOutcome({ kind: 'tar', path: '/a.tar' });
    expect(
      severalDrives({ outcomes: [file, outcome], names: ['/a.tar', 'Ultra'], ports: [null, null] }),
    ).toEqual([]);
    const several = severalDrives({
      ...{ outcomes: [outcome, file, outcome], names: ['A', 'b', 'C'], ports: [null, null, '1'] },
    });
    expect(several.map(({ index, name, port }) => [index, name, port])).toEqual([
      [0, 'A', null],
      [2, 'C', '1'],
    ]);
  });
});
