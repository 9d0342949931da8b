import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POLKIT_ACTIONS } from '../../src/main/elevation/writer-program.ts';
import { bundledPrograms } from '../support/bundled-programs.ts';
import { loopDevice, type LoopDevice } from '../support/loop.ts';
import { LABEL, labelOf, makeStickImage } from '../support/stick-image.ts';
import { startSystemBus } from '../support/system-bus.ts';
import { sharedTmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

const MIB = 1024 * 1024;
const SIZE = 32 * MIB;
const ROOT = join(import.meta.dirname, '../..');
const USER = `ota-test-${String(process.pid)}`;
const RULE = `/etc/polkit-1/rules.d/49-${USER}.rules`;

/** Where the package puts what root alone may change; the polkit action is bound to the wrapper. */
const POLKIT_ACTION = POLKIT_ACTIONS.write;
const ACCESSES = ['read', 'write'] as const;
const LIBRARY = '/usr/lib/offline-ota-image-builder';
const actionFile = (access: 'read' | 'write'): string =>
  `/usr/share/polkit-1/actions/${POLKIT_ACTIONS[access]}.policy`;
const APP = '/opt/Offline OTA Image Builder';
const RUNTIME = join(APP, 'offline-ota-image-builder');
const WRITER = join(APP, 'resources/app.asar.unpacked/out/writer');
const PROGRAMS = ['launcher.mjs', 'writer.mjs'];

const NEEDED = [
  needsLoopDevices(),
  ...['pkexec', 'pkcheck', 'pkaction', 'dbus-daemon', 'dbus-send'].map(tool),
  ...['useradd', 'mke2fs', 'debugfs', 'blkid', 'cc'].map(tool),
  {
    name: 'no installed app',
    missing: [LIBRARY, ...ACCESSES.map(actionFile), APP].some((path) => existsSync(path))
      ? 'but there is one'
      : null,
  },
];

/** What an attacker's library does as soon as a program loads it: leaves a mark, by user. */
const EVIL_C = `
int open(const char *path, int flags, ...);
unsigned geteuid(void);
__attribute__((constructor)) static void leave_mark(void) {
  open(geteuid() == 0 ? FOLDER "/preload-root" : FOLDER "/preload-user", 0101, 0666);
}
`;

/** What sudo-prompt's command runs under. */
const GENERAL = 'org.freedesktop.policykit.exec';

/** Milliseconds; for hangs alone. */
const POLKIT_LIMIT = 60_000;

/** Waits until polkit, which sees changed files some time after they changed, answers as it must. */
async function awaitPolkit(command: string, args: readonly string[], code: number): Promise<void> {
  const until = Date.now() + POLKIT_LIMIT;
  for (;;) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === code) return;
    if (Date.now() > until)
      throw new Error(`${command} ${args.join(' ')}: ${String(status)} ${stderr}`);
    await sleep(50);
  }
}

