/**
 * `npm run fuzz [target …]`: a million inputs for each target (or FUZZ_RUNS), in the order given, at most
 * FUZZ_SECONDS for each where that is given. FUZZ_SEED repeats a run, however many processes (FUZZ_JOBS,
 * one for each processor by default) do it. What breaks something is put into the corpus, so that every later run begins with it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CORPUS } from './corpus.ts';
import { fuzz } from './harness.ts';
import { findTarget, TARGETS } from './targets.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 1_000_000);
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const jobs = Number(process.env['FUZZ_JOBS'] ?? availableParallelism());
const names = process.argv.slice(2);
const chosen = names.length > 0 ? names.map(findTarget) : TARGETS;

console.log(`seed ${seed}`);
for (const { name } of chosen) {
  const began = performance.now();
  const report = await fuzz(name, { runs, seed, seconds, jobs });
  const took = Math.round((performance.now() - began) / 1000);
  console.log(`${name}: ${report.runs} inputs in ${took} s, ${JSON.stringify(report.outcomes)}`);
  if (report.failure === null) continue;
  process.exitCode = 1;
  const input = Buffer.from(report.failure.input, 'base64');
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const path = join(CORPUS, name, `regression-${hash}`);
  mkdirSync(join(CORPUS, name), { recursive: true });
  writeFileSync(path, input);
  console.error(`${report.failure.reason}\n${path}`);
}
