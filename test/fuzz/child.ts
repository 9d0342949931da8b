/**
 * One target in a process of its own, which may write below one folder only (Node's permission model)
 * and may crash or hang without harm: harness.ts watches it. Arguments: target, inputs, seed, seconds, folder.
 * It may end with fewer inputs, between two rounds.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { BuilderError, toErrorData } from '../../src/shared/errors.ts';
import { errorMessages } from '../../src/shared/messages/errors/index.ts';
import { LANGUAGES, translator } from '../../src/shared/messages/index.ts';
import { loadCorpus } from './corpus.ts';
import { MAX_CPU_MS, CURRENT_HEADER, ROUND, MAX_RSS_BYTES, type ChildReport } from './harness.ts';
import { findTarget } from './targets.ts';

const [name = '', ...rest] = process.argv.slice(2);
const folder = rest.pop() ?? '';
const [runs = 0, seed = 0, seconds = 0] = rest.map(Number);
/**
 * The heap of native code frays where it makes and gives back windows of megabytes 25,000 times, which
 * no process of the product does; then, but not before, a new process goes on. A leak has had its time to show.
 */
const FRAYED = { inputs: 10_000, bytes: 256 * 1024 * 1024 };
const target = findTarget(name);
const corpus = loadCorpus(target.name);
const outcomes: Record<string, number> = {};
let count = 0;
/** The peak stays, so every input after this one would seem to need that much: no use in a smaller one. */
let greedy: Buffer | null = null;

/** What runs now, for looking at after a crash. */
const current = openSync(join(folder, 'current'), 'w');
let note = Buffer.alloc(CURRENT_HEADER + 1024 * 1024);

function noteDown(input: Buffer): void {
  const length = CURRENT_HEADER + input.length;
  if (note.length < length) note = Buffer.alloc(length);
  note.writeUInt32LE(++count, 0);
  note.writeUInt32LE(input.length, 4);
  input.copy(note, CURRENT_HEADER);
  writeSync(current, note, 0, length, 0);
}

/** Buffers of earlier inputs, not yet collected, that are no memory of the next one. */
const GARBAGE_BYTES = 64 * 1024 * 1024;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const property = fc.asyncProperty(target.inputs(corpus), async (input) => {
  noteDown(input);
  if (process.memoryUsage().arrayBuffers > GARBAGE_BYTES) collectGarbage();
  const before = process.cpuUsage();
  const outcome = await judge(input);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS * 1024;
  // Memory first: where a virtual machine's pages are slow to come by, much of it takes long, too.
  if (peak > MAX_RSS_BYTES) {
    greedy ??= input;
    throw new Error(`memory: ${Math.round(peak / 1e6)} MB`);
  }
  if (user + system > MAX_CPU_MS * 1000) throw new Error(`hang: ${(user + system) / 1e6} s of CPU`);
});

/** `accepted`, or the code of a refusal. @throws what is neither. */
async function judge(input: Buffer): Promise<string> {
  try {
    // A copy: what was found must be what was given.
    await target.run(Buffer.from(input), folder);
    return 'accepted';
  } catch (error) {
    if (target.faults.some((Fault) => error instanceof Fault))
      return (error as Error).constructor.name;
    if (!(error instanceof BuilderError)) throw error;
    const { code } = error;
    if (!(code in errorMessages) || code === 'internal') throw error;
    const reported = JSON.stringify(error.data);
    if (reported.includes('ERR_ACCESS_DENIED'))
      throw new Error('a write outside of the target', { cause: error });
    checkTexts(error, reported);
    return code;
  }
}

/** Errors whose texts were looked at, by all that these depend on. */
const seen = new Set<string>();
const MAX_SEEN = 10_000;

function checkTexts(error: BuilderError, reported: string): void {
  if (seen.has(reported)) return;
  for (const language of LANGUAGES) {
    const { what, next } = translator(language).error(error.data);
    if (what === '' || next === '') throw new Error(`no text for ${error.code}`, { cause: error });
  }
  if (seen.size < MAX_SEEN) seen.add(reported);
}

/** The inputs of one seed; @returns the failure, or null. */
async function round(number: number, examples: readonly Buffer[]): Promise<ChildReport['failure']> {
  const { counterexample, errorInstance: thrown } = await fc.check(property, {
    seed: seed + number,
    numRuns: Math.min(ROUND, runs - number * ROUND),
    examples: examples.map((input): [Buffer] => [input]),
  });
  if (counterexample === null) return null;
  const input = greedy ?? counterexample[0];
  return {
    reason: thrown instanceof Error ? (thrown.stack ?? thrown.message) : toErrorData(thrown).code,
    input: input.toString('base64'),
  };
}

const end = seconds > 0 ? performance.now() + seconds * 1000 : Infinity;
let done = 0;
let failure: ChildReport['failure'] = null;
for (let number = 0; done < runs && failure === null && performance.now() < end; number++) {
  failure = await round(number, number === 0 ? corpus : []);
  done = failure === null ? Math.min(runs, (number + 1) * ROUND) : count;
  if (done >= FRAYED.inputs && process.memoryUsage.rss() > FRAYED.bytes) break;
}
closeSync(current);
process.send?.({ runs: done, outcomes, failure } satisfies ChildReport);
if (process.connected) process.disconnect();
