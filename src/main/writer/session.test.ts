import { expect, test } from 'vitest';
import { encodeControl, type FrameType } from '../../shared/writer-protocol.ts';
import { builderError, type BuilderError, type ErrorData } from '../../shared/errors.ts';
import type { AlignedMemory, BlockDevice } from './block-device.ts';
import type { Channel } from './channel.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import type { Recognition } from './recognition.ts';
import { Session } from './session.ts';

const MIB = 1024 * 1024;
const OLD = 0xaa;

interface Faults {
  /** Addresses beyond this lead to the beginning again; the device says `size` all the same. */
  readonly holds?: number;
  /** Whether a write there has no effect, though it is said to have worked. */
  readonly drops?: (offset: number) => boolean;
  /** The flush, counted from 1, that fails. */
  readonly failingFlush?: number;
  /** What a read of this offset ends with. */
  readonly unreadable?: { readonly at: number; readonly error: BuilderError };
}

/** A device in memory, full of something old, that notes what is asked of it. */
class FakeDevice {
  readonly blockSize = 512;
  readonly waiting = 0;
  readonly size: number;
  readonly medium: Uint8Array;
  readonly calls: string[] = [];
  readonly #faults: Faults;
  #flushes = 0;

  constructor(size: number, faults: Faults = {}) {
    this.size = size;
    this.medium = new Uint8Array(faults.holds ?? size).fill(OLD);
    this.#faults = faults;
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#put('write', offset, bytes);
  }

  overwrite(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#put('overwrite', offset, bytes);
  }

  clear(offset: number, length: number): Promise<void> {
    return this.#put('clear', offset, new Uint8Array(length));
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    this.calls.push(`read ${offset}`);
    const { unreadable } = this.#faults;
    if (offset === unreadable?.at) return Promise.reject(unreadable.error);
    const from = offset % this.medium.length;
    return Promise.resolve(this.medium.slice(from, from + length));
  }

