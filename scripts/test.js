// `npm test`: the checks, then every kind of test, then one line that sums them up. A kind that fails does
// not keep the next from running.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { npm } from './npm.js';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const results = fileURLToPath(new URL('../node_modules/.cache/test-results/', import.meta.url));

/** Options that make each runner leave its results in a file, and how to read them. */
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
    failures: (json) =>
      json.testResults.flatMap(({ name, message, assertionResults }) => {
        const failed = assertionResults.filter(({ status }) => status === 'failed');
        // A file that cannot be loaded has a message instead of tests.
        if (failed.length === 0) return message ? [[name, '', message]] : [];
        return failed.map((test) => [name, test.fullName, test.failureMessages[0]]);
      }),
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
    failures: ({ suites }) =>
      specsOf(suites).flatMap(({ file, title, tests }) =>
        tests
          .filter(({ status }) => status === 'unexpected')
          .map(({ results }) => [`e2e/${file}`, title, results.at(-1)?.error?.message]),
      ),
  },
};

/**
 * Rows run side by side, the parts of a row one after another. Each kind waits for something else than the processor
 * for a third of its time: disks, killed processes, windows. So two rows need less time than one, and each needs the
 * processor about as much. Kinds that are side by side share nothing: root tests and the virtual machine have devices,
 * mounts, polkit rules and bundles of their own. A part without a runner prepares another, which says what it lacks.
 * `after`: the part of another row that must have ended.
 */
const ROWS = [
  [
    { script: 'test:unit', runner: RUNNERS.vitest },
    { script: 'e2e', runner: RUNNERS.playwright },
  ],
  [
    { script: 'test:root', runner: RUNNERS.vitest },
    { script: 'test:usb', runner: RUNNERS.vitest, after: 'prepare:vm' },
  ],
  // A fresh clone downloads its packages meanwhile.
  [{ script: 'prepare:vm' }],
];

// A kind that nothing runs would go unnoticed.
for (const { script } of ROWS.flat())
  if (!(script in scripts)) {
    console.error(`package.json has no script ${script}: nothing would run these tests`);
    process.exit(1);
  }

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const times = {};
const total = { passed: 0, failed: 0, skipped: 0 };
const faults = [];
const failures = [];
const skips = new Map();

for (const [name, ...command] of [
  ['packages', process.execPath, ['scripts/setup-tests.js']],
  ['check', ...npm(['run', '--silent', 'check'])],
])
  if ((await timed(name, command)) !== 0) process.exit(1);

console.log(
  `\n${ROWS.flat()
    .map(({ script }) => script)
    .join(', ')} …`,
);
const ended = new Map(ROWS.flat().map(({ script }) => [script, Promise.withResolvers()]));
await Promise.all(
  ROWS.map(async (row) => {
    for (const part of row) {
      await ended.get(part.after)?.promise;
      await runPart(part);
      ended.get(part.script).resolve();
    }
  }),
);

if (skips.size > 0) console.log('\nSkipped:');
for (const [reason, count] of skips) console.log(`  ${String(count).padStart(3)}  ${reason}`);
console.log('\nSeconds (of each file: npm run test:times):');
for (const [name, seconds] of Object.entries(times))
  console.log(`  ${String(seconds).padStart(5)}  ${name}`);
writeFileSync(`${results}parts.json`, JSON.stringify(times));
if (failures.length > 0) console.log('\nFailed:');
for (const failure of failures) console.log(`  ${failure}`);
for (const fault of faults) console.error(fault);
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = faults.length === 0 && total.failed === 0 ? 0 : 1;

/** Runs one part, shows what it said when it has ended, and counts its results. */
async function runPart({ script, runner }) {
  const name = script.replace(':', '-');
  const file = `${results}${name}.json`;
  const env = {
    ...process.env,
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
    TEST_TIMES: `${results}times.jsonl`,
  };
  const log = openSync(`${results}${name}.log`, 'w');
  const command = npm(['run', '--silent', script, '--', ...(runner?.args(file) ?? [])]);
  const status = await timed(script, command, { stdio: ['ignore', log, log], env });
  closeSync(log);
  console.log(`\n${script}\n${readFileSync(`${results}${name}.log`, 'utf8').trimEnd()}`);
  if (runner === undefined) return;
  const outcome = readResults(file);
  if (status !== 0) faults.push(`${script} ended with exit status ${status}`);
  if (outcome === null) faults.push(`${script} left no results`);
  else {
    const counts = runner.counts(outcome);
    for (const key of Object.keys(total)) total[key] += counts[key];
    failures.push(...runner.failures(outcome).map(describeFailure));
    for (const reason of runner.reasons(outcome).map((text) => text ?? 'its sweep is nightly'))
      skips.set(reason, (skips.get(reason) ?? 0) + 1);
  }
}

/** @returns the exit status, null where a signal ended it. */
async function timed(name, [command, args], options = { stdio: ['ignore', 'inherit', 'inherit'] }) {
  const from = Date.now();
  const status = await new Promise((resolve, reject) =>
    spawn(command, args, options).on('error', reject).on('close', resolve),
  );
  times[name] = Math.round((Date.now() - from) / 1000);
  return status;
}

/** One line: the file, the test, and how its error begins. What the runner said stands far above, or was cut. */
function describeFailure([file, test, message = '']) {
  const parts = [relative(process.cwd(), resolve(file)), test, stripVTControlCharacters(message)];
  return parts
    .filter((part) => part !== '')
    .join(': ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
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
