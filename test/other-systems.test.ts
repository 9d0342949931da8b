import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { seededBytes } from './support/image-factory.ts';
import type { OtherSystem } from './support/other-system.ts';
import { tmpFolder } from './support/tmp.ts';

/**
 * The whole way of a stick on Windows and macOS, played on this system: the drive list, the question for
 * rights, the connection and its proof, the writer, and the eject are the product's own; scripts stand for the
 * system's programs, and a file for the stick. It shows what is asked of the system and in which order, not
 * what the system does.
 *
 * To add a platform:
 * 1. Drives: a DriveSource in src/main/drives/, chosen in system-drives.ts.
 * 2. Writer: a WriterPlatform in src/main/writer/, chosen in this-platform.ts.
 * 3. Elevation: how the launcher is started, in src/main/elevation/start-launcher.ts.
 * 4. Its programs as scripts in test/support/other-system.ts, and the tests below for it.
 */

const SUPPORT = join(import.meta.dirname, 'support');
const HOOK = join(SUPPORT, 'other-system.ts');
const MIB = 1024 * 1024;
const IMAGE = seededBytes(7, 2 * MIB);

interface World {
  readonly folder: string;
  readonly stick: string;
  readonly log: string;
}

function newWorld(): World {
  const folder = tmpFolder();
  const stick = join(folder, 'stick');
  writeFileSync(stick, Buffer.alloc(4 * MIB, 0xaa));
  const log = join(folder, 'log');
  writeFileSync(log, '');
  writeFileSync(join(folder, 'image'), IMAGE);
  return { folder, stick, log };
}

/** A program in place of one of the system's. `code` knows `args`, `note` and `node`, which starts a writer. */
function script(world: World, name: string, system: OtherSystem, code: string): string {
  const path = join(world.folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const text = `#!${process.execPath}
const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const { execFileSync, spawnSync } = require('node:child_process');
const args = process.argv.slice(2);
const note = (line) => appendFileSync(${JSON.stringify(world.log)}, line + '\\n');
const elevated = (program, words, env) => spawnSync(program, words, {
  cwd: ${JSON.stringify(world.folder)}, stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...env, OTHER_SYSTEM: ${JSON.stringify(JSON.stringify(system))},
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning --import ' + ${JSON.stringify(HOOK)} },
}).status;
${code}`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

function runApp(world: World, system: OtherSystem, env: NodeJS.ProcessEnv = {}) {
  const options = ['--disable-warning=ExperimentalWarning', '--import', HOOK];
  const app = [join(SUPPORT, 'other-system-app.ts'), join(world.folder, 'image')];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, ...app], {
    ...{ cwd: world.folder, encoding: 'utf8' },
    env: { ...process.env, OTHER_SYSTEM: JSON.stringify(system), TMPDIR: '/tmp', ...env },
  });
  const lines = readFileSync(world.log, 'utf8').trimEnd().split('\n');
  expect(stdout, stderr).not.toBe('');
  return { outcome: JSON.parse(stdout) as unknown, lines };
}

function plist(value: unknown): string {
  if (typeof value === 'string') return `<string>${value}</string>`;
  if (typeof value === 'number') return `<integer>${String(value)}</integer>`;
  if (typeof value === 'boolean') return `<${String(value)}/>`;
  if (Array.isArray(value)) return `<array>${value.map(plist).join('')}</array>`;
  const pairs = Object.entries(value as object).map(
    ([key, inner]) => `<key>${key}</key>${plist(inner)}`,
  );
  return `<dict>${pairs.join('')}</dict>`;
}

