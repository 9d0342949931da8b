import { describe, expect, test, vi } from 'vitest';
import { join } from 'node:path';
import { readOutputArgument, readImageArgument } from '../../src/main/cli/paths.ts';
import { LayoutOutput } from '../../src/main/engine/emit/layout-output.ts';
import { build, checkTarget, type JobContext } from '../../src/main/jobs/index.ts';
import type { Phase } from '../../src/shared/model/progress.ts';
import { cli, listAll, SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';

/** Cancels as soon as a phase is reported. */
function cancelledIn(wanted: Phase): JobContext & { readonly reached: () => boolean } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: ({ phase }) => {
      if (phase === wanted) controller.abort();
    },
    reached: () => controller.signal.aborted,
  };
}

const images = SAMPLE_IMAGES.map((argument) =>
  readImageArgument(argument.replace('--image=', ''), '/'),
);

describe.each(['x.tar', 'x.img', 'folder/'])('a job with %s', (name) => {
  test.each<Phase>(['inspect', 'prepare', 'write', 'flush'])(
    'that is cancelled in the phase %s leaves nothing',
    async (phase) => {
      const folder = tmpFolder();
      const context = cancelledIn(phase);
      const request = {
        ...{ images, outputs: [readOutputArgument(join(folder, name), null, null, '/')] },
        ...{ caDir: null, checkSignature: true, timestamp: null },
      };
      const error: unknown = await build(request, context).catch((reason: unknown) => reason);
      expect(context.reached()).toBe(true);
      expect(error).toMatchObject({ name: 'AbortError' });
      expect(listAll(folder)).toEqual([]);
    },
  );

  test('is done without a cancel; looking at it again can be cancelled, too', async () => {
    const folder = tmpFolder();
    const path = join(folder, name);
    const { exit, stderr } = await cli([...SAMPLE_IMAGES, '-o', path]);
    expect(exit, stderr).toBe(0);
    const before = listAll(folder);
    await expect(checkTarget(join(path), cancelledIn('verify'))).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(listAll(folder)).toEqual(before);
  });
});

describe('a job with two files that is cancelled', () => {
  /** Cancels when that step is done for a file for the `nth` time. */
  async function cancelledAfter(step: 'finish' | 'commit', nth: number): Promise<string[] | Error> {
    const controller = new AbortController();
    let times = 0;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its output below
    const real = LayoutOutput.prototype[step];
    const spy = vi.spyOn(LayoutOutput.prototype, step).mockImplementation(async function (
      this: LayoutOutput,
    ) {
      await real.call(this);
      if (++times === nth) controller.abort();
    });
    const folder = tmpFolder();
    const outputs = ['a.tar', 'b.img'].map((name) =>
      readOutputArgument(join(folder, name), null, null, '/'),
    );
    const request = { images, outputs, caDir: null, checkSignature: true, timestamp: null };
    try {
      await build(request, { signal: controller.signal, onProgress: () => undefined });
      return listAll(folder);
    } catch (error) {
      expect(listAll(folder)).toEqual([]);
      return error as Error;
    } finally {
      expect(times).toBeGreaterThanOrEqual(nth);
      spy.mockRestore();
    }
  }

  test.each([1, 2])('while %i of them is on the disk leaves none', async (nth) => {
    expect(await cancelledAfter('finish', nth)).toMatchObject({ name: 'AbortError' });
  });

  test('while the first has its name is too late: both are done', async () => {
    expect(await cancelledAfter('commit', 1)).toEqual(['a.tar', 'b.img']);
  });
});
