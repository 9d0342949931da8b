import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type * as Promises from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { pretendPlatform } from '../../../test/support/platform.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { needsRoot, testNeeding, tool } from '../../../test/support/tools.ts';
import { toErrorData } from '../../shared/errors.ts';
import { createJobFolder, type JobContent } from './job-folder.ts';

/** Folders in which nothing can be made, as when they are full or somebody else's. */
const closed = new Set<string>();

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>();
  const mkdtemp = (prefix: string): Promise<string> => {
    if (!closed.has(dirname(prefix))) return real.mkdtemp(prefix);
    return Promise.reject(Object.assign(new Error(`EACCES: ${prefix}`), { code: 'EACCES' }));
  };
  return { ...real, mkdtemp };
});

const content: JobContent = {
  identity: {
    ...{ path: '/dev/sdz', serial: null, model: null, size: 1, transport: null },
    ...{ deviceNumber: '8:0', generation: '1' },
  },
  ...{ allowFixed: false, access: 'read' },
};

afterEach(() => {
  vi.unstubAllEnvs();
  closed.clear();
});

/** Where the folder is made; it is removed again. */
async function placeOf(runtime: string, tmp: string): Promise<string> {
  vi.stubEnv('XDG_RUNTIME_DIR', runtime);
  vi.stubEnv('TMPDIR', tmp);
  const folder = await createJobFolder([content]);
  await folder.remove();
  return dirname(folder.path);
}

test('every job lies in the folder for its user alone, with a secret and a socket of its own', async () => {
  vi.stubEnv('XDG_RUNTIME_DIR', tmpFolder());
  const other = { ...content, access: 'write' } as const;
  const folder = await createJobFolder([content, other]);
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  const found = folder.jobs.map(({ name }) => {
    const path = join(folder.path, name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    return JSON.parse(readFileSync(path, 'utf8')) as { secret: string };
  });
  expect(found).toMatchObject([content, other]);
  expect(found.map(({ secret }) => secret)).toEqual(folder.jobs.map(({ secret }) => secret));
  for (const of of ['name', 'secret', 'endpoint'] as const)
    expect(new Set(folder.jobs.map((job) => job[of])).size, of).toBe(2);
  await folder.remove();
});

test('the runtime folder of the session is preferred', async () => {
  const [runtime, tmp] = [tmpFolder(), tmpFolder()];
  expect(await placeOf(runtime, tmp)).toBe(runtime);
});

test.each<[string, (folder: string) => string]>([
  ['is not there', (folder) => join(folder, 'none')],
  ['is no folder', (folder) => (writeFileSync(join(folder, 'file'), ''), join(folder, 'file'))],
  [
    'cannot be reached',
    (folder) => (symlinkSync('loop', join(folder, 'loop')), join(folder, 'loop', 'run')),
  ],
  ['takes nothing', (folder) => (closed.add(folder), folder)],
  // The kernel's: of another user, and nothing can be made in it even by root.
  ['belongs to somebody else', () => '/proc'],
  ['holds what a shell would not take literally', (folder) => join(folder, 'a b')],
])('where the runtime folder %s, the next is taken', async (_title, place) => {
  const tmp = tmpFolder();
  const runtime = place(tmpFolder());
  if (runtime.endsWith('a b')) mkdirSync(runtime);
  expect(await placeOf(runtime, tmp)).toBe(tmp);
});

test('the system’s folder is the last one, and without it the reason is reported', async () => {
  const tmp = tmpFolder();
  closed.add(tmp);
  expect(await placeOf('', tmp)).toBe('/tmp');
  closed.add('/tmp');
  const error = await placeOf('', tmp).catch(toErrorData);
  expect(error).toMatchObject({
    code: 'elevation-broken',
    params: { detail: expect.stringMatching(`EACCES: ${tmp}/.*; EACCES: /tmp/`) as unknown },
  });
});

const setpriv = tool('setpriv');

testNeeding([needsRoot, setpriv], 'after su, the folder of the other session is left alone', () => {
  const runtime = tmpFolder();
  chmodSync(runtime, 0o700);
  const module = join(import.meta.dirname, 'job-folder.ts');
  const script = `
    const { createJobFolder } = await import(${JSON.stringify(module)});
    const folder = await createJobFolder([${JSON.stringify(content)}]);
    console.log(folder.path);
    await folder.remove();`;
  const asNobody = (argv: readonly string[]) =>
    spawnSync(setpriv.path, ['--reuid', '65534', '--regid', '65534', '--clear-groups', ...argv], {
      ...{ encoding: 'utf8', cwd: '/' },
      env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: runtime },
    });
  // A checkout in /root is for root alone; this lets others read it, and still write nowhere.
  const mayRead =
    asNobody(['test', '-r', module]).status === 0
      ? []
      : ['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'];
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module'];
  const { stdout, stderr } = asNobody([...mayRead, ...node, '-e', script]);
  expect(stdout, stderr).toMatch(/^\/tmp\/ota-writer-/);
});

/** The programs of Windows, played: they note their arguments, and what the folder holds then. */
function playWindows(whoami = `echo '"office\\kim","S-1-5-21-1-2-3-1001"'`): () => string[] {
  const root = tmpFolder();
  const log = join(root, 'log');
  writeFileSync(log, '');
  mkdirSync(join(root, 'System32'));
  const write = (name: string, line: string): void =>
    writeFileSync(join(root, 'System32', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  write('whoami.exe', whoami);
  write('icacls.exe', `echo "$*; it holds: $(ls "$1")" >> '${log}'`);
  vi.stubEnv('SystemRoot', root);
  pretendPlatform('win32');
  return () => readFileSync(log, 'utf8').trim().split('\n');
}

test('on Windows, which has no modes, the folder lies in the person’s profile', async () => {
  const local = tmpFolder();
  mkdirSync(join(local, 'Temp'));
  vi.stubEnv('LOCALAPPDATA', local);
  playWindows();
  expect(await placeOf('', tmpFolder())).toBe(join(local, 'Temp'));
  rmSync(join(local, 'Temp'), { recursive: true });
  expect(await placeOf('', tmpFolder())).toBe(local);
});

test('on Windows the folder is closed to others before a secret is in it', async () => {
  const local = tmpFolder();
  vi.stubEnv('LOCALAPPDATA', local);
  const log = playWindows();
  const folder = await createJobFolder([content]);
  expect(log()).toEqual(
    [
      `${folder.path} /inheritance:r /grant:r *S-1-5-21-1-2-3-1001:(OI)(CI)F *S-1-5-18:(OI)(CI)F` +
        ' *S-1-5-32-544:(OI)(CI)F; it holds: ',
    ].map((line) => line.trim()),
  );
  await folder.remove();
});

test('on Windows a folder that cannot be closed to others gets no secret, and does not stay', async () => {
  const local = tmpFolder();
  vi.stubEnv('LOCALAPPDATA', local);
  playWindows('exit 1');
  const error = await createJobFolder([content]).catch(toErrorData);
  expect(error).toMatchObject({ code: 'elevation-broken' });
  expect(readdirSync(local)).toEqual([]);
});
