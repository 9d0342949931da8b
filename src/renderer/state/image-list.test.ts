import { describe, expect, test } from 'vitest';
import type { ImageSet } from '../../shared/ipc-sets.ts';
import { ecuKey } from '../../shared/model/ecu-id.ts';
import type { ImageReport, ImageWarning } from '../../shared/model/image-report.ts';
import type { Action, State } from './model.ts';
import { INITIAL, reduce } from './reducer.ts';
import {
  chosenImages,
  ecuMarks,
  ecuProblem,
  hasChanged,
  marksByEcu,
  sharedWarnings,
} from './image-selectors.ts';

function after(...actions: readonly Action[]): State {
  return actions.reduce(reduce, INITIAL);
}

/** Images are called by their paths. */
const added = (...paths: readonly string[]): Action => ({
  type: 'images-added',
  images: paths.map((path) => ({ id: path, path })),
});

interface Payload {
  readonly ecuId: string | null;
  readonly version: string | null;
  readonly releaseKey?: 'dev' | 'prd';
}

const inspected = (
  id: string,
  payloads: readonly Payload[],
  more: Partial<ImageReport> = {},
): Action => ({
  type: 'image-event',
  id,
  event: {
    kind: 'inspected',
    report: { payloads, digest: id, warnings: [], ...more } as unknown as ImageReport,
  },
});
const legacy = (id: string): Action => inspected(id, [{ ecuId: null, version: null }]);
const v1 = (id: string, version: string, ...ecuIds: readonly string[]): Action =>
  inspected(
    id,
    ecuIds.map((ecuId) => ({ ecuId, version })),
  );
const failed = (id: string): Action => ({
  type: 'image-event',
  id,
  event: { kind: 'failed', error: { code: 'cancelled', params: {} } },
});
const typed = (id: string, ecuId: string): Action => ({ type: 'image-edited', id, ecuId });

const paths = ({ images }: State): string => images.map(({ path }) => path).join(' ');

