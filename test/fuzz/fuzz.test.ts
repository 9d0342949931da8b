import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CORPUS, loadCorpus } from './corpus.ts';
import { fuzz, SCRATCH } from './harness.ts';
import { TARGETS } from './targets.ts';

/** Whole rounds. `npm run fuzz` makes a million, with another seed each time. */
const RUNS = process.env['NIGHTLY'] === '1' ? 10_000 : 1_000;
const SEED = 20_261_124;

/** Milliseconds; for a machine that is busy. The harness itself sees what hangs. */
const LIMIT = 600_000;

describe.each(TARGETS)('whatever $name is given', ({ name }) => {
  test(
    'is read or refused in words, quickly, in little memory, and nothing is written elsewhere',
    async () => {
      const { runs, outcomes, failure } = await fuzz(name, { runs: RUNS, seed: SEED });
      expect(failure).toBeNull();
      expect(runs).toBe(RUNS);
      // Inputs that all fail at the first check, or never, would prove little.
      const accepted = outcomes['accepted'] ?? 0;
      expect(accepted).toBeGreaterThan(RUNS / 200);
      expect(accepted).toBeLessThan(RUNS * 0.9);
    },
    LIMIT,
  );
});

test('every folder of the corpus belongs to a target, and every target has seeds', () => {
  const folders = readdirSync(CORPUS, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  expect(folders.map(({ name }) => name).sort(byName)).toEqual(
    TARGETS.map(({ name }) => name).sort(byName),
  );
  for (const { name } of TARGETS) expect(loadCorpus(name).length, name).toBeGreaterThan(0);
});

describe('the harness sees', () => {
  const look = (name: string) => fuzz(`self-${name}`, { runs: 300, seed: SEED });

  test('nothing where there is nothing', async () => {
    const { runs, outcomes, failure } = await look('well');
    expect([runs, failure]).toEqual([300, null]);
    expect((outcomes['accepted'] ?? 0) + (outcomes['archive-truncated'] ?? 0)).toBe(300);
  });

  test.each([
    ['untyped', /^TypeError/],
    ['internal', /^BuilderError: internal/],
    ['slow', /^(Error: )?hang: 2/],
    ['hang', /^hang/],
    ['crash', /^crash: .*SIGABRT/],
    ['memory', /^Error: memory/],
    ['escape', /^Error: a write outside/],
  ])(
    'what is %s, and gives the input',
    async (name, reason) => {
      const { failure } = await look(name);
      expect(failure?.reason).toMatch(reason);
      const input = Buffer.from(failure?.input ?? '', 'base64');
      expect(input.readUInt16LE()).toBeGreaterThanOrEqual(500);
      // Where the process lives on, it finds the smallest.
      if (['untyped', 'internal', 'escape'].includes(name)) expect(input.readUInt16LE()).toBe(500);
      expect(readdirSync(SCRATCH)).not.toContain('offline-ota-fuzz-escaped');
    },
    LIMIT,
  );
});