/** What macOS answers; the stick is FAT and mounted, and Spotlight keeps it busy. */
function playMac(world: World, password: string | null) {
  const base = { platform: 'darwin', log: world.log, programs: {}, devices: {} } as const;
  const part = { DeviceIdentifier: 'disk9s1', MountPoint: '/Volumes/FAT', Size: 3 * MIB };
  const list = (mounted: boolean) =>
    `<plist>${plist({
      AllDisksAndPartitions: [
        {
          ...{ DeviceIdentifier: 'disk9', Size: 4 * MIB },
          Partitions: [mounted ? part : { ...part, MountPoint: '' }],
        },
      ],
    })}</plist>`;
  const info = `<plist>${plist({
    ...{ BusProtocol: 'USB', Internal: false, MediaName: 'Stick', Size: 4 * MIB },
    ...{ WritableMedia: true, VirtualOrPhysical: 'Physical', DeviceTreePath: 'IODeviceTree:/x' },
  })}</plist>`;
  const diskutil = script(
    world,
    'diskutil',
    { ...base, euid: 501 },
    `const gone = ${JSON.stringify(join(world.folder, 'unmounted'))};
if (args[0] === 'list') process.stdout.write(existsSync(gone) ? ${JSON.stringify(list(false))} : ${JSON.stringify(list(true))});
else if (args[0] === 'info') process.stdout.write(${JSON.stringify(info)});
else {
  note('diskutil ' + args.join(' '));
  if (args[0] === 'unmountDisk') {
    if (args[1] !== 'force') { process.stderr.write('dissented by mds'); process.exit(1); }
    writeFileSync(gone, '');
  }
}`,
  );
  const programs = { '/usr/sbin/diskutil': diskutil };
  const devices = { '/dev/rdisk9': world.stick };
  const root = { ...base, euid: 0, programs, devices };
  // As sudo does it: what the askpass prints is the password; the environment is cleared, SUDO_UID set.
  const sudo = script(
    world,
    'sudo',
    root,
    `const askpass = require('node:fs').readFileSync(process.env.SUDO_ASKPASS, 'utf8');
note('sudo ' + args.slice(0, 2).join(' ') + ', askpass by ' + /exec (\\S+)/.exec(askpass)[1]);
note('words for the shell: ' + (askpass.match(/["$\`\\\\]\\{|\\$|\`/) === null ? 'none' : 'some'));
const password = ${JSON.stringify(password)};
if (password === null) { process.stderr.write('sudo: no password was provided'); process.exit(1); }
if (password !== 'right') { process.stderr.write('sudo: 3 incorrect password attempts'); process.exit(1); }
const [, env, variable, program, ...words] = args.slice(1);
const [name, value] = variable.split('=');
process.exit(elevated(program, words, { [name]: value, SUDO_UID: String(process.getuid()) }) ?? 1);`,
  );
  return { ...base, euid: 501, programs: { ...programs, '/usr/bin/sudo': sudo }, devices: {} };
}

function expectWritten({ stick }: World): void {
  const found = readFileSync(stick);
  expect(found.subarray(0, IMAGE.length).equals(IMAGE)).toBe(true);
}

function expectUntouched({ stick }: World): void {
  expect(readFileSync(stick).every((byte) => byte === 0xaa)).toBe(true);
}

test('macOS: a stick that Spotlight keeps busy is written by sudo, and ejected when it is closed', () => {
  const world = newWorld();
  const { outcome, lines } = runApp(world, playMac(world, 'right'));
  expect(outcome).toEqual({ ejected: true, notices: [] });
  expectWritten(world);
  expect(lines).toEqual([
    'sudo -A --, askpass by /usr/bin/osascript',
    'words for the shell: none',
    'diskutil unmountDisk /dev/disk9',
    'diskutil unmountDisk force /dev/disk9',
    'open /dev/rdisk9 0x20',
    'close /dev/rdisk9',
    'diskutil eject /dev/disk9',
  ]);
});

test.each([
  ['the dialog is closed', null, 'elevation-cancelled'],
  ['the password is wrong', 'wrong', 'elevation-refused'],
])('macOS: where %s, nothing is touched', (_, password, code) => {
  const world = newWorld();
  const { outcome, lines } = runApp(world, playMac(world, password));
  expect(outcome).toMatchObject({ error: { code } });
  expectUntouched(world);
  expect(lines.filter((line) => /^(diskutil|open)/u.test(line))).toEqual([]);
});

interface WindowsStick {
  /** Says no, or lets the program run. */
  readonly uac?: number;
  readonly style?: 'RAW' | 'MBR';
  /** That PowerShell finds when it clears. */
  readonly uniqueId?: string;
  readonly ejects?: boolean;
}