describe('a newer image of an ECU in the list', () => {
  test('takes the place of the older one as soon as it is read, and undo brings that back', () => {
    const before = after(added('/a_image.tgz', '/b_image.tgz'), legacy('/a_image.tgz'));
    const both = [legacy('/b_image.tgz'), added('/new/a_image (1).tgz')].reduce(reduce, before);
    expect(paths(both)).toBe('/a_image.tgz /b_image.tgz /new/a_image (1).tgz');
    const one = reduce(both, legacy('/new/a_image (1).tgz'));
    expect(paths(one)).toBe('/new/a_image (1).tgz /b_image.tgz');
    expect(one.undo?.what).toEqual([
      { ecuId: 'a', before: 'a_image.tgz', after: 'a_image (1).tgz', isOlder: false },
    ]);
    // What happens to the older one meanwhile is not lost.
    const checked: Action = {
      type: 'image-event',
      id: '/a_image.tgz',
      event: { kind: 'checked' },
    };
    const back = [checked, { type: 'undone' } as const].reduce(reduce, one);
    expect(paths(back)).toBe('/a_image.tgz /b_image.tgz');
    expect(back.images[0]?.status.kind).toBe('ready');
    expect(back.undo).toBeNull();
  });

  test('keeps the id as it was confirmed, and says so where its version is older', () => {
    const state = after(
      added('/a_image.tgz'),
      v1('/a_image.tgz', 'v10', 'main'),
      added('/x.zip'),
      v1('/x.zip', 'v9', 'MAIN'),
    );
    expect(paths(state)).toBe('/x.zip');
    expect(state.undo?.what).toMatchObject([{ before: 'v10', after: 'v9', isOlder: true }]);
    const spelt = after(
      added('/a_image.tgz'),
      typed('/a_image.tgz', 'Main'),
      legacy('/a_image.tgz'),
      added('/main_image.tgz'),
      legacy('/main_image.tgz'),
    );
    expect(spelt.images).toMatchObject([
      { path: '/main_image.tgz', ecuId: 'Main', isGuess: false },
    ]);
  });

  test('is told apart by its file where the version is the same', () => {
    const state = after(
      added('/old/a.zip'),
      v1('/old/a.zip', 'v1', 'main'),
      added('/new/b.zip'),
      v1('/new/b.zip', 'v1', 'main'),
    );
    expect(state.undo?.what).toMatchObject([{ before: 'a.zip', after: 'b.zip', isOlder: false }]);
  });

  test('takes the place of several in one undo, whichever is read first', () => {
    const state = after(
      added('/a.tgz', '/b.tgz'),
      legacy('/a.tgz'),
      legacy('/b.tgz'),
      added('/n/b.tgz', '/n/a.tgz', '/n/c.tgz'),
      legacy('/n/b.tgz'),
      legacy('/n/c.tgz'),
      legacy('/n/a.tgz'),
    );
    expect(paths(state)).toBe('/n/a.tgz /n/b.tgz /n/c.tgz');
    expect(state.undo?.what).toHaveLength(2);
    expect(paths(reduce(state, { type: 'undone' }))).toBe('/a.tgz /b.tgz');
  });

  test('also where the older one is read later, or cannot be read', () => {
    const late = after(added('/a.tgz'), added('/n/a.tgz'), legacy('/n/a.tgz'), legacy('/a.tgz'));
    expect(paths(late)).toBe('/n/a.tgz');
    const broken = after(added('/a.tgz'), failed('/a.tgz'), added('/n/a.tgz'), legacy('/n/a.tgz'));
    expect(paths(broken)).toBe('/n/a.tgz');
  });

  test.each<[string, readonly Action[]]>([
    ['it cannot be read', [added('/n/a.tgz'), failed('/n/a.tgz')]],
    ['it turns out to be for another ECU', [added('/n/a.tgz'), v1('/n/a.tgz', '1', 'other')]],
    ['it is for some of its ECUs only', [added('/n/x.zip'), v1('/n/x.zip', '1', 'a')]],
    ['its id is unknown', [added('/image.tgz'), legacy('/image.tgz')]],
  ])('does not take its place where %s', (why, actions) => {
    const older = why.includes('some of') ? v1('/a.tgz', '1', 'a', 'b') : legacy('/a.tgz');
    const state = [added('/a.tgz'), older, ...actions].reduce(reduce, INITIAL);
    expect(state.images).toHaveLength(2);
    expect(state.undo).toBeNull();
  });

  test('does not take its place where both came together: a person decides', () => {
    const state = after(added('/a.tgz', '/n/a.tgz'), legacy('/a.tgz'), legacy('/n/a.tgz'));
    expect(state.images.map((image) => ecuProblem(image, state.images))).toEqual([
      'duplicate',
      'duplicate',
    ]);
    // Nor when one is read again.
    const again = [{ type: 'image-reread', id: '/n/a.tgz' } as const, legacy('/n/a.tgz')];
    expect(again.reduce(reduce, state).images).toHaveLength(2);
  });

  test('is not called a duplicate while it is read', () => {
    const state = after(added('/a.tgz'), legacy('/a.tgz'), added('/n/a.tgz'));
    expect(state.images.map((image) => ecuProblem(image, state.images))).toEqual([null, null]);
    expect(chosenImages(state.images)).toBeNull();
  });
});

test('an image that was removed comes back to its place; what is being written cannot be taken back', () => {
  const state = after(added('/a.tgz', '/b.tgz'), { type: 'image-removed', id: '/a.tgz' });
  expect(paths(state)).toBe('/b.tgz');
  expect(paths(reduce(state, { type: 'undone' }))).toBe('/a.tgz /b.tgz');
  const running = { id: 'j', kind: 'build', state: 'running', outcomes: [] } as never;
  expect(reduce(state, { type: 'job', kind: 'build', job: running }).undo).toBeNull();
});

const SET: ImageSet = {
  name: 'depot',
  images: [
    {
      ...{ path: '/a_image.tgz', digest: 'old', ecuId: 'Main', version: 'v1', leftOut: [] },
      payloads: [{ ecuId: 'Main', version: 'v1', releaseKey: null }],
    },
    {
      ...{ path: '/x.zip', digest: '/x.zip', ecuId: null, version: null },
      payloads: [{ ecuId: 'b', version: 'v1', releaseKey: null }],
      leftOut: [{ ecuId: 'c', releaseKey: null }],
    },
  ],
};