describeNeeding(NEEDED, 'an ordinary user, through the real pkexec,', () => {
  const shared = sharedTmpFolder();
  let endBus: () => Promise<void> = () => Promise.resolve();
  /** A process of the user's, whom polkit is asked about. */
  let someone: ChildProcess | null = null;
  let checkout = '';

  beforeAll(async () => {
    // The user must be able to read what he runs: a copy where the path holds what shells mind.
    chmodSync(shared(), 0o755);
    checkout = join(shared(), 'a $(touch pwned) "check\'out" 日本');
    mkdirSync(checkout);
    for (const name of ['src', 'test', 'package.json'])
      cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
    cpSync(process.execPath, join(checkout, 'node'));
    mkdirSync(join(checkout, 'node_modules'));
    cpSync(join(ROOT, 'node_modules/sudo-prompt'), join(checkout, 'node_modules/sudo-prompt'), {
      recursive: true,
    });
    makeStickImage(shared(), SIZE, 16 * MIB);
    chmodSync(join(shared(), 'stick.img'), 0o644);
    execFileSync('useradd', ['--create-home', USER], { stdio: 'pipe' });
    endBus = await startSystemBus();
    const asUser = [`--reuid=${USER}`, `--regid=${USER}`, '--init-groups'];
    someone = spawn('setpriv', [...asUser, 'sh', '-c', 'echo; read line'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Before that it is still root's.
    await once(someone.stdout as Readable, 'data');
  });

  afterAll(async () => {
    rmSync(RULE, { force: true });
    if (someone !== null) {
      someone.kill('SIGKILL');
      await once(someone, 'close');
    }
    spawnSync('userdel', ['--remove', USER], { stdio: 'ignore' });
    await endBus();
  });

  /** Rules say yes to one action, or to none, and no to all others. */
  async function allow(action: string): Promise<void> {
    mkdirSync('/etc/polkit-1/rules.d', { recursive: true });
    // polkit runs the rule's program as a user of its own.
    writeFileSync(elevations(), '');
    chmodSync(elevations(), 0o666);
    writeFileSync(
      RULE,
      `polkit.addRule(function (action, subject) {
        if (subject.user !== '${USER}') return;
        // Of pkcheck, which asks before it, the program is not known.
        var program = action.lookup('program');
        if (program) polkit.spawn(['/bin/sh', '-c', 'echo "$1" >> "$2"', 'sh', program, '${elevations()}']);
        return action.id === '${action}' ? polkit.Result.YES : polkit.Result.NO;
      });\n`,
      { mode: 0o644 },
    );
    await awaitGeneral(action === GENERAL ? 0 : 1);
  }

  /** What pkexec has asked polkit for since `allow`: a line for each program. */
  const elevations = (): string => join(shared(), 'elevations');

  /** Both devices are written, and the rights for that were asked for once. */
  function expectWrittenByOne(first: LoopDevice, second: LoopDevice): void {
    const reported = writeAsUser(`${first.path},${second.path}`);
    for (const [index, device] of [first, second].entries()) {
      expect(reported).toContain(`${String(index + 1)} done`);
      expect(labelOf(device.path)).toBe(LABEL);
    }
    expect(readFileSync(elevations(), 'utf8').trim().split('\n')).toHaveLength(1);
  }

  async function leaveToAgents(): Promise<void> {
    rmSync(RULE, { force: true });
    await awaitGeneral(2);
  }

  /** pkcheck(1): 0 authorised, 1 not authorised, 2 an agent would have to ask. */
  async function awaitGeneral(code: number): Promise<void> {
    const args = ['--action-id', GENERAL, '--process', String(someone?.pid)];
    await awaitPolkit('pkcheck', args, code);
  }

  /** `hide`: a command of root's that takes something away first, in a set of mounts of its own. */
  function writeAsUser(device: string, environment: NodeJS.ProcessEnv = {}, hide = 'true'): string {
    const { stdout } = spawnSync(
      'unshare',
      [
        ...['--mount', 'sh', '-c', `${hide} && exec "$@"`, 'sh'],
        ...['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--init-groups', 'env'],
        ...Object.entries(environment).map(([name, value]) => `${name}=${String(value)}`),
        ...[join(checkout, 'node'), '--disable-warning=ExperimentalWarning'],
        ...[join(checkout, 'test/support/stick-app.ts'), join(shared(), 'stick.img'), device],
      ],
      {
        encoding: 'utf8',
        cwd: checkout,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    return stdout;
  }

  function expectWritten(device: LoopDevice, reported: string): void {
    expect(reported).toContain('done');
    expect(labelOf(device.path)).toBe(LABEL);
    const image = readFileSync(join(shared(), 'stick.img'));
    expect(Buffer.compare(readFileSync(device.file), image)).toBe(0);
  }

  /** Refused with this code, before anything was written. */
  function expectRefused(device: LoopDevice, reported: string, code: string): void {
    expect(reported).toContain(`failed {"code":"${code}"`);
    expect(readFileSync(device.file).every((byte) => byte === 0)).toBe(true);
  }

  /** Options and libraries of the caller's that must not get into a process of root's. */
  function expectNoCodeOfTheCaller(device: LoopDevice): void {
    const folder = join(shared(), 'marks');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const script = join(shared(), 'evil.cjs');
    writeFileSync(
      script,
      `const who = process.geteuid() === 0 ? 'root' : 'user';
       require('fs').writeFileSync(${JSON.stringify(folder)} + '/options-' + who, '');`,
    );
    const library = join(shared(), 'evil.so');
    const flags = ['-shared', '-fPIC', '-nostdlib', `-DFOLDER="${folder}"`, '-x', 'c', '-'];
    execFileSync('cc', [...flags, '-o', library], { input: EVIL_C, stdio: 'pipe' });
    const reported = writeAsUser(device.path, {
      NODE_OPTIONS: `--require=${script}`,
      NODE_PATH: shared(),
      LD_PRELOAD: library,
      LD_LIBRARY_PATH: shared(),
      BASH_ENV: script,
    });
    expectWritten(device, reported);
    // The user's own processes did load them: the marks can tell.
    expect(readdirSync(folder).sort()).toEqual(['options-user', 'preload-user']);
  }

  describe('with sudo-prompt and a checkout of his own,', () => {
    test('writes where the rules allow it, and no shell took its path for a command', async () => {
      await allow(GENERAL);
      const device = loopDevice({ size: SIZE });
      expectWritten(device, writeAsUser(device.path));
      expect(existsSync(join(checkout, 'pwned'))).toBe(false);
    });

    test('cannot make the writer load code that only the environment names', async () => {
      await allow(GENERAL);
      expectNoCodeOfTheCaller(loopDevice({ size: SIZE }));
    });

    test('writes two devices by asking for the rights once', async () => {
      await allow(GENERAL);
      expectWrittenByOne(loopDevice({ size: SIZE }), loopDevice({ size: SIZE }));
    });

    test('is refused where the rules say no, before anything is written', async () => {
      await allow(POLKIT_ACTION);
      const device = loopDevice({ size: SIZE });
      expectRefused(device, writeAsUser(device.path), 'elevation-refused');
    });

    test.each([
      ['agent', 'true'],
      ['pkexec', 'mount --bind /dev/null /usr/bin/pkexec'],
      ['polkit', 'mount -t tmpfs none /run/dbus'],
    ])('gets an error that there is no %s', async (what, hide) => {
      await leaveToAgents();
      const device = loopDevice({ size: SIZE });
      const reported = writeAsUser(device.path, {}, hide);
      expectRefused(device, reported, `elevation-missing","params":{"what":"${what}`);
    });
  });

  describe('with the installed package, which belongs to root,', () => {
    beforeAll(async () => {
      const programs = bundledPrograms();
      mkdirSync(LIBRARY);
      mkdirSync(WRITER, { recursive: true });
      for (const access of ACCESSES) {
        const [wrapper, policy] = [`${access}-drive`, `${POLKIT_ACTIONS[access]}.policy`];
        cpSync(join(ROOT, 'packaging/linux', wrapper), join(LIBRARY, wrapper));
        cpSync(join(ROOT, 'packaging/linux', policy), actionFile(access));
      }
      for (const name of PROGRAMS) cpSync(join(programs, name), join(WRITER, name));
      // Electron's binary acts as Node for the wrapper; here Node itself replaces it.
      cpSync(process.execPath, RUNTIME);
      const wrappers = ACCESSES.map((access) => join(LIBRARY, `${access}-drive`));
      for (const path of [LIBRARY, ...wrappers, APP, RUNTIME]) chmodSync(path, 0o755);
      for (const path of [
        ...ACCESSES.map(actionFile),
        ...PROGRAMS.map((name) => join(WRITER, name)),
      ])
        chmodSync(path, 0o644);
      for (const access of ACCESSES)
        await awaitPolkit('pkaction', ['--action-id', POLKIT_ACTIONS[access]], 0);
    });

    afterAll(() => {
      for (const access of ACCESSES) rmSync(actionFile(access), { force: true });
      for (const folder of [LIBRARY, APP]) rmSync(folder, { recursive: true, force: true });
    });

    test('writes where the rules allow the package’s own action, and nothing else', async () => {
      await allow(POLKIT_ACTION);
      const device = loopDevice({ size: SIZE });
      expectWritten(device, writeAsUser(device.path));
    });

    test('cannot make the writer load code that only the environment names', async () => {
      await allow(POLKIT_ACTION);
      expectNoCodeOfTheCaller(loopDevice({ size: SIZE }));
    });

    test('writes two devices by asking for the rights once', async () => {
      await allow(POLKIT_ACTION);
      expectWrittenByOne(loopDevice({ size: SIZE }), loopDevice({ size: SIZE }));
    });

    test('reads where the rules allow reading, and may not write by that', async () => {
      await allow(POLKIT_ACTIONS.read);
      const device = loopDevice({ size: SIZE });
      expect(writeAsUser(device.path, { ACCESS: 'read' })).toMatch(/^read \d+\ndone\n$/u);
      expectRefused(device, writeAsUser(device.path), 'elevation-refused');
    });

    test('writes without a password by the sample rule as a member of its group', async () => {
      const sample = readFileSync(join(ROOT, 'packaging/linux/depot.rules'), 'utf8');
      const check = async (action: string, code: number): Promise<void> => {
        const args = ['--action-id', action, '--process', String(someone?.pid)];
        await awaitPolkit('pkcheck', args, code);
      };
      // The user has no session here: as over ssh, the password is asked for.
      writeFileSync(RULE, sample.replace('ota-staff', USER), { mode: 0o644 });
      await awaitGeneral(2);
      for (const access of ACCESSES) await check(POLKIT_ACTIONS[access], 2);
      const anywhere = sample.replace('!subject.local || !subject.active', 'false');
      expect(anywhere).not.toBe(sample);
      writeFileSync(RULE, anywhere.replaceAll("'ota-staff'", `'${USER}'`), { mode: 0o644 });
      for (const access of ACCESSES) await check(POLKIT_ACTIONS[access], 0);
      await check(GENERAL, 2);
      writeFileSync(RULE, anywhere, { mode: 0o644 });
      for (const access of ACCESSES) await check(POLKIT_ACTIONS[access], 2);
    });

    test('is refused where the rules say no to that action, whatever else they allow', async () => {
      await allow(GENERAL);
      const device = loopDevice({ size: SIZE });
      expectRefused(device, writeAsUser(device.path), 'elevation-refused');
    });

    test('gets an error that the dialog was closed', async () => {
      await leaveToAgents();
      const device = loopDevice({ size: SIZE });
      // As on a desktop, whose agent asks.
      const reported = writeAsUser(device.path, { DISPLAY: ':0', DIALOG: 'closed' });
      expectRefused(device, reported, 'elevation-cancelled');
    });

    test('gets an error that the writer did not start', async () => {
      await allow(POLKIT_ACTION);
      const device = loopDevice({ size: SIZE });
      const aside = `${RUNTIME}.aside`;
      renameSync(RUNTIME, aside);
      writeFileSync(RUNTIME, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
      try {
        expectRefused(device, writeAsUser(device.path), 'elevation-broken');
      } finally {
        renameSync(aside, RUNTIME);
      }
    });

    test.each([
      ['the launcher', join(WRITER, 'launcher.mjs')],
      ['the writer', join(WRITER, 'writer.mjs')],
      ['the runtime’s folder', APP],
      ['the wrapper', join(LIBRARY, 'write-drive')],
    ])('does not start it by that action when others may change %s', async (_what, path) => {
      await allow(POLKIT_ACTION);
      const device = loopDevice({ size: SIZE });
      const { mode } = statSync(path);
      chmodSync(path, 0o777);
      try {
        // His own copy is meant then, for which he is not allowed.
        expectRefused(device, writeAsUser(device.path), 'elevation-refused');
      } finally {
        chmodSync(path, mode);
      }
    });
  });
});
