import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The command line in a process of its own, without zstd-napi where `preload` says so. */
function runCli(args: readonly string[], preload: readonly string[] = []): string {
  const entry = ['--max-semi-space-size=8', 'src/main/cli/main.ts', ...args];
  return execFileSync(process.execPath, [...preload, ...entry], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: '1', NODE_NO_WARNINGS: '1' },
  });
}

const WITHOUT = ['--require', './test/support/without-zstd-napi.cjs'];

test('where zstd-napi could not be compiled, Node’s zstd makes the same output', () => {
  expect(runCli(['--version', '-v'])).toContain('zstd: zstd-napi\n');
  expect(runCli(['--version', '-v'], WITHOUT)).toContain('zstd: node\n');
  const folder = tmpFolder();
  const outputs = ['native.tar', 'node.tar'].map((name) => join(folder, name));
  // One of the samples is a .tar.zst, and blobs of all are zstd.
  for (const [index, output] of outputs.entries())
    runCli([...SAMPLE_IMAGES, '-o', output], index === 0 ? [] : WITHOUT);
  const [native, node] = outputs.map((output) => readFileSync(output));
  expect(node?.equals(native ?? Buffer.alloc(0))).toBe(true);
});

test('without a compiler the installation says so and goes on', () => {
  const root = tmpFolder();
  mkdirSync(join(root, 'scripts/install'), { recursive: true });
  mkdirSync(join(root, 'node_modules/zstd-napi'), { recursive: true });
  mkdirSync(join(root, 'bin'));
  const script = join(root, 'scripts/install/build-native.js');
  copyFileSync(join(ROOT, 'scripts/install/build-native.js'), script);
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  // Its program is on the path, and no compiler.
  symlinkSync(process.execPath, join(root, 'bin/node'));
  const { status, stderr } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    env: { PATH: join(root, 'bin') },
  });
  expect(stderr).toContain('Node’s own zstd takes its place');
  expect(stderr).toContain('g++');
  expect(status).toBe(0);
});
