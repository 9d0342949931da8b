/**
 * `npm run mutate [number …]`: breaks one line after another in a copy of the tree, and shows that the test
 * named for it fails. Ends with 1 where a break survives, no longer fits, or a test fails without it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = join(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'offline-ota-mutate-'));
// Also when it is interrupted; the tree itself is never changed.
const clean = () => rmSync(copy, { recursive: true, force: true });
process.on('exit', clean);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT })
  .toString()
  .split('\0')
  .filter((name) => name !== '' && !/^(docs|e2e|bench)\//.test(name));
for (const name of files) cpSync(join(ROOT, name), join(copy, name));
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What the runner said, where it came to no result. */
  readonly output: string;
}

/** Runs the test of a break in the copy. */
function runTest({ test, title }: Mutation): Outcome {
  const results = join(copy, 'results.json');
  rmSync(results, { force: true });
  const pattern = title === undefined ? [] : ['-t', title.replaceAll(/[()]/g, String.raw`\$&`)];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', test, '--bail', '1', ...pattern],
      ...['--reporter=json', `--outputFile=${results}`],
    ],
    { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  try {
    const counts = JSON.parse(readFileSync(results, 'utf8')) as Record<string, number>;
    const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = counts;
    return { passed, failed, output: stdout + stderr };
  } catch {
    return { passed: 0, failed: 0, output: stdout + stderr };
  }
}

/** @returns what is wrong, or null when the test fails as it must. */
function attempt(mutation: Mutation): string | null {
  const path = join(copy, mutation.file);
  const source = readFileSync(path, 'utf8');
  if (source.split(mutation.text).length !== 2) return 'its text is not there exactly once';
  const before = runTest(mutation);
  if (before.passed === 0 || before.failed > 0)
    return `the test does not pass without it\n${before.output}`;
  writeFileSync(
    path,
    source.replace(mutation.text, () => mutation.replacement),
  );
  try {
    const after = runTest(mutation);
    return after.failed > 0 ? null : `survives\n${after.output}`;
  } finally {
    writeFileSync(path, source);
  }
}

const chosen = process.argv.slice(2).map(Number);
for (const [i, mutation] of MUTATIONS.entries()) {
  if (chosen.length > 0 && !chosen.includes(i + 1)) continue;
  const wrong = attempt(mutation);
  console.log(`${wrong === null ? '✓' : '✗'} ${i + 1}. ${mutation.breaks} (${mutation.test})`);
  if (wrong === null) continue;
  console.log(wrong);
  process.exitCode = 1;
}
