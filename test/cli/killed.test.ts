import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, listAll, put, SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';

/** Builds into `outputs`, and kills itself when these are begun. */
function buildAndDie(outputs: readonly string[]): NodeJS.Signals | null {
  const main = join(import.meta.dirname, '../../src/main');
  const program = `
    const { build } = await import('${main}/jobs/index.ts');
    const { readImageArgument, readOutputArgument } = await import('${main}/cli/paths.ts');
    const [images, outputs] = JSON.parse(process.argv[2]);
    await build(
      {
        images: images.map((image) => readImageArgument(image.replace('--image=', ''), '/')),
        outputs: outputs.map((path) => readOutputArgument(path, null, null, '/')),
        caDir: null, checkSignature: true, timestamp: null,
      },
      {
        signal: new AbortController().signal,
        onProgress: ({ phase }) => phase === 'write' && process.kill(process.pid, 'SIGKILL'),
      },
    );`;
  // In a file: what is given to `node -e` its threads would take for theirs.
  const file = put(tmpFolder(), 'build.mjs', program);
  return spawnSync(process.execPath, [file, JSON.stringify([SAMPLE_IMAGES, outputs])]).signal;
}

test.runIf(process.platform === 'linux')(
  'what a killed build has left is removed by the next one in that folder',
  async () => {
    const out = tmpFolder();
    const paths = ['x.tar', 'x.img', 'folder/'].map((name) => join(out, name));
    expect(buildAndDie(paths)).toBe('SIGKILL');
    const left = listAll(out).filter((name) => name.endsWith('.partial'));
    expect(left).toHaveLength(3);
    const { exit, stderr } = await cli([...SAMPLE_IMAGES, '-o', join(out, 'another.tar')]);
    expect(exit, stderr).toBe(0);
    expect(listAll(out)).toEqual(['another.tar']);
  },
);
