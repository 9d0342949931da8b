// Brings the system packages that tests need (test/system-packages.json): as root on Debian it installs
// what is missing, else it names it. Plain JavaScript for the oldest Node that a Debian brings.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const packages = JSON.parse(
  readFileSync(new URL('../test/system-packages.json', import.meta.url), 'utf8'),
);

let missing = findMissing();
if (missing.length > 0 && process.getuid?.() === 0 && hasCommand('apt-get')) {
  console.log(`Installing what tests need: ${names(missing)}`);
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', ...missing.map((p) => p.package));
  missing = findMissing();
}
if (missing.length > 0) {
  console.error('Tests need system packages that are not installed:\n');
  for (const { package: name, why } of missing) console.error(`  ${name.padEnd(18)} ${why}`);
  console.error(`\nOn Debian or Ubuntu: sudo apt-get install ${names(missing)}`);
  if (process.env.CI === 'true') process.exit(1);
  console.error('Tests that need them are skipped and say so.\n');
}

/** Looks at the commands and files themselves, so that any distribution and any package will do. */
function findMissing() {
  return packages.filter(({ command, file }) =>
    command === undefined ? !existsSync(file) : !hasCommand(command),
  );
}

function hasCommand(command) {
  // Debian leaves the sbin folders out of an ordinary user's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, command)));
}

function names(list) {
  return list.map((p) => p.package).join(' ');
}

function aptGet(...args) {
  const { status } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) console.error(`apt-get ${args[0]} failed; it says above why.`);
}
