/**
 * Makes the unpacked folder of the packaged app for this system in dist/; with --installers what
 * electron-builder.yml lists for it, deb and dmg and so on. Where Electron's runtime is not installed, a stub of
 * Linux's takes its place: that shows what is packaged, but does not run.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'electron-builder';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REAL = path.join(ROOT, 'node_modules/electron/dist');

/** What electron-builder calls the systems. */
const SYSTEMS: Partial<Record<NodeJS.Platform, 'mac' | 'win'>> = { darwin: 'mac', win32: 'win' };

async function makeStub(): Promise<string> {
  const folder = path.join(ROOT, 'dist/electron-stub');
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'locales'), { recursive: true });
  await mkdir(path.join(folder, 'resources'));
  const files = [
    'electron',
    'version',
    'icudtl.dat',
    'resources.pak',
    'LICENSE',
    'LICENSES.chromium.html',
  ];
  for (const name of files) await writeFile(path.join(folder, name), 'stub', { mode: 0o755 });
  return folder;
}

const isReal = existsSync(path.join(REAL, 'version'));
const electronDist = isReal ? REAL : await makeStub();
if (!isReal) {
  console.log(
    'Electron’s runtime is not installed: the result shows the contents, but does not run. ' +
      '`npx install-electron --no` downloads it.',
  );
}
await build({
  projectDir: ROOT,
  [SYSTEMS[process.platform] ?? 'linux']: process.argv.includes('--installers') ? [] : ['dir'],
  publish: 'never',
  // A stub has no fuses to set.
  config: {
    extends: './electron-builder.yml',
    electronDist,
    ...(isReal ? {} : { electronFuses: null }),
  },
});