test('a set takes the place of the list, with what was chosen, and says which image is another one', () => {
  const opened: Action = { type: 'set-opened', set: SET, ids: ['/a_image.tgz', '/x.zip'] };
  const state = [
    added('/other.tgz'),
    opened,
    legacy('/a_image.tgz'),
    inspected(
      '/x.zip',
      [
        { ecuId: 'b', version: 'v1' },
        { ecuId: 'c', version: 'v1' },
      ].map((payload) => ({ ...payload, releaseKey: null as never })),
    ),
  ].reduce(reduce, INITIAL);
  expect(chosenImages(state.images)).toEqual([
    { id: '/a_image.tgz', ecuId: 'Main', version: 'v1', payloads: null },
    { id: '/x.zip', ecuId: null, version: null, payloads: [0] },
  ]);
  expect(state.images.map(hasChanged)).toEqual([true, false]);
  expect(paths(reduce(state, { type: 'undone' }))).toBe('/other.tgz');
});

test('an id that a person typed is written as it is meant', () => {
  const state = after(added('/a.tgz'), legacy('/a.tgz'), typed('/a.tgz', ' Ｍａｉｎ '));
  expect(chosenImages(state.images)).toMatchObject([{ ecuId: 'Main' }]);
  const twins = after(added('/a.tgz', '/b.tgz'), legacy('/a.tgz'), legacy('/b.tgz'));
  const { images } = reduce(twins, typed('/b.tgz', 'Ａ'));
  expect(images.map((image) => ecuProblem(image, images))).toEqual(['duplicate', 'duplicate']);
});

test('an id from a file name is marked until it was used or confirmed; an unused one is new', () => {
  const marksOf = (state: State, used: readonly string[], confirmed: readonly string[]) => {
    const [image] = state.images;
    return image === undefined ? null : ecuMarks(image, { used, confirmed });
  };
  const guessed = after(added('/a_image.tgz'), legacy('/a_image.tgz'));
  expect(marksOf(guessed, [], [])).toEqual({ isGuess: true, unused: ['a'] });
  expect(marksOf(guessed, ['b'], ['A'])).toEqual({ isGuess: false, unused: ['a'] });
  expect(marksOf(guessed, ['A'], [])).toEqual({ isGuess: false, unused: [] });
  const own = reduce(guessed, typed('/a_image.tgz', 'b'));
  expect(marksOf(own, ['a'], [])).toEqual({ isGuess: false, unused: ['b'] });
  const named = after(added('/a_image.zip'), v1('/a_image.zip', '1', 'main', 'sub'));
  expect(marksOf(named, ['main'], [])).toEqual({ isGuess: false, unused: ['sub'] });
  // No id: that is said, and nothing else.
  expect(marksOf(after(added('/image.tgz'), legacy('/image.tgz')), [], [])).toEqual({
    isGuess: false,
    unused: [],
  });
});

test('the mark of an ECU is found by its id, whatever its case', () => {
  const state = after(
    added('/Lidar_image.tgz', '/v1.zip'),
    ...[legacy('/Lidar_image.tgz'), v1('/v1.zip', '1', 'main', 'sub')],
  );
  const marks = marksByEcu({ ...state, ecus: { used: ['MAIN'], confirmed: [] } });
  expect(['LIDAR', 'main', 'Sub'].map((id) => marks.get(ecuKey(id)))).toEqual([
    ...['guess', undefined, 'new'],
  ]);
});

test('a warning is shared where it holds for all of several images, as it is', () => {
  const unanchored: ImageWarning = { code: 'signature-unanchored' };
  const soon = (validTo: string): ImageWarning => ({
    code: 'certificate-expires-soon',
    params: { validTo },
  });
  const of = (...lists: readonly (readonly ImageWarning[])[]) =>
    sharedWarnings(lists.map((warnings) => ({ report: { warnings } as unknown as ImageReport })));
  expect(of([unanchored])).toEqual([]);
  expect(of([unanchored, soon('1')], [soon('2'), unanchored])).toEqual([unanchored]);
  expect(of([unanchored], [])).toEqual([]);
});
