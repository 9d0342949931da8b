import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { put } from '../../../test/support/cli.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import type { HistoryEntry } from '../../shared/history.ts';
import type { ChosenImage } from '../../shared/ipc.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import { ChoicesStore } from '../store/choices.ts';
import { SetsStore } from '../store/sets.ts';
import { setHandlers } from './sets.ts';

const DIGEST = 'ab'.repeat(32);

function reportOf(path: string, payloads: readonly [string | null, string | null][]): ImageReport {
  return {
    path,
    digest: DIGEST,
    payloads: payloads.map(([ecuId, version]) => ({ ecuId, version, releaseKey: null })),
  } as unknown as ImageReport;
}

/** Two images in the window's list, and everything that sets are made with. */
async function world(answers: readonly (string | null)[] = []) {
  const folder = tmpFolder();
  const stores = {
    choices: await ChoicesStore.open(join(folder, 'choices.json')),
    sets: await SetsStore.open(join(folder, 'sets.json')),
  };
  const reports = new Map([
    ['a', reportOf(join(folder, 'a_image.tgz'), [[null, null]])],
    [
      'v1',
      reportOf(join(folder, 'v1.zip'), [
        ['main', 'v1'],
        ['sub', 'v1'],
      ]),
    ],
  ]);
  const entries: HistoryEntry[] = [];
  const left = [...answers];
  const answer = () => Promise.resolve(left.shift() ?? null);
  const handlers = setHandlers({
    ...stores,
    desktop: {
      chooseFiles: async () => [await answer()].filter((file) => file !== null),
      chooseSave: answer,
    },
    history: { entries },
    images: { report: (id) => reports.get(id) ?? null },
    setTitle: () => '',
  });
  return { folder, handlers, entries, ...stores };
}

const CHOSEN: ChosenImage[] = [
  { id: 'a', ecuId: 'autoware', version: 'ver_1', payloads: null },
  { id: 'v1', ecuId: null, version: null, payloads: [1] },
];

test('a set holds where its images were, what they are, and what was chosen; it is kept', async () => {
  const { folder, handlers } = await world();
  await handlers['sets.remember']({ images: CHOSEN });
  const images = [
    {
      ...{ path: join(folder, 'a_image.tgz'), digest: DIGEST, leftOut: [] },
      ...{ ecuId: 'autoware', version: 'ver_1' },
      payloads: [{ ecuId: 'autoware', version: 'ver_1', releaseKey: null }],
    },
    {
      ...{ path: join(folder, 'v1.zip'), digest: DIGEST, ecuId: null, version: null },
      payloads: [{ ecuId: 'sub', version: 'v1', releaseKey: null }],
      leftOut: [{ ecuId: 'main', releaseKey: null }],
    },
  ];
  const open = () => SetsStore.open(join(folder, 'sets.json'));
  expect((await open()).current.last).toEqual({ name: '', images });
  await handlers['sets.save']({ name: 'Depot', images: CHOSEN });
  await handlers['sets.save']({ name: 'Other', images: CHOSEN.slice(0, 1) });
  const sets = await handlers['sets.save']({ name: 'Depot', images: CHOSEN.slice(1) });
  expect(sets.named.map(({ name, images: { length } }) => [name, length])).toEqual([
    ['Depot', 1],
    ['Other', 1],
  ]);
  await handlers['sets.remove']({ name: 'Depot' });
  expect((await open()).current.named.map(({ name }) => name)).toEqual(['Other']);
});

test('an image that is not in the list makes no set', async () => {
  const { handlers, sets } = await world();
  const unknown = [{ ...CHOSEN[0], id: 'x' } as ChosenImage];
  await expect(handlers['sets.remember']({ images: unknown })).rejects.toThrow('internal');
  expect(sets.current.last).toBeNull();
});

test('a set goes through a file; images that moved with it are found beside it', async () => {
  const elsewhere = tmpFolder();
  const file = join(elsewhere, 'set.json');
  const { folder, handlers } = await world([file, file, file, null, null]);
  put(folder, 'a_image.tgz', '');
  expect(await handlers['sets.export']({ name: 'A/B', images: CHOSEN })).toBe(file);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    format: 'offline-ota-image-set',
    format_version: 1,
    name: 'A/B',
  });
  // Neither here nor there: it keeps its path, which is what the row will say.
  const paths = async () =>
    (await handlers['sets.import'](undefined))?.images.map(({ path }) => path);
  expect(await paths()).toEqual([join(folder, 'a_image.tgz'), join(folder, 'v1.zip')]);
  put(elsewhere, 'v1.zip', '');
  expect(await paths()).toEqual([join(folder, 'a_image.tgz'), join(elsewhere, 'v1.zip')]);
  // No file was chosen.
  expect(await handlers['sets.import'](undefined)).toBeNull();
  expect(await handlers['sets.export']({ name: 'x', images: CHOSEN })).toBeNull();
});

test.each([
  ['no JSON', 'hello'],
  ['another format', '{"format":"x"}'],
  [
    'a later version',
    '{"format":"offline-ota-image-set","format_version":2,"name":"","images":[]}',
  ],
  ['no images', '{"format":"offline-ota-image-set","format_version":1,"name":"","images":[]}'],
])('a file with %s is no set', async (_, text) => {
  const file = join(tmpFolder(), 'set.json');
  writeFileSync(file, text);
  const { handlers } = await world([file, join(file, 'missing')]);
  const refused = { code: 'set-unreadable', data: { params: { path: file } } };
  await expect(handlers['sets.import'](undefined)).rejects.toMatchObject(refused);
  await expect(handlers['sets.import'](undefined)).rejects.toMatchObject({ code: refused.code });
});

test('an ECU id is used once something was made for it, and confirmed once a person says so', async () => {
  const { folder, handlers, entries } = await world();
  const made = (ecuId: string, ...results: string[]) =>
    ({
      images: [{ ecuId, version: '' }],
      outcomes: results.map((result) => ({ result })),
    }) as unknown as HistoryEntry;
  entries.push(
    made('a', 'failed', 'verified'),
    made('b', 'failed', 'cancelled'),
    made('c', 'saved'),
  );
  const first = await handlers['ecus.confirm']({ ecuIds: ['Main'] });
  expect(first).toEqual({ used: ['a', 'c'], confirmed: ['Main'] });
  const again = await handlers['ecus.confirm']({ ecuIds: ['x', 'MAIN'] });
  expect(again.confirmed).toEqual(['x', 'MAIN']);
  const stored = await ChoicesStore.open(join(folder, 'choices.json'));
  expect(stored.current.confirmedEcus).toEqual(['x', 'MAIN']);
});

test('what is wrong in remembered choices falls back alone', async () => {
  const folder = tmpFolder();
  const text = '{"confirmedEcus":["a"],"previewSort":"colour","window":{"width":1}}';
  const store = await ChoicesStore.open(put(folder, 'choices.json', text));
  expect(store.current).toEqual({ confirmedEcus: ['a'], previewSort: 'size', window: null });
  await store.change({ window: { width: 1000, height: 700, maximized: true } });
  const { current } = await ChoicesStore.open(join(folder, 'choices.json'));
  expect(current.window).toEqual({ width: 1000, height: 700, maximized: true });
});
