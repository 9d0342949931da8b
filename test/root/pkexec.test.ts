import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loopDevice } from '../support/loop.ts';
import { LABEL, labelOf, makeStickImage } from '../support/stick-image.ts';
import { sharedTmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

const MIB = 1024 * 1024;
const SIZE = 32 * MIB;
const ROOT = join(import.meta.dirname, '../..');
const USER = `ota-test-${String(process.pid)}`;
const RULE = `/etc/polkit-1/rules.d/49-${USER}.rules`;
const BUS = '/run/dbus/system_bus_socket';

const NEEDED = [
  needsLoopDevices(),
  ...['pkexec', 'pkcheck', 'dbus-daemon', 'useradd', 'mke2fs', 'debugfs', 'blkid'].map(tool),
];

describeNeeding(NEEDED, 'an ordinary user, through sudo-prompt and the real pkexec', () => {
  const shared = sharedTmpFolder();
  let bus: ChildProcess | null = null;
  let checkout = '';

  beforeAll(() => {
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
    if (!existsSync(BUS)) {
      mkdirSync('/run/dbus', { recursive: true });
      bus = spawn('dbus-daemon', ['--system', '--nofork', '--nopidfile'], { stdio: 'ignore' });
      for (let tries = 0; !existsSync(BUS) && tries < 100; tries++) execFileSync('sleep', ['0.05']);
    }
  });

  afterAll(() => {
    rmSync(RULE, { force: true });
    spawnSync('userdel', ['--remove', USER], { stdio: 'ignore' });
    if (bus !== null) {
      bus.kill();
      rmSync(BUS, { force: true });
    }
  });

  function allow(result: 'YES' | 'NO'): void {
    mkdirSync('/etc/polkit-1/rules.d', { recursive: true });
    writeFileSync(
      RULE,
      `polkit.addRule(function (action, subject) {
        if (subject.user === '${USER}') return polkit.Result.${result};
      });\n`,
      { mode: 0o644 },
    );
    // polkitd watches the folder; it needs a moment.
    execFileSync('sleep', ['1']);
  }

  function writeAsUser(device: string, environment: NodeJS.ProcessEnv = {}): string {
    const { stdout } = spawnSync(
      'setpriv',
      [
        ...[`--reuid=${USER}`, `--regid=${USER}`, '--init-groups', join(checkout, 'node')],
        ...['--disable-warning=ExperimentalWarning', join(checkout, 'test/support/stick-app.ts')],
        ...[join(shared(), 'stick.img'), device],
      ],
      {
        encoding: 'utf8',
        cwd: checkout,
        env: { PATH: '/usr/sbin:/usr/bin', ...environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    return stdout;
  }

  test('writes where the rules allow it, and no shell took its path for a command', () => {
    allow('YES');
    const device = loopDevice({ size: SIZE });
    expect(writeAsUser(device.path)).toContain('done');
    expect(labelOf(device.path)).toBe(LABEL);
    const image = readFileSync(join(shared(), 'stick.img'));
    expect(Buffer.compare(readFileSync(device.file), image)).toBe(0);
    expect(existsSync(join(checkout, 'pwned'))).toBe(false);
  });

  test('cannot make the writer load his own code', () => {
    allow('YES');
    const device = loopDevice({ size: SIZE });
    const evil = join(shared(), 'evil.cjs');
    const mark = join(shared(), 'loaded-by-root');
    writeFileSync(
      evil,
      `if (process.getuid() === 0) require('fs').writeFileSync(${JSON.stringify(mark)}, '')`,
    );
    const environment = { NODE_OPTIONS: `--require=${evil}`, LD_PRELOAD: '/no/such/library.so' };
    expect(writeAsUser(device.path, environment)).toContain('done');
    expect(existsSync(mark)).toBe(false);
  });

  test('is refused where the rules say no, before anything is written', () => {
    allow('NO');
    const device = loopDevice({ size: SIZE });
    expect(writeAsUser(device.path)).toContain('failed {"code":"elevation-refused"');
    expect(labelOf(device.path)).toBe('');
  });

  test('is told that nobody can ask for a password', () => {
    rmSync(RULE, { force: true });
    execFileSync('sleep', ['1']);
    const device = loopDevice({ size: SIZE });
    const told = writeAsUser(device.path);
    expect(told).toContain('failed {"code":"elevation-missing","params":{"what":"agent"}}');
  });
});
