import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const MODULE = join(import.meta.dirname, 'compile-on-main-thread.ts');

/** Lines in which V8 says that it compiles a hot function with Maglev. */
function maglevLines(imported: boolean): string[] {
  const hot = `
    const sum = (a) => { let s = 0; for (let i = 0; i < 100; i++) s += (a * i) % 7; return s; };
    for (let n = 0; n < 20_000; n++) sum(n);`;
  const first = imported ? ['--import', MODULE] : [];
  const args = ['--disable-warning=ExperimentalWarning', '--trace-opt', ...first, '-e', hot];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.split('\n').filter((line) => line.includes('target MAGLEV'));
}

test('V8 compiles nothing with Maglev', () => {
  expect(maglevLines(false)).not.toEqual([]);
  expect(maglevLines(true)).toEqual([]);
});

test.each([
  'src/main/cli/main.ts',
  'src/main/writer/launcher.ts',
  'src/main/writer/main.ts',
  'src/main/elevation/sudo-prompt-host.ts',
  'e2e/host/hook.ts',
])('%s imports it before anything else', (program) => {
  const source = readFileSync(join(ROOT, program), 'utf8');
  expect(/^import .*$/m.exec(source)?.[0]).toMatch(/\/runtime\/compile-on-main-thread\.ts';$/);
});
