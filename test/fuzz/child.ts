/**
 * One target in a process of its own, which may write below one folder only (Node's permission model)
 * and may crash or hang without harm: harness.ts watches it. Arguments: target, inputs, seed, seconds, folder.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { BuilderError, toErrorData } from '../../src/shared/errors.ts';
import { errorMessages } from '../../src/shared/messages/errors/index.ts';
import { LANGUAGES, translator } from '../../src/shared/messages/index.ts';
import { loadCorpus } from './corpus.ts';
import { MAX_CPU_MS, CURRENT_HEADER, MAX_RSS_BYTES, type ChildReport } from './harness.ts';
import { findTarget } from './targets.ts';

const [name = '', runs = '0', seed = '0', seconds = '0', folder = ''] = process.argv.slice(2);
const target = findTarget(name);
const corpus = loadCorpus(target.name);
const outcomes: Record<string, number> = {};
let count = 0;
/** The peak stays, so every input after this one would seem to need that much: no use in a smaller one. */
let greedy: Buffer | null = null;

/** What runs now, for whoever looks after a crash. */
const current = openSync(join(folder, 'current'), 'w');
const header = Buffer.alloc(CURRENT_HEADER);

const property = fc.asyncProperty(target.inputs(corpus), async (input) => {
  header.writeUInt32LE(++count, 0);
  header.writeUInt32LE(input.length, 4);
  writeSync(current, header, 0, CURRENT_HEADER, 0);
  writeSync(current, input, 0, input.length, CURRENT_HEADER);
  const before = process.cpuUsage();
  const outcome = await judge(input);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const { user, system } = process.cpuUsage(before);
  if (user + system > MAX_CPU_MS * 1000) throw new Error(`hang: ${(user + system) / 1e6} s of CPU`);
  const peak = process.resourceUsage().maxRSS * 1024;
  if (peak <= MAX_RSS_BYTES) return;
  greedy ??= input;
  throw new Error(`memory: ${Math.round(peak / 1e6)} MB`);
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
    if (JSON.stringify(error.data).includes('ERR_ACCESS_DENIED'))
      throw new Error('a write outside of the target', { cause: error });
    for (const language of LANGUAGES) {
      const { what, next } = translator(language).error(error.data);
      if (what === '' || next === '') throw new Error(`no text for ${code}`, { cause: error });
    }
    return code;
  }
}

const result = await fc.check(property, {
  seed: Number(seed),
  numRuns: Number(runs),
  examples: corpus.map((input): [Buffer] => [input]),
  ...(Number(seconds) > 0 ? { interruptAfterTimeLimit: Number(seconds) * 1000 } : {}),
});
closeSync(current);
const [input] = result.counterexample ?? [];
const thrown: unknown = result.errorInstance;
const report: ChildReport = {
  runs: result.numRuns,
  outcomes,
  failure:
    input === undefined
      ? null
      : {
          reason:
            thrown instanceof Error ? (thrown.stack ?? thrown.message) : toErrorData(thrown).code,
          input: ((greedy as Buffer | null) ?? input).toString('base64'),
        },
};
process.send?.(report);
process.disconnect();
