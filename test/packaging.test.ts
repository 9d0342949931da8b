import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { setModes } from '../packaging/after-pack.js';
import { tmpFolder } from './support/tmp.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGING = path.join(ROOT, 'packaging');

describe.skipIf(process.platform === 'win32')('the launcher of deb and rpm', () => {
  /** The launcher beside a binary that is Node where Electron would be, and `program` as the command line. */
  async function installed(program: string): Promise<string> {
    const folder = tmpFolder();
    const main = path.join(folder, 'resources/app.asar/out/main');
    await mkdir(main, { recursive: true });
    await writeFile(path.join(main, 'package.json'), '{"type":"module"}');
    await writeFile(path.join(main, 'cli.js'), program);
    const app = path.join(folder, 'offline-ota-image-builder');
    await writeFile(
      app,
      `#!/bin/sh\n[ "\${ELECTRON_RUN_AS_NODE-}" = 1 ] || { echo window; exit 0; }\nexec '${process.execPath}' "$@"\n`,
    );
    const launcher = path.join(folder, 'launch');
    const text = await readFile(path.join(PACKAGING, 'linux/launch'), 'utf8');
    await writeFile(launcher, text.replace(/^app=.*$/mu, `app='${folder}'`));
    for (const file of [app, launcher]) await chmod(file, 0o755);
    return launcher;
  }

  test('starts the window without arguments', async () => {
    const launcher = await installed('console.log("command line")');
    expect(spawnSync(launcher, { encoding: 'utf8' }).stdout).toBe('window\n');
  });

  test('starts the command line with arguments as they are, and ends with its code', async () => {
    const launcher = await installed(
      'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 22;',
    );
    const args = ['--image', 'a:/x y/$HOME `b`.tgz:1', '', '新.tgz'];
    const { stdout, status } = spawnSync(launcher, args, { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual(args);
    expect(status).toBe(22);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s reaches the command line', async (signal) => {
    const launcher = await installed(
      `process.once('${signal}', () => process.exit(130)); setInterval(() => {}, 1000); console.log('ready');`,
    );
    const child = spawn(launcher, ['verify'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([130, null]);
  });
});

test('what is packaged under umask 002 gets the modes that it is to be installed with', async () => {
  const folder = tmpFolder();
  const outside = path.join(tmpFolder(), 'outside');
  await mkdir(path.join(folder, 'resources'));
  const files = { app: 0o775, 'resources/writer.mjs': 0o664, private: 0o600 };
  for (const [name, mode] of Object.entries(files)) {
    await writeFile(path.join(folder, name), '');
    await chmod(path.join(folder, name), mode);
  }
  await writeFile(outside, '');
  await chmod(outside, 0o666);
  await symlink(outside, path.join(folder, 'link'));
  for (const name of ['', 'resources']) await chmod(path.join(folder, name), 0o775);
  await setModes(folder);
  const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o7777;
  expect(await modeOf(folder)).toBe(0o755);
  expect(await modeOf(path.join(folder, 'resources'))).toBe(0o755);
  expect(await modeOf(path.join(folder, 'app'))).toBe(0o755);
  expect(await modeOf(path.join(folder, 'resources/writer.mjs'))).toBe(0o644);
  expect(await modeOf(path.join(folder, 'private'))).toBe(0o644);
  expect(await modeOf(outside)).toBe(0o666);
});

test.skipIf(process.platform === 'win32')(
  'the scripts of the packages are what sh can read',
  () => {
    for (const name of [
      ...['launch', 'read-drive', 'write-drive', 'AppRun'],
      ...['after-install.sh', 'after-remove.sh'],
    ])
      expect(spawnSync('sh', ['-n', path.join(PACKAGING, 'linux', name)]).status).toBe(0);
  },
);

test('launchers and writer are started where the packages put them', async () => {
  const read = (name: string): Promise<string> => readFile(path.join(PACKAGING, name), 'utf8');
  const appOf = (text: string): string | undefined => /^app='(.+)'$/mu.exec(text)?.[1];
  const wrapper = await read('linux/write-drive');
  // The same but for what is permitted, and the comments.
  const program = (text: string): string => text.replaceAll(/^#.*\n/gmu, '');
  const reader = program(await read('linux/read-drive'));
  expect(reader).toBe(program(wrapper).replace(/"\$1"\n$/u, '"$1" read\n'));
  expect(appOf(await read('linux/launch'))).toBe(appOf(wrapper));
  // The app takes the wrapper only where all that it starts belongs to root.
  const checked = await readFile(path.join(ROOT, 'src/main/elevation/writer-program.ts'), 'utf8');
  const launcher = /"\$app\/(resources\/\S+)"/u.exec(wrapper)?.[1] ?? 'none';
  expect(launcher).toMatch(/\/out\/writer\/launcher\.mjs$/u);
  for (const started of [launcher, launcher.replace('launcher.mjs', 'writer.mjs')])
    expect(checked).toContain(`\`\${APP}/${started}\``);
  const config = await readFile(path.join(ROOT, 'electron-builder.yml'), 'utf8');
  const product = /^productName: (.+)$/mu.exec(config)?.[1] ?? 'none';
  expect(await read('windows/offline-ota-image-builder.cmd')).toContain(`%~dp0${product}.exe`);
  expect(config).toContain('packaging/linux/launch=/usr/bin/offline-ota-image-builder');
});

describe.skipIf(process.platform === 'win32')('an AppImage', () => {
  /** Runs its script with an app that prints what it was given. */
  async function run(env: NodeJS.ProcessEnv, namespaces: boolean): Promise<string[]> {
    const folder = path.join(tmpFolder(), 'an app 日本');
    await mkdir(path.join(folder, 'bin'), { recursive: true });
    const program = async (name: string, text: string): Promise<void> => {
      await writeFile(path.join(folder, name), `#!/bin/sh\n${text}\n`);
      await chmod(path.join(folder, name), 0o755);
    };
    const say = 'echo "node: ${ELECTRON_RUN_AS_NODE-no}"; for word; do echo "$word"; done';
    await program('offline-ota-image-builder', say);
    await program('bin/unshare', namespaces ? 'exit 0' : 'exit 1');
    const script = path.join(PACKAGING, 'linux/AppRun');
    const { stdout, stderr } = spawnSync('sh', [script, 'inspect', 'a b.tgz'], {
      encoding: 'utf8',
      env: { PATH: `${path.join(folder, 'bin')}:/usr/bin:/bin`, APPDIR: folder, ...env },
    });
    expect(stderr).toBe('');
    return stdout.replaceAll(folder, '$APPDIR').trim().split('\n');
  }

  test('is the command line without a desktop', async () => {
    const cli = '$APPDIR/resources/app.asar/out/main/cli.js';
    const expected = ['node: 1', '--max-semi-space-size=8', cli, 'inspect', 'a b.tgz'];
    expect(await run({}, false)).toEqual(expected);
  });

  test('is Node, with no option of Chromium, where it is asked to be', async () => {
    const env = { ELECTRON_RUN_AS_NODE: '1' };
    expect(await run(env, false)).toEqual(['node: 1', 'inspect', 'a b.tgz']);
  });

  test.each([{ DISPLAY: ':0' }, { WAYLAND_DISPLAY: 'wayland-0' }])(
    'is the app on a desktop, without a sandbox only where there are no user namespaces: %j',
    async (env) => {
      expect(await run(env, true)).toEqual(['node: no', 'inspect', 'a b.tgz']);
      expect(await run(env, false)).toEqual(['node: no', '--no-sandbox', 'inspect', 'a b.tgz']);
    },
  );
});
