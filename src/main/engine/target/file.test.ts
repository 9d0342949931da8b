import { readFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { sabotageFiles } from '../../../../test/support/sabotage.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { FileTarget } from './file.ts';
import {
  describeTarget,
  SUITE_SIZE,
  type TargetFixture,
} from '../../../../test/support/target-suite.ts';

const newFile = async (): Promise<TargetFixture> => {
  const folder = await mkdtemp(join(tmpdir(), 'file-target-'));
  const path = join(folder, 'image');
  return {
    target: new FileTarget(path, SUITE_SIZE),
    contents: () => {
      vi.restoreAllMocks();
      // Neither it nor what it was built as.
      if (!existsSync(path)) expect(readdirSync(folder)).toEqual([]);
      return Promise.resolve(existsSync(path) ? new Uint8Array(readFileSync(path)) : null);
    },
    dispose: () => {
      vi.restoreAllMocks();
      return rm(folder, { recursive: true });
    },
  };
};

describeTarget('a new file', newFile, sabotageFiles);

test('it has its name only when it is whole, and leaves nothing without a commit', async () => {
  const folder = tmpFolder();
  const target = new FileTarget(join(folder, 'image'), 5000);
  await target.prepare([]);
  await target.write(0, new Uint8Array(5000).fill(1));
  await target.flush();
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.image\.[0-9a-z-]+\.partial$/)]);
  await target.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('a file made meanwhile is not replaced', async () => {
  const folder = tmpFolder();
  const target = new FileTarget(join(folder, 'image'), 10);
  await target.prepare([]);
  await target.write(0, new Uint8Array(10));
  await target.flush();
  writeFileSync(join(folder, 'image'), 'precious');
  await expect(target.commit(null)).rejects.toMatchObject({ code: 'output-exists' });
  await target.close();
  expect(readdirSync(folder)).toEqual(['image']);
  expect(readFileSync(join(folder, 'image'), 'utf8')).toBe('precious');
});

/** O_DIRECT of x86 and most others, as /proc/self/fdinfo tells it. */
const O_DIRECT = 0o40_000;

const direct = test.runIf(process.platform === 'linux' && process.arch === 'x64');
direct.each<[string, () => Promise<unknown>]>([
  ['no', () => Promise.reject(Object.assign(new Error('not aligned'), { code: 'EINVAL' }))],
  ['a part of a', () => Promise.resolve({ bytesWritten: 4096 })],
])(
  'where a disk takes %s direct write, everything goes through the page cache',
  async (_, answer) => {
    const handle = await open('/dev/null');
    const files = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its file below
    const write = files.write as (...args: unknown[]) => Promise<unknown>;
    let refused = 0;
    vi.spyOn(files, 'write').mockImplementation(function (this: FileHandle, ...args: unknown[]) {
      const info = readFileSync(`/proc/self/fdinfo/${this.fd}`, 'utf8');
      const flags = parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8);
      if ((flags & O_DIRECT) === 0) return write.apply(this, args) as never;
      refused++;
      return answer() as never;
    });
    const bytes = new Uint8Array(10_000).map((_, index) => index % 251);
    const path = join(tmpFolder(), 'image');
    const target = new FileTarget(path, bytes.length);
    await target.prepare([]);
    await target.write(0, bytes.subarray(0, 8192));
    await target.write(8192, bytes.subarray(8192));
    await target.flush();
    await target.commit(null);
    await target.close();
    vi.restoreAllMocks();
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
    // Only whole blocks are tried.
    expect(refused).toBe(1);
  },
);

test('what was never written is a hole of zeros', async () => {
  const folder = tmpFolder();
  const target = new FileTarget(join(folder, 'image'), 100_000, {
    occupied: 4096,
    sparse: true,
  });
  await target.prepare([]);
  await target.write(8192, new Uint8Array(4096).fill(7));
  await target.flush();
  await target.commit(null);
  await target.close();
  const bytes = readFileSync(join(folder, 'image'));
  expect(bytes.length).toBe(100_000);
  expect(bytes.subarray(8192, 12_288).every((byte) => byte === 7)).toBe(true);
  expect(bytes.reduce((sum, byte) => sum + byte, 0)).toBe(7 * 4096);
});

test('more than the disk has is refused before anything is made', async () => {
  const folder = tmpFolder();
  const target = new FileTarget(join(folder, 'image'), 2 ** 50);
  await expect(target.prepare([])).rejects.toMatchObject({ code: 'output-no-space' });
  await target.close();
  expect(readdirSync(folder)).toEqual([]);
});
