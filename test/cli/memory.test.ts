import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeIdentity } from '../support/certificate.ts';
import { put } from '../support/cli.ts';
import { makeImage, type ImageFile } from '../support/image-factory.ts';
import { writeTar } from '../support/tar-writer.ts';
import { tmpFolder } from '../support/tmp.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What a build may take; keeping the contents of this image would take more. */
const MAX_RESIDENT_KIB = 400 * 1024;

test('an image of 60,000 files and large ones is built in bounded memory', () => {
  const folder = tmpFolder();
  const small = Array.from({ length: 60_000 }, (_, i): ImageFile => ({
    path: `/usr/lib/module${i % 300}/file number ${i}`,
    content: Buffer.from(`content ${i}`),
  }));
  const large = Array.from({ length: 7 }, (_, i): ImageFile => ({
    path: `/var/large${i}`,
    content: () => Buffer.alloc(64 * 2 ** 20, i + 1),
    compress: false,
  }));
  const path = join(folder, 'image.tar');
  writeTar(path, makeImage({ files: [...large, ...small], identity: makeIdentity() }));
  const script = `
    import { run } from ${JSON.stringify(join(ROOT, 'src/main/cli/run.ts'))};
    const exit = await run(process.argv.slice(2), {
      stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: {},
      cwd: process.cwd(), signal: new AbortController().signal,
    });
    process.stderr.write('resident ' + process.resourceUsage().maxRSS + '\\n');
    process.exitCode = exit;
  `;
  const program = put(folder, 'measure.mjs', script);
  const build = (...args: string[]) =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
  const { status, stderr } = build('--image', `p1:${path}`, '-o', join(folder, 'x.tar'));
  expect(status, stderr).toBe(0);
  const resident = Number(/resident (\d+)/.exec(stderr)?.[1]);
  expect(resident).toBeGreaterThan(50 * 1024);
  expect(resident).toBeLessThan(MAX_RESIDENT_KIB);
}, 180_000);