  flush(): Promise<void> {
    this.calls.push('flush');
    if (++this.#flushes !== this.#faults.failingFlush) return Promise.resolve();
    return Promise.reject(Object.assign(new Error('flush'), { code: 'EIO' }));
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }

  #put(call: string, offset: number, bytes: Uint8Array): Promise<void> {
    this.calls.push(`${call} ${offset}`);
    if (this.#faults.drops?.(offset) !== true) this.medium.set(bytes, offset % this.medium.length);
    return Promise.resolve();
  }
}

type Frame = readonly [type: FrameType, offset: number, payload: Uint8Array | object | null];

/** What the session answers to frames, the name of each answer, and how it ends. */
async function serve(
  device: FakeDevice,
  frames: readonly Frame[],
  access: WriterTarget['access'] = 'write',
  platform: Partial<WriterPlatform> = {},
): Promise<{ sent: string[]; ended: ErrorData | null | undefined }> {
  const sent: string[] = [];
  let ended: ErrorData | null | undefined;
  const session = new Session({
    channel: {
      send: (type: string, { of }: { of?: string }) => sent.push(of ?? type),
      sendData: () => Promise.resolve(sent.push('data')),
    } as unknown as Channel,
    device: device as unknown as BlockDevice,
    memory: { giveBack: () => undefined } as unknown as AlignedMemory,
    // No drive of that name is there, nor any other of its identity.
    target: {
      ...{ name: 'Stick', identity: { path: '/dev/no-such-stick', size: device.size }, access },
    } as unknown as WriterTarget,
    platform: { usersOf: () => Promise.resolve(''), ...platform } as unknown as WriterPlatform,
  });
  for (const [type, offset, value] of frames) {
    const payload = value instanceof Uint8Array ? value : encodeControl(value);
    session.take({ type, length: payload.length, offset }, payload, (error) => (ended = error));
  }
  session.take({ type: 'bye', length: 0, offset: 0 }, encodeControl(null), (e) => (ended = e));
  // Its work is queued; it ends only what has not begun.
  await expect.poll(() => ended, { timeout: 50_000 }).not.toBeUndefined();
  await session.end();
  return { sent, ended };
}

const ends = (size: number): Frame => [
  'prepare',
  0,
  {
    wipe: [
      { offset: 0, length: 4096 },
      { offset: size - 1024, length: 1024 },
    ],
    signature: null,
  },
];
const block = new Uint8Array(1024).fill(7);

test('both ends are cleared, on the medium and read back, before anything is written', async () => {
  const device = new FakeDevice(MIB);
  const { sent, ended } = await serve(device, [ends(MIB), ['write', 8192, block]]);
  expect([sent, ended]).toEqual([['prepare', 'progress'], null]);
  const expected = new Uint8Array(MIB)
    .fill(OLD)
    .fill(0, 0, 4096)
    .fill(0, MIB - 1024);
  expected.set(block, 8192);
  expect(Buffer.compare(device.medium, expected)).toBe(0);
  const at = (call: string) => device.calls.indexOf(call);
  for (const place of [0, MIB - 1024]) {
    expect(device.calls[at(`clear ${place}`) + 1]).toBe('flush');
    expect(at(`read ${place}`)).toBeGreaterThan(at(`clear ${place}`));
    expect(at(`read ${place}`)).toBeLessThan(at('write 8192'));
  }
});

test('what is not cleared is as before when the capacity was probed: a stick may keep it', async () => {
  const size = 64 * MIB;
  const device = new FakeDevice(size);
  const { ended } = await serve(device, [ends(size)]);
  expect(ended).toBeNull();
  expect(device.calls).toContain(`overwrite ${32 * MIB}`);
  const expected = new Uint8Array(size)
    .fill(OLD)
    .fill(0, 0, 4096)
    .fill(0, size - 1024);
  expect(Buffer.compare(device.medium, expected)).toBe(0);
});

test('writes ascend, and begin anew after a flush', async () => {
  const device = new FakeDevice(MIB);
  const again: Frame[] = [
    ends(MIB),
    ['write', 8192, block],
    ['flush', 0, null],
    ['write', 4096, block],
  ];
  expect((await serve(device, again)).ended).toBeNull();
  expect(device.medium[4096]).toBe(7);
  const back: Frame[] = [ends(MIB), ['write', 8192, block], ['write', 4096, block]];
  expect((await serve(new FakeDevice(MIB), back)).ended).not.toBeNull();
});

test.each([
  ['the beginning', (offset: number) => offset === 0],
  ['the end', (offset: number) => offset === MIB - 1024],
])('a device that keeps its old contents at %s is reported, and not written', async (_, drops) => {
  const device = new FakeDevice(MIB, { drops });
  const { sent, ended } = await serve(device, [ends(MIB), ['write', 8192, block]]);
  expect(ended).toMatchObject({ code: 'drive-forgets' });
  expect(sent).toEqual([]);
  expect(device.calls).not.toContain('write 8192');
});

test.each([
  ['leads back to its beginning', { holds: 32 * MIB }, 32 * MIB],
  ['forgets', { drops: (offset: number) => offset >= 40 * MIB }, 40 * MIB],
])('a device of 64 MiB that %s beyond what it holds is reported', async (_, faults, most) => {
  const size = 64 * MIB;
  const device = new FakeDevice(size, faults);
  const prepare: Frame = ['prepare', 0, { wipe: [{ offset: 0, length: 4096 }], signature: null }];
  const { sent, ended } = await serve(device, [prepare, ['write', 8192, block]]);
  expect(ended).toMatchObject({ code: 'drive-counterfeit', params: { drive: 'Stick', size } });
  const { holds } = (ended as ErrorData<'drive-counterfeit'>).params;
  expect(holds).toBeLessThanOrEqual(most);
  expect([sent, device.calls.includes('write 8192')]).toEqual([[], false]);
});

test('the marks of a device that has what it says are cleared again', async () => {
  const device = new FakeDevice(64 * MIB);
  device.medium.fill(0);
  const { ended } = await serve(device, [['prepare', 0, { wipe: [], signature: null }]]);
  expect(ended).toBeNull();
  expect(device.calls.filter((call) => call.startsWith('overwrite')).length).toBeGreaterThan(15);
  expect(device.medium.every((byte) => byte === 0)).toBe(true);
});

test('a device that ends a little behind a power of two has what it says', async () => {
  const device = new FakeDevice(64 * MIB + 4608);
  const { ended } = await serve(device, [['prepare', 0, { wipe: [], signature: null }]]);
  expect(ended).toBeNull();
});

test.each<[string, Frame]>([
  ['written', ['write', 8192, block]],
  ['committed', ['commit', 0, block]],
])('nothing is %s that was not prepared', async (_, frame) => {
  const device = new FakeDevice(MIB);
  const { ended } = await serve(device, [frame]);
  expect(ended?.code).toBe('internal');
  expect(device.calls).toEqual([]);
});

test.each<[string, Frame]>([
  ['prepares', ends(MIB)],
  ['writes', ['write', 8192, block]],
  ['flushes', ['flush', 0, null]],
  ['commits', ['commit', 0, block]],
])('a job that was to read ends where it %s', async (_, frame) => {
  const device = new FakeDevice(MIB);
  await expect(serve(device, [['read', 0, { length: 512 }], frame], 'read')).rejects.toThrow(
    `a ${frame[0]} frame in a job that only reads`,
  );
  expect(device.calls.filter((call) => call !== 'read 0')).toEqual([]);
});

test.each(['read', 'write'] as const)(
  'a place that cannot be read ends nothing: other places are read, and written (%s)',
  async (access) => {
    const error = builderError('drive-read-failed', {
      drive: 'Stick',
      offset: 4096,
      reason: 'EIO',
    });
    const device = new FakeDevice(MIB, { unreadable: { at: 4096, error } });
    const reads = [0, 4096, 8192].map((offset): Frame => ['read', offset, { length: 512 }]);
    const writes: readonly Frame[] = access === 'write' ? [ends(MIB), ['write', 8192, block]] : [];
    const { sent, ended } = await serve(device, [...reads, ...writes], access);
    const done = access === 'write' ? ['prepare', 'progress'] : [];
    expect([sent, ended]).toEqual([['data', 'unread', 'data', ...done], null]);
  },
);

test('a device that is gone when it is read ends the job', async () => {
  const error = builderError('drive-unplugged', { drive: 'Stick' });
  const device = new FakeDevice(MIB, { unreadable: { at: 0, error } });
  const { sent, ended } = await serve(device, [['read', 0, { length: 512 }], ends(MIB)]);
  expect([sent, ended?.code]).toEqual([[], 'drive-unplugged']);
});

const whole: readonly Frame[] = [ends(MIB), ['write', 8192, block], ['commit', 1024, block]];

test('a commit is flushed before and after, read back, and the last', async () => {
  const device = new FakeDevice(MIB);
  const { sent, ended } = await serve(device, whole);
  expect([sent, ended]).toEqual([['prepare', 'progress', 'commit'], null]);
  const calls = device.calls.slice(device.calls.indexOf('write 8192'));
  expect(calls).toEqual(['write 8192', 'flush', 'overwrite 1024', 'flush', 'read 1024']);
  expect((await serve(new FakeDevice(MIB), [...whole, ['write', 16_384, block]])).ended?.code).toBe(
    'internal',
  );
});

test('a commit that the device does not keep is reported', async () => {
  // Both ends are cleared in pieces that begin elsewhere.
  const device = new FakeDevice(MIB, { drops: (offset) => offset === 1024 });
  const { sent, ended } = await serve(device, whole);
  expect(ended).toEqual({ code: 'drive-forgets', params: { drive: 'Stick', offset: 1024 } });
  expect(sent).not.toContain('commit');
});

test('a commit that may or may not have reached the medium is taken back', async () => {
  const before = new FakeDevice(MIB);
  await serve(before, whole);
  const flushes = before.calls.filter((call) => call === 'flush').length;
  const device = new FakeDevice(MIB, { failingFlush: flushes });
  const { sent, ended } = await serve(device, whole);
  expect(ended?.code).toMatch(/^drive-/);
  expect(sent).not.toContain('commit');
  expect(device.calls.slice(-2)).toEqual(['clear 1024', 'flush']);
  expect(device.medium.subarray(1024, 2048).every((byte) => byte === 0)).toBe(true);
});

test.each([
  [true, ['close', 'eject']],
  [false, ['eject']],
])(
  'where an eject wants the device closed (%s), it is closed before',
  async (closesBeforeEject, calls) => {
    const device = new FakeDevice(MIB);
    const eject = () => Promise.resolve(void device.calls.push('eject'));
    const platform = { closesBeforeEject, eject };
    const { sent, ended } = await serve(device, [['eject', 0, null]], 'read', platform);
    expect([sent, ended, device.calls]).toEqual([['eject'], null, calls]);
  },
);

test('a device that was closed for an eject that failed is asked for nothing more', async () => {
  const device = new FakeDevice(MIB);
  const eject = () => Promise.reject(new Error('busy'));
  const frames: Frame[] = [
    ['eject', 0, null],
    ['read', 0, { length: 512 }],
  ];
  const { sent } = await serve(device, frames, 'read', { closesBeforeEject: true, eject });
  expect(sent).toEqual(['notice', 'eject']);
  expect(device.calls).toEqual(['close']);
});

const SIGNATURE = { type: 'ext4', label: 'ota_cache_src' };
const NOTHING: Recognition = { types: [], usage: null, label: null, table: null };
const OURS: Recognition = { ...NOTHING, ...SIGNATURE, types: ['ext4'], usage: 'filesystem' };
const RAID: Recognition = { ...NOTHING, types: ['isw_raid_member'], usage: 'raid' };

/** A build to a device of which the system says `answers`, one after the other. */
async function recognised(...answers: readonly (Recognition | Error | null)[]) {
  const device = new FakeDevice(MIB);
  const [prepare, ...rest] = whole;
  const frames = [[...(prepare?.slice(0, 2) ?? []), { wipe: [], signature: SIGNATURE }], ...rest];
  let asked = 0;
  const recognise = () => {
    device.calls.push('ask');
    const answer = answers[asked++] ?? null;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const { sent, ended } = await serve(device, frames as unknown as Frame[], 'write', { recognise });
  const calls = device.calls.slice(device.calls.indexOf('write 8192') + 1);
  return { sent, ended, calls, label: device.medium.slice(1024, 2048) };
}

test('the system is asked when all but the label is on the medium, and again when that is', async () => {
  const { sent, ended, calls, label } = await recognised(NOTHING, OURS);
  expect(calls).toEqual(['flush', 'ask', 'overwrite 1024', 'flush', 'read 1024', 'ask']);
  expect([sent.at(-1), ended]).toEqual(['commit', null]);
  expect(Buffer.compare(label, block)).toBe(0);
});

test.each<[string, Recognition | Error, string]>([
  ['another signature', RAID, 'drive-hidden'],
  ['two filesystems', { ...NOTHING, types: ['xfs', 'ntfs'] }, 'drive-hidden'],
  ['a partition table', { ...NOTHING, table: 'dos' }, 'drive-hidden'],
  ['no answer', new Error('blkid: exit status 4'), 'drive-recognition-failed'],
])(
  'a device of which the system says %s before gets no label at any time',
  async (_, seen, code) => {
    const { sent, ended, calls } = await recognised(seen, OURS);
    expect(ended?.code).toBe(code);
    expect(sent).not.toContain('commit');
    expect(calls).toEqual(['flush', 'ask']);
  },
);

test.each<[string, Recognition | Error, string]>([
  ['another signature', RAID, 'drive-hidden'],
  [
    'two filesystems',
    { ...OURS, types: ['ext4', 'xfs'], usage: null, label: null },
    'drive-hidden',
  ],
  ['a partition table too', { ...OURS, table: 'gpt' }, 'drive-hidden'],
  ['nothing', NOTHING, 'drive-recognition-failed'],
  ['another label', { ...OURS, label: 'other' }, 'drive-recognition-failed'],
  ['no filesystem', { ...OURS, usage: 'raid' }, 'drive-recognition-failed'],
  ['no answer', new Error('blkid: Command failed'), 'drive-recognition-failed'],
])('a label is taken back of a device of which the system says %s', async (_, seen, code) => {
  const { sent, ended, calls, label } = await recognised(NOTHING, seen);
  expect(ended?.code).toBe(code);
  expect(sent).not.toContain('commit');
  expect(calls.slice(-3)).toEqual(['ask', 'clear 1024', 'flush']);
  expect(label.every((byte) => byte === 0)).toBe(true);
});

test('a device is complete where there is no tool to ask', async () => {
  const { sent, ended } = await recognised(null, null);
  expect([sent.at(-1), ended]).toEqual(['commit', null]);
});

test.each([
  undefined,
  {},
  { type: 'ext4' },
  { type: 'ext4', label: '-o x' },
  { type: 4, label: 'x' },
])('a job that does not say what is to be found is refused: %j', async (signature) => {
  const prepare: Frame = ['prepare', 0, { wipe: [], signature }];
  await expect(serve(new FakeDevice(MIB), [prepare])).rejects.toThrow('no signature');
});
