import { afterEach, describe, expect, test, vi } from 'vitest';
import { errorMessages } from '../../src/shared/messages/errors/index.ts';
import { LANGUAGES, translator } from '../../src/shared/messages/index.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, tool } from '../support/tools.ts';
import { faultyFs } from './faulty-fs.ts';
import { faultyThreads } from './faulty-threads.ts';
import { STAGES, type Cell } from './cells/cell.ts';
import { MATRIX } from './matrix.ts';
import { OUTPUTS, World, type OutputName } from './world.ts';

// Hoisted above the imports, hence their own.
vi.mock('node:fs/promises', async (original) =>
  (await import('./faulty-fs.ts')).faultyFs.promises(await original()),
);
vi.mock('node:fs', async (original) =>
  (await import('./faulty-fs.ts')).faultyFs.sync(await original()),
);
vi.mock('../../src/main/engine/pool/worker-task.ts', async (original) =>
  (await import('./faulty-threads.ts')).faultyThreads.mock(await original()),
);

afterEach(() => {
  faultyFs.arm(null);
  faultyThreads.arm(null);
});

async function makeWorld(
  outputs: readonly OutputName[],
  image: 'none' | 'gzip' = 'none',
): Promise<World> {
  const world = new World(tmpFolder(), outputs, image);
  if (outputs.includes('stick')) await world.fillStick();
  return world;
}

/** What people read: in both languages, with what to do next, and with every parameter. */
function expectTexts(error: NonNullable<Awaited<ReturnType<World['build']>>>): void {
  expect(errorMessages).toHaveProperty([error.code]);
  for (const language of LANGUAGES) {
    const { what, next } = translator(language).error(error);
    for (const text of [what, next]) {
      expect(text.length).toBeGreaterThan(5);
      expect(text).not.toMatch(/\{\{|\}\}|undefined|error:/);
      if (language === 'ja') expect(text).toMatch(/[ぁ-んァ-ン一-龯]/);
    }
  }
}

/** Whole titles: Vitest cuts long values. */
function titled(cells: readonly Cell[]): [string, Cell][] {
  return cells.map((cell) => [`${cell.fault}: ${cell.code ?? 'no failure'}`, cell]);
}

describeNeeding([tool('blkid')], 'a build in which', () => {
  // The oracle can tell: without a fault everything is complete.
  test.each(['none', 'gzip'] as const)('nothing goes wrong (%s)', async (image) => {
    const world = await makeWorld(OUTPUTS, image);
    world.drive.memory.fill(0xaa);
    expect(await world.build()).toBeNull();
    for (const name of OUTPUTS) expect(await world.after(name), name).toBe('complete');
    expect(world.result?.outcomes.map(({ ejected }) => ejected)).toContain(true);
  });

  describe.each(STAGES)('at %s', (stage) => {
    const cells = MATRIX.filter((cell) => cell.stage === stage);
    test.each(titled(cells))('%s', async (_title, cell) => {
      const outputs = OUTPUTS.filter((name) => name in cell.after);
      const world = await makeWorld(outputs, cell.image);
      cell.inject(world);
      const error = await world.build();
      faultyFs.arm(null);
      faultyThreads.arm(null);
      expect(error?.code ?? null, JSON.stringify(error)).toBe(cell.code);
      if (error !== null) expectTexts(error);
      expect(world.driveClosed).toBe(true);
      const found = await Promise.all(outputs.map(async (name) => [name, await world.after(name)]));
      expect(Object.fromEntries(found)).toEqual(cell.after);
      if (cell.stage === 'eject' && cell.code === null)
        expect(world.result?.outcomes.at(-1)?.ejected).toBe(false);
    });
  });
});
