import { readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { join } from 'node:path';
import type * as RemoveFolder from '../../src/main/engine/emit/remove-folder.ts';
import { build, checkTarget } from '../../src/main/jobs/index.ts';
import type { Phase } from '../../src/shared/model/progress.ts';
import { cli, listAll, put, type CliEvent } from '../support/cli.ts';
import { makeImage, makePki, packImage, seededBytes } from '../support/image-factory.ts';
import { tmpFolder } from '../support/tmp.ts';

/** A removal takes as long as the test wants. */
const removal = vi.hoisted(() => ({ gate: Promise.withResolvers<undefined>() }));

vi.mock('../../src/main/engine/emit/remove-folder.ts', async (original) => {
  const real = await original<typeof RemoveFolder>();
  return {
    removeFolder: async (...args: Parameters<typeof real.removeFolder>) => {
      await removal.gate.promise;
      await real.removeFolder(...args);
    },
  };
});

beforeEach(() => {
  removal.gate = Promise.withResolvers();
});

const { signer } = makePki('cancel');
const TAR = packImage(
  makeImage({
    identity: signer,
    files: [
      { path: '/etc/small', content: seededBytes(1, 3000) },
      { path: '/usr/large', content: seededBytes(2, 3_000_000) },
    ],
  }),
);
const image = (): string => put(tmpFolder(), 'image.tar', TAR);
const PARTIAL = /^\.out\.[0-9a-z-]+\.partial$/;
const request = (path: string) => ({
  images: [{ path: image(), ecuId: 'main', version: '1', releaseKey: null }],
  outputs: [{ kind: 'folder' as const, path }],
  ...{ caDir: null, checkSignature: true, timestamp: null },
});
const alive = { signal: new AbortController().signal, onProgress: () => undefined };

describe('while a half-made folder is being removed', () => {
  test.each<Phase>(['prepare', 'write', 'flush'])(
    'a job that was cancelled in the phase %s has settled, and another one can have its place',
    async (phase) => {
      const folder = tmpFolder();
      const path = join(folder, 'out');
      const controller = new AbortController();
      const ended = Promise.withResolvers<undefined>();
      let removed = false;
      const job = build(request(path), {
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) controller.abort();
        },
        onCleanup: (remains) => {
          void remains.then(() => {
            removed = true;
            ended.resolve(undefined);
          });
        },
      });
      await expect(job).rejects.toMatchObject({ name: 'AbortError' });
      expect(removed).toBe(false);

      await build(request(path), alive);
      expect((await checkTarget(path, alive)).complete).toBe(true);
      const [half, ...rest] = listAll(folder).filter((name) => PARTIAL.test(name));
      expect(rest).toEqual([]);
      expect(half).toMatch(PARTIAL);
      expect(removed).toBe(false);

      removal.gate.resolve(undefined);
      await ended.promise;
      expect(listAll(folder).filter((name) => name.startsWith('.'))).toEqual([]);
      expect((await checkTarget(path, alive)).complete).toBe(true);
    },
  );

  test('the command line has said what happened; it exits when nothing is left', async () => {
    const folder = tmpFolder();
    const controller = new AbortController();
    const events: (CliEvent['kind'] | 'exit')[] = [];
    const { exit } = await cli([`--image=main:${image()}`, '-o', `${folder}/out/`, '--json'], {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.progress.phase === 'write') controller.abort();
        if (event.kind === 'progress') return;
        events.push(event.kind);
        if (event.kind !== 'removing') return;
        expect(listAll(folder)[0]).toMatch(PARTIAL);
        removal.gate.resolve(undefined);
      },
    });
    events.push('exit');
    expect(events).toEqual(['failed', 'removing', 'exit']);
    expect(exit).toBe(130);
    expect(listAll(folder)).toEqual([]);
  });

  test('a failure has been reported, too', async () => {
    const folder = tmpFolder();
    const another = join(folder, 'out.tar');
    const outputs = [
      { kind: 'folder' as const, path: join(folder, 'out') },
      { kind: 'tar' as const, path: another },
    ];
    const ended: Promise<void>[] = [];
    const job = build(
      { ...request(''), outputs },
      {
        ...alive,
        onProgress: ({ phase }) => {
          // Somebody else is faster: the second output cannot be made any more, the first one is begun.
          if (phase === 'inspect') writeFileSync(another, 'precious');
        },
        onCleanup: (remains) => ended.push(remains),
      },
    );
    await expect(job).rejects.toMatchObject({ code: 'output-exists' });
    expect(listAll(folder)[0]).toMatch(PARTIAL);
    removal.gate.resolve(undefined);
    await Promise.all(ended);
    expect(ended).toHaveLength(1);
    expect(listAll(folder)).toEqual(['out.tar']);
    expect(readFileSync(another, 'utf8')).toBe('precious');
  });
});
