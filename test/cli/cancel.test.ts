import { describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { readOutputArgument, readImageArgument } from '../../src/main/cli/paths.ts';
import { build, checkTarget, type JobContext } from '../../src/main/jobs/index.ts';
import type { Phase } from '../../src/shared/model/progress.ts';
import { cli, listAll, SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';

/** Cancels as soon as a phase is told of. */
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

  test('is done when nobody cancels it; looking at it again can be cancelled, too', async () => {
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
