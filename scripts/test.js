// `npm test`: the checks, then every kind of test, then one line that sums them up. A kind that fails does
// not keep the next from running.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const results = fileURLToPath(new URL('../node_modules/.cache/test-results/', import.meta.url));

/** What each runner needs to be told to leave its results in a file, and how to read them. */
const RUNNERS = {
  vitest: {
    args: (file) => ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    counts: (json) => ({
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.numPendingTests + json.numTodoTests,
    }),
    reasons: (json) =>
      json.testResults
        .flatMap((file) => file.assertionResults)
        .filter(({ status }) => status === 'skipped' || status === 'pending')
        .map(({ title }) => /\[needs (.*)\]$/.exec(title)?.[1]),
  },
  playwright: {
    args: () => ['--reporter=list,json'],
    counts: ({ stats }) => ({
      passed: stats.expected + stats.flaky,
      failed: stats.unexpected,
      skipped: stats.skipped,
    }),
    reasons: ({ suites }) =>
      specsOf(suites)
        .flatMap(({ tests }) => tests)
        .filter(({ status }) => status === 'skipped')
        .map(({ annotations }) => annotations.find(({ type }) => type === 'skip')?.description),
  },
};

const KINDS = [
  { script: 'test:unit', runner: RUNNERS.vitest },
  { script: 'e2e', runner: RUNNERS.playwright },
  { script: 'test:usb', runner: RUNNERS.vitest },
];

// A kind that nothing runs would be missed by nobody.
for (const { script } of KINDS)
  if (!(script in scripts)) {
    console.error(`package.json has no script ${script}: nothing would run these tests`);
    process.exit(1);
  }

for (const args of [
  ['node', 'scripts/setup-tests.js'],
  ['npm', 'run', '--silent', 'check'],
])
  if (run(args) !== 0) process.exit(1);

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const total = { passed: 0, failed: 0, skipped: 0 };
const faults = [];
const skips = new Map();
for (const { script, runner } of KINDS) {
  const file = `${results}${script.replace(':', '-')}.json`;
  console.log(`\n${script}`);
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const status = run(['npm', 'run', '--silent', script, '--', ...runner.args(file)], env);
  const outcome = readResults(file);
  if (status !== 0) faults.push(`${script} ended with exit status ${status}`);
  if (outcome === null) faults.push(`${script} left no results`);
  else {
    const counts = runner.counts(outcome);
    for (const key of Object.keys(total)) total[key] += counts[key];
    for (const reason of runner.reasons(outcome).map((text) => text ?? 'its sweep is nightly'))
      skips.set(reason, (skips.get(reason) ?? 0) + 1);
  }
}

if (skips.size > 0) console.log('\nSkipped:');
for (const [reason, count] of skips) console.log(`  ${String(count).padStart(3)}  ${reason}`);
for (const fault of faults) console.error(fault);
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = faults.length === 0 && total.failed === 0 ? 0 : 1;

function run([command, ...args], env = process.env) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status;
}

/** Null where the runner ended before it could count. */
function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Playwright's specs, of suites within suites. */
function specsOf(suites) {
  return suites.flatMap((suite) => [...suite.specs, ...specsOf(suite.suites ?? [])]);
}
