import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { tmpFolder } from './tmp.ts';
import { needsLoopDevices, tool } from './tools.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Runs the example specs in a vitest of their own, as a developer or CI would. */
function runExamples(env: { CI: string; TMPDIR: string }): {
  status: number | null;
  output: string;
} {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'test/support/examples/vitest.config.ts',
      '--reporter=verbose',
    ],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', VITEST: undefined, ...env },
    },
  );
  return { status, output: stdout + stderr };
}

afterEach(() => vi.unstubAllEnvs());

describe('tool', () => {
  test('finds a tool and gives a path that can be run', () => {
    const sh = tool('sh');
    expect(sh.missing).toBeNull();
    expect(spawnSync(sh.path, ['-c', 'exit 7']).status).toBe(7);
  });

  test('says that a tool is missing', () => {
    expect(tool('no-such-tool').missing).toBe('is not installed');
  });

  test('does not take a folder or a plain file for a tool', () => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'a-folder'));
    writeFileSync(join(folder, 'a-file'), '', { mode: 0o644 });
    writeFileSync(join(folder, 'a-tool'), '', { mode: 0o755 });
    vi.stubEnv('PATH', folder);
    expect(tool('a-folder').missing).not.toBeNull();
    expect(tool('a-file').missing).not.toBeNull();
    expect(tool('a-tool')).toMatchObject({ missing: null, path: join(folder, 'a-tool') });
  });
});

test('the loop device probe leaves no device behind', () => {
  const { missing } = needsLoopDevices();
  if (missing !== null) expect(missing).toMatch(/^(need|cannot be attached)/);
  const attached = spawnSync(
    tool('losetup').path,
    ['--list', '--noheadings', '--output', 'BACK-FILE'],
    {
      encoding: 'utf8',
    },
  );
  expect(attached.stdout).not.toContain('loop-probe-');
});

describe('a missing tool', () => {
  test('skips the test and its title names the tool', () => {
    const { output } = runExamples({ CI: 'false', TMPDIR: tmpFolder() });
    expect(output).toMatch(/↓ .*needs a tool \[needs no-such-tool is not installed\]/);
    expect(output).toMatch(/↓ .*needs two \[needs no-such-tool is not installed\]/);
    expect(output).toMatch(/✓ .*needs a shell/);
  });

  test('fails the test under CI=true', () => {
    const { status, output } = runExamples({ CI: 'true', TMPDIR: tmpFolder() });
    expect(status).not.toBe(0);
    expect(output).toMatch(/[×✗] .*needs a tool \[needs no-such-tool is not installed\]/);
    expect(output).not.toMatch(/↓/);
    expect(output).toMatch(/✓ .*needs a shell/);
  });
});

test('temporary folders are removed after tests that pass and tests that fail', () => {
  const folder = tmpFolder();
  const { output } = runExamples({ CI: 'false', TMPDIR: folder });
  expect(output).toMatch(/✓ .*leaves files and passes/);
  expect(output).toMatch(/[×✗] .*leaves files and fails/);
  const used = readFileSync(join(folder, 'used'), 'utf8').trim().split('\n');
  expect(new Set(used).size).toBe(4);
  for (const path of used) expect(existsSync(path), path).toBe(false);
});
