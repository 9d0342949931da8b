import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES, type Case } from './cases.ts';
import { medianCost, type Cost } from './measure.ts';
import { machine, report, type Result } from './report.ts';

// Our builds beside the classic way and the floor, interleaved, medians. Usage:
//   npm run bench [-- [--runs N] [--docs] [CASE…]]      cases: see bench/cases.ts; all by default
// BENCH_FOLDER is where inputs (kept) and outputs (removed) stand. --docs puts the result into
// docs/performance.
const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, docs: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const runs = Number(values.runs);
const names = positionals.length === 0 ? Object.keys(CASES) : positionals;

const folder = process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench');
const inputs = join(folder, 'inputs');
mkdirSync(inputs, { recursive: true });
const work = mkdtempSync(join(folder, 'work-'));
const results: Result[] = [];
try {
  for (const name of names) {
    const open = CASES[name];
    if (open === undefined)
      throw new Error(`no case ${name}; there are ${Object.keys(CASES).join(', ')}`);
    results.push(run(open({ inputs, work })));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
report({ machine: machine(), runs, results }, values.docs ? null : folder);

function run({ name, title, inputs: images, ways, rare, release }: Case): Result {
  const costs: Record<string, Cost[]> = {};
  try {
    for (let round = 1; round <= runs; round++)
      for (const [way, measured] of Object.entries(ways)) {
        if (way === rare.way && (round - 1) % rare.every !== 0) continue;
        prepare(images);
        const cost = measured();
        (costs[way] ??= []).push(cost);
        console.error(`${name} ${round}/${runs} ${way}: ${cost.seconds.toFixed(2)} s`);
      }
  } finally {
    release?.();
  }
  return {
    name,
    title,
    ways: Object.entries(costs).map(([way, each]) => ({
      way: each.length < runs ? `${way} (of ${each.length})` : way,
      ...medianCost(each),
    })),
  };
}

/** Every way begins alike: an empty folder, nothing left to be written, the inputs in memory. */
function prepare(images: readonly string[]): void {
  for (const left of readdirSync(work)) rmSync(join(work, left), { recursive: true });
  execFileSync('sync');
  if (images.length > 0) execFileSync('cat', images, { stdio: ['ignore', 'ignore', 'inherit'] });
}
