import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'electron-builder';
import { ROOT } from './support/launch.ts';
import { expect, test } from './support/test.ts';

const NAME = 'offline-ota-image-builder';
const APP_RUN = path.join(ROOT, 'packaging/linux/AppRun');

/** Tools of electron-builder that pack nothing: `mksquashfs` copies what it is to pack to `packed`. */
function playTools(folder: string, packed: string): string {
  const tools = path.join(folder, 'tools');
  for (const name of ['runtimes', 'lib/x64', 'lib/arm64'])
    mkdirSync(path.join(tools, name), { recursive: true });
  const program = (name: string, text: string): void =>
    writeFileSync(path.join(tools, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('mksquashfs', `cp -R "$1" '${packed}' && echo packed > "$2"`);
  program('desktop-file-validate', 'exit 0');
  for (const arch of ['x64', 'arm64'])
    writeFileSync(path.join(tools, `runtimes/runtime-${arch}`), 'runtime');
  return tools;
}

test('an AppImage starts by our own script, which takes the place of electron-builder’s', async ({
  folder,
}) => {
  // Other systems have no AppImages.
  test.skip(process.platform !== 'linux', 'needs Linux');
  const app = path.join(folder, 'app');
  mkdirSync(path.join(app, 'resources'), { recursive: true });
  writeFileSync(path.join(app, NAME), 'stub', { mode: 0o755 });
  // As `extraFiles` puts it there; package.spec.ts looks whether it does.
  cpSync(APP_RUN, path.join(app, 'AppRun'));
  const packed = path.join(folder, 'packed');
  process.env['APPIMAGE_TOOLS_PATH'] = playTools(folder, packed);
  try {
    await build({
      projectDir: ROOT,
      prepackaged: app,
      linux: ['AppImage'],
      publish: 'never',
      config: {
        extends: './electron-builder.yml',
        directories: { output: path.join(folder, 'out'), buildResources: 'packaging' },
        electronFuses: null,
      },
    });
  } finally {
    delete process.env['APPIMAGE_TOOLS_PATH'];
  }
  expect(readFileSync(path.join(packed, 'AppRun'), 'utf8')).toBe(readFileSync(APP_RUN, 'utf8'));
  expect(statSync(path.join(packed, 'AppRun')).mode & 0o111).toBe(0o111);
  expect(statSync(path.join(packed, NAME)).isFile()).toBe(true);
});