/** What Windows answers: PowerShell alone is asked, by scripts that are looked at here. */
function playWindows(world: World, stick: WindowsStick) {
  const { uac = 0, style = 'MBR', uniqueId = 'USBSTOR', ejects = true } = stick;
  const devices = { '\\\\.\\PhysicalDrive7': world.stick };
  const base = { platform: 'win32', euid: null, log: world.log, programs: {}, devices } as const;
  const disk = {
    ...{ Number: 7, FriendlyName: 'Stick', Manufacturer: null, SerialNumber: 'S1', Size: 4 * MIB },
    ...{ UniqueId: 'USBSTOR', BusType: 'USB', IsBoot: false, IsSystem: false, IsReadOnly: false },
    Path: '\\\\?\\usbstor#disk',
  };
  const answer = { disks: [disk], partitions: null, volumes: null, pagefiles: null };
  const root = join(world.folder, "太郎 O'Neil & Co");
  const system32 = join("太郎 O'Neil & Co", 'System32');
  script(world, join(system32, 'whoami.exe'), base, `console.log('"office\\\\kim","S-1-5-21-7"');`);
  script(
    world,
    join(system32, 'icacls.exe'),
    base,
    `note('job folder: ' + args.slice(1).join(' ') + ', holds ' + require('node:fs').readdirSync(args[0]).length);`,
  );
  script(
    world,
    join("太郎 O'Neil & Co", 'System32/WindowsPowerShell/v1.0/powershell.exe'),
    base,
    `const text = Buffer.from(args[args.indexOf('-EncodedCommand') + 1], 'base64').toString('utf16le');
const literal = (name) => new RegExp(name + " '((?:[^']|'')*)'").exec(text)[1].replaceAll("''", "'");
if (text.includes('ConvertTo-Json')) process.stdout.write(${JSON.stringify(JSON.stringify(answer))});
else if (text.includes('-Verb RunAs')) {
  note('uac, PATH beside Path: ' + ('PATH' in process.env && 'Path' in process.env));
  if (${String(uac)} !== 0) console.log('elevation: error ${String(uac)} whatever Windows says');
  else {
    const words = [...literal('-ArgumentList').matchAll(/"([^"]*)"/g)].map(([, word]) => word);
    console.log('elevation: exit ' + elevated(literal('-FilePath'), words, { SystemRoot: process.env.SystemRoot, PATH: '/usr/bin' }));
  }
} else if (text.includes('diskpart')) {
  const same = text.includes("-ne '${uniqueId} ");
  note('clear: ' + (same ? '${style}' === 'RAW' ? 'nothing to do' : 'diskpart' : 'another disk'));
  process.exit(same ? 0 : 1);
} else if (text.includes('DeviceIoControl')) {
  note('eject' + (text.includes("'\\\\\\\\.\\\\PhysicalDrive7'") ? '' : ' of what?'));
  process.exit(${ejects ? '0' : '1'});
} else { note('unknown script'); process.exit(1); }`,
  );
  return {
    system: base,
    env: { SystemRoot: root, Path: '/usr/bin', PATH: undefined, LOCALAPPDATA: undefined },
  };
}

/** The folder of the jobs is the person's alone, before a secret is in it. */
const CLOSED =
  'job folder: /inheritance:r /grant:r *S-1-5-21-7:(OI)(CI)F *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F, holds 0';

test('Windows: a stick is written by the elevated program, alone on the disk, and ejected when it is closed', () => {
  const world = newWorld();
  const { system, env } = playWindows(world, {});
  const { outcome, lines } = runApp(world, system, env);
  expect(outcome).toEqual({ ejected: true, notices: [] });
  expectWritten(world);
  expect(lines).toEqual([
    CLOSED,
    'uac, PATH beside Path: false',
    'clear: diskpart',
    'open \\\\.\\PhysicalDrive7 0x16000000',
    'close \\\\.\\PhysicalDrive7',
    'eject',
  ]);
});

test('Windows: a stick of ours, which has no partition table, is written again', () => {
  const world = newWorld();
  const { system, env } = playWindows(world, { style: 'RAW' });
  const { outcome, lines } = runApp(world, system, env);
  expect(outcome).toMatchObject({ ejected: true });
  expect(lines).toContain('clear: nothing to do');
  expectWritten(world);
});

test('Windows: a disk that got the number meanwhile is neither cleared nor opened', () => {
  const world = newWorld();
  const { system, env } = playWindows(world, { uniqueId: 'ANOTHER' });
  const { outcome, lines } = runApp(world, system, env);
  expect(outcome).toMatchObject({ error: { code: 'drive-unmount-failed' } });
  expect(lines.at(-1)).toBe('clear: another disk');
  expectUntouched(world);
});

test('Windows: a disk that cannot be ejected is complete, and a notice says so', () => {
  const world = newWorld();
  const { system, env } = playWindows(world, { ejects: false });
  const { outcome } = runApp(world, system, env);
  expect(outcome).toEqual({ ejected: false, notices: ['drive-eject-failed'] });
  expectWritten(world);
});

test.each([
  [1223, 'elevation-cancelled'],
  [1260, 'elevation-refused'],
  [2, 'elevation-broken'],
])('Windows: where the question for rights ends with %i, nothing is touched', (uac, code) => {
  const world = newWorld();
  const { system, env } = playWindows(world, { uac });
  const { outcome, lines } = runApp(world, system, env);
  expect(outcome).toMatchObject({ error: { code } });
  expect(lines).toEqual([CLOSED, 'uac, PATH beside Path: false']);
  expectUntouched(world);
});
