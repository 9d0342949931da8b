import { afterEach, expect, test, vi } from 'vitest';
import type { Drive } from '../../shared/model/drive.ts';
import { systemDrives } from '../drives/system-drives.ts';
import type { WriterJob } from '../../shared/writer-protocol.ts';
import { openTarget } from './open-target.ts';
import type { WriterPlatform } from './platform.ts';

const identity = {
  ...{ path: '/dev/sdzz', serial: 'S1', model: 'Stick', size: 1e9, transport: 'usb' },
  ...{ deviceNumber: '8:1', generation: '5' },
};
const STICK: Drive = {
  ...{ identity, kind: 'usb', vendor: null, port: null, readOnly: false },
  ...{ partitions: [], labels: [], mounts: [], swaps: [], holders: [], system: false },
};
const job: WriterJob = {
  ...{ version: 1, secret: 'ab'.repeat(32), pipe: null, allowFixed: false, identity },
  access: 'write',
};

afterEach(() => void vi.restoreAllMocks());

interface Circumstances {
  readonly othersWriting?: string;
  readonly outOfSight?: string;
  readonly programs?: string;
  readonly access?: WriterJob['access'];
  readonly mayStayMounted?: boolean;
}

/** Opens the job's device; `looks` are what the system lists at the first look, the second, … */
async function open(
  looks: readonly (readonly Drive[])[],
  {
    othersWriting = '',
    outOfSight = '',
    programs = '',
    access = 'write',
    mayStayMounted = false,
  }: Circumstances = {},
) {
  const calls: string[] = [];
  const list = vi.spyOn(systemDrives, 'list');
  for (const drives of looks) list.mockResolvedValueOnce([...drives]);
  const note = (name: string) => () => {
    calls.push(name);
    return Promise.resolve();
  };
  const platform = {
    unmount: note('unmount'),
    mayStayMounted,
    clear: note('clear'),
    open: () => Promise.resolve({ close: note('close') }).finally(note('open')),
    othersWriting: () => Promise.resolve(othersWriting),
    usersOutOfSight: () => Promise.resolve(outOfSight),
    programsOf: () => Promise.resolve(programs),
    usersOf: () => Promise.resolve(''),
  } as unknown as WriterPlatform;
  const outcome = await openTarget({ ...job, access }, platform, new Uint8Array()).then(
    ({ target }) => target.name,
    (error: unknown) => (error as { code: string }).code,
  );
  return { calls, outcome };
}

test('a drive that is the same before and after it was opened is opened', async () => {
  const calls = ['unmount', 'clear', 'open'];
  expect(await open([[STICK], [STICK]])).toEqual({ calls, outcome: 'Stick' });
});

test('a drive that is only read is not cleared', async () => {
  const calls = ['unmount', 'open'];
  expect(await open([[STICK], [STICK]], { access: 'read' })).toEqual({ calls, outcome: 'Stick' });
});

test('a drive may stay mounted where that does not keep it from being opened', async () => {
  const mounted = { ...STICK, mounts: [{ path: 'E:\\', device: '/dev/sdzz', pinned: false }] };
  const { calls, outcome } = await open([[mounted], [mounted]], { mayStayMounted: true });
  expect([calls, outcome]).toEqual([['unmount', 'clear', 'open'], 'Stick']);
});

test.each<[string, Drive, string]>([
  ['holds the system', { ...STICK, system: true }, 'drive-is-system'],
  ['is built in', { ...STICK, kind: 'fixed' }, 'drive-is-internal'],
  ['is another', { ...STICK, identity: { ...identity, serial: 'S2' } }, 'drive-changed'],
])('a drive that %s is not even unmounted', async (_, drive, code) => {
  expect(await open([[drive]])).toEqual({ calls: [], outcome: code });
});

test.each<[string, readonly Drive[], string]>([
  [
    'was plugged in anew',
    [{ ...STICK, identity: { ...identity, generation: '6' } }],
    'drive-changed',
  ],
  ['is gone', [], 'drive-not-found'],
  ['is swap by now', [{ ...STICK, swaps: ['/dev/sdzz'] }], 'drive-is-swap'],
  [
    'is mounted again',
    [{ ...STICK, mounts: [{ path: '/media/kim/x', device: '/dev/sdzz', pinned: false }] }],
    'drive-busy',
  ],
])('a drive that %s when it was opened is closed at once', async (_, second, code) => {
  const calls = ['unmount', 'clear', 'open', 'close'];
  expect(await open([[STICK], second])).toEqual({ calls, outcome: code });
});

test('a drive that another program writes is closed at once', async () => {
  const { calls, outcome } = await open([[STICK], [STICK]], {
    othersWriting: 'dd (7)',
  });
  expect([calls, outcome]).toEqual([['unmount', 'clear', 'open', 'close'], 'drive-busy']);
});

test('a drive of which a part is used out of sight is not even unmounted', async () => {
  const { calls, outcome } = await open([[STICK], [STICK]], { outOfSight: 'sh (7)' });
  expect([calls, outcome]).toEqual([[], 'drive-busy']);
});

test('a drive that is held is refused by the program that holds it, if there is one', async () => {
  const held = { ...STICK, holders: ['ext4 (/dev/sdzz)'] };
  expect((await open([[held]])).outcome).toBe('drive-held');
  expect((await open([[held]], { programs: 'sh (7)' })).outcome).toBe('drive-busy');
});

test('a drive that is write-protected or built in is opened for reading', async () => {
  const fixed: Drive = { ...STICK, kind: 'fixed', readOnly: true };
  expect((await open([[fixed], [fixed]], { access: 'read' })).outcome).toBe('Stick');
  expect((await open([[fixed], [fixed]])).outcome).toBe('drive-is-internal');
});
