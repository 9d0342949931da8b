import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeImage, packImage, seededBytes, type Compression } from '../support/image-factory.ts';
import { loopDevice } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, needsRoot, testNeeding } from '../support/tools.ts';

/** Bytes of the one large member: all else that a process reads, its own code included, is a fraction. */
const LARGE = 48 * 1024 ** 2;

const CLI = join(import.meta.dirname, '../../src/main/cli/main.ts');

/**
 * Bytes that the command line reads by system calls until it ends: `rchar` of proc_pid_io(5). It counts those of
 * all its threads and of the writer, which it waits for, from files as from sockets, be they cached or not.
 */
function bytesRead(args: readonly string[], folder: string): number {
  const counter = join(folder, 'io');
  const atExit = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    if (isMainThread) process.on('exit', () =>
      writeFileSync(${JSON.stringify(counter)}, readFileSync('/proc/self/io')));`;
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...['--import', `data:text/javascript,${encodeURIComponent(atExit)}`],
      CLI,
      ...args,
    ],
    { encoding: 'utf8' },
  );
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(counter, 'utf8'))?.[1]);
}

/**
 * An image of which most bytes are in one file.
 * @param listed false: no line asks for it. Then it stands first, as nothing behind the last blob is decoded.
 */
function image(folder: string, compression: Compression, listed: boolean): string {
  const large = seededBytes(1, LARGE);
  const small = { path: '/etc/small', content: Buffer.from('small') };
  const members = makeImage({
    files: listed ? [small, { path: '/opt/large', content: large }] : [small],
  });
  const path = join(folder, 'image');
  const unlisted = listed ? [] : [{ name: 'data/opt/large', content: large }];
  writeFileSync(path, packImage([...unlisted, ...members], { compression }));
  return path;
}

describeNeeding([needsRoot], 'the inputs are read', () => {
  const drive = () => {
    const { path } = loopDevice({ size: 128 * 1024 ** 2 });
    return ['-w', path, '--allow-fixed', '--confirm-write-to', '--no-eject'];
  };
  const tar = (folder: string) => ['-o', join(folder, 'out.tar')];

  // A large member that no line asks for is neither written nor read back: what is counted is decoding.
  testNeeding([needsLoopDevices()], 'twice of a compressed image, whatever the outputs are', () => {
    for (const [compression, outputs] of [
      ['gzip', [tar]],
      ['gzip', [tar, drive]],
      ['zstd', [drive]],
    ] as const) {
      const folder = tmpFolder();
      const path = image(folder, compression, false);
      const args = outputs.flatMap((output) => output(folder));
      const passes = bytesRead(['-q', '--image', `ecu:${path}`, ...args], folder) / LARGE;
      expect(passes).toBeGreaterThan(1.95);
      expect(passes).toBeLessThan(2.7);
    }
  });

  testNeeding(
    [needsLoopDevices()],
    'of a plain image once for a file, and twice for a drive: to prove and to write',
    () => {
      for (const [outputs, expected] of [
        [[tar], 1],
        // The writer gets every byte and reads it back, and the app gets it from there.
        [[drive], 2 + 3],
      ] as const) {
        const folder = tmpFolder();
        const path = image(folder, 'none', true);
        const args = outputs.flatMap((output) => output(folder));
        const passes = bytesRead(['-q', '--image', `ecu:${path}`, ...args], folder) / LARGE;
        expect(passes).toBeGreaterThan(expected - 0.05);
        expect(passes).toBeLessThan(expected + 0.7);
      }
    },
  );
});
