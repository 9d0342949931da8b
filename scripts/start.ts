/** Starts the built app: on Electron where its runtime is installed, else in Chromium. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../e2e/host/chromium.ts';
import { electronRuntime, hasElectronRuntime } from './electron-runtime.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const preview = process.argv[2] === '--preview';
const args = process.argv.slice(preview ? 3 : 2);

const onElectron = !preview && hasElectronRuntime(ROOT);
if (!onElectron && findChromium() === null) {
  stop(
    `${preview ? 'Chromium is not' : 'Neither Electron’s runtime nor Chromium is'} installed: ` +
      'on Debian or Ubuntu run `sudo apt-get install chromium`, then start it again.',
  );
}
if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
  stop('There is no desktop to open a window on: start it from a desktop session.');
}
if (!preview && !onElectron) {
  console.log('Electron’s runtime is not installed; the app starts in Chromium instead.');
}
if (!onElectron && findChromium() === null) {
  console.error('Chromium is not installed either. Install it, or name it with CHROMIUM_PATH.');
  process.exit(1);
}
const child = onElectron
  ? spawn(electronRuntime(ROOT), [ROOT, ...args], { stdio: 'inherit' })
  : spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--import',
        path.join(ROOT, 'e2e/host/hook.ts'),
        path.join(ROOT, 'out/main/index.js'),
        ...args,
      ],
      { stdio: 'inherit', env: { ...process.env, OTA_HOST_HEADED: '1' } },
    );
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

/** Ends with one sentence that says what is missing and what to do. */
function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
