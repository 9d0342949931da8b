import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { npm } from '../../scripts/npm.js';
import { sha256 } from '../support/image-factory.ts';
import { cli, listAll, SAMPLE_IMAGES, SAMPLES } from '../support/cli.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding, testNeeding, tool } from '../support/tools.ts';

const tar = tool('tar');
const sha256sum = tool('sha256sum');
const ROOT = join(import.meta.dirname, '../..');
const EPOCH = 1_795_376_050;
const ENV = { SOURCE_DATE_EPOCH: String(EPOCH) };

/** `<sha256> <size> <name>` of what the first builder made. */
const expected = readFileSync(join(SAMPLES, 'expected/p1+p2+p3.files.txt'), 'utf8')
  .trim()
  .split('\n')
  .filter((line) => !line.endsWith(' manifest.json'))
  .sort();

/** The same list of a folder, by sha256sum and the filesystem. */
function filesOf(folder: string): string[] {
  const run = (command: string) =>
    execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  const sizes = new Map(
    run("find . -type f -printf '%P %s\\n'").map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)] as const;
    }),
  );
  return run('find * -type f -print0 | xargs -0 sha256sum')
    .map((line) => [line.slice(0, 64), sizes.get(line.slice(66)) ?? '', line.slice(66)].join(' '))
    .filter((line) => !line.endsWith(' manifest.json'))
    .sort();
}

const shared = sharedTmpFolder();
const built = () => join(shared(), 'built.tar');

beforeAll(async () => {
  const { exit, stderr } = await cli([...SAMPLE_IMAGES, '-o', built()], { env: ENV });
  expect(exit, stderr).toBe(0);
});

describeNeeding([tar, sha256sum], 'the samples', () => {
  test('give exactly the files that the first builder made of them', () => {
    const folder = tmpFolder();
    execFileSync(tar.path, ['xf', built(), '-C', folder]);
    expect(expected.length).toBeGreaterThan(250);
    expect(filesOf(folder)).toEqual(expected);
  });

  test('give its manifest, but for the time', () => {
    const theirs = JSON.parse(
      readFileSync(join(SAMPLES, 'expected/p1+p2+p3.manifest.json'), 'utf8'),
    ) as Record<string, unknown>;
    const ours = execFileSync(tar.path, ['xOf', built(), './manifest.json'], { encoding: 'utf8' });
    expect(JSON.parse(ours)).toEqual({ ...theirs, build_timestamp: EPOCH });
  });

  test('are listed by GNU tar with one owner, mode and time, the root first', () => {
    const listing = execFileSync(
      tar.path,
      ['tvf', built(), '--numeric-owner', '--utc', '--full-time'],
      { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } },
    );
    const lines = listing.trim().split('\n');
    const time = new Date(EPOCH * 1000).toISOString().slice(0, 19).replace('T', ' ');
    for (const line of lines)
      expect(line).toMatch(
        new RegExp(`^(drwxr-xr-x 0/0 +0|-rw-r--r-- 0/0 +\\d+) ${time} \\./\\S*$`),
      );
    const names = lines.map((line) => line.slice(line.indexOf(' ./') + 1));
    expect(names.slice(0, 3)).toEqual(['./', './manifest.json', './data/']);
    expect(names.filter((name) => name.endsWith('/')).sort()).toEqual(
      ['./', './data/', './meta/', './meta/0/', './meta/1/', './meta/2/'].sort(),
    );
    expect(names.length).toBe(expected.length + 1 + 6);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a list with one change is another one', () => {
    const folder = tmpFolder();
    execFileSync(tar.path, ['xf', built(), '-C', folder]);
    const name = listAll(join(folder, 'data'))[5] ?? '';
    execFileSync('sh', ['-c', 'printf x >> "$0"', join(folder, 'data', name)]);
    expect(filesOf(folder)).not.toEqual(expected);
  });

  // GNU tar unpacks .tar.zst with it.
  testNeeding(
    [tool('zstd')],
    'give the same files as a folder, and from unpacked images',
    async () => {
      const folder = tmpFolder();
      const images = SAMPLE_IMAGES.map((argument, i) => {
        const path = /:(.*?)(:ver.*)?$/.exec(argument)?.[1] ?? '';
        const unpacked = join(folder, `image ${i}`);
        mkdirSync(unpacked);
        execFileSync(tar.path, ['xf', path, '-C', unpacked]);
        return argument.replace(path, unpacked);
      });
      const empty = join(folder, 'empty');
      mkdirSync(empty);
      const { exit, stderr } = await cli(
        [...images, '-o', join(folder, 'new/'), '-o', join(folder, 'x.tar')],
        { env: ENV },
      );
      expect(exit, stderr).toBe(0);
      expect(filesOf(join(folder, 'new'))).toEqual(expected);
      const again = await cli([...SAMPLE_IMAGES, '-o', empty], { env: ENV });
      expect(again.exit, again.stderr).toBe(0);
      expect(filesOf(empty)).toEqual(expected);
      execFileSync('chmod', ['-R', 'u+w', folder]);
      expect((await cli(['verify', empty, join(folder, 'x.tar')])).exit).toBe(0);
    },
  );
});

test('the same inputs and SOURCE_DATE_EPOCH give the same bytes', async () => {
  const folder = tmpFolder();
  const second = join(folder, 'second.tar');
  const other = join(folder, 'other.tar');
  expect((await cli([...SAMPLE_IMAGES, '-o', second], { env: ENV })).exit).toBe(0);
  expect(sha256(readFileSync(second))).toBe(sha256(readFileSync(built())));
  const env = { SOURCE_DATE_EPOCH: '1' };
  expect((await cli([...SAMPLE_IMAGES, '-o', other], { env })).exit).toBe(0);
  expect(sha256(readFileSync(other))).not.toBe(sha256(readFileSync(built())));
  const wrong = await cli([...SAMPLE_IMAGES, '-o', join(folder, 'x.tar')], {
    env: { SOURCE_DATE_EPOCH: 'now' },
  });
  expect(wrong.exit).toBe(22);
});

test('the CA that signed them anchors them, another does not', async () => {
  const folder = tmpFolder();
  const [image = ''] = SAMPLE_IMAGES;
  const own = await cli([
    ...['--json', image, '-o', join(folder, 'x.tar')],
    ...['--ca-dir', join(SAMPLES, 'ca')],
  ]);
  expect(own.exit, own.stderr).toBe(0);
  const report = own.events.find((event) => event.kind === 'image');
  expect(report?.report.signature).toMatchObject({ state: 'anchored', chain: 'sample' });
  expect(report?.report.warnings).not.toContainEqual({ code: 'signature-unanchored' });
  const other = await cli([
    ...['--json', image, '-o', join(folder, 'y.tar')],
    ...['--ca-dir', join(SAMPLES, '../samples-v1/ca')],
  ]);
  expect([other.exit, other.code]).toEqual([1, 'signature-untrusted']);
  expect(listAll(folder)).toEqual(['x.tar']);
  const without = await cli([
    ...['--json', '--no-signature-check', image, '-o', join(folder, 'z.tar')],
    ...['--ca-dir', join(SAMPLES, '../samples-v1/ca')],
  ]);
  expect(without.exit).toBe(0);
  expect(without.events[0]).toMatchObject({ kind: 'warning' });
});

describe('a process of its own', () => {
  const run = (args: readonly string[], cwd: string) =>
    spawn(...npm(['--prefix', ROOT, 'run', '-s', 'cli', '--', ...args]), {
      cwd,
      env: { ...process.env, ...ENV, LANG: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const outcome = async (child: ReturnType<typeof run>) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [exit] = (await once(child, 'close')) as [number | null];
    return { exit, stdout, stderr };
  };

  test('takes paths relative to the folder of its caller, with spaces', async () => {
    const folder = join(tmpFolder(), 'my images');
    mkdirSync(folder);
    symlinkSync(join(SAMPLES, 'p1_image.tgz'), join(folder, 'image one: new.tgz'));
    const args = ['--image', 'p1:image one: new.tgz:v 1', '-o', 'out put.tar', '-q'];
    const { exit, stdout, stderr } = await outcome(run(args, folder));
    expect(stderr.replace(/^npm warn.*\n/gm, '')).toBe('');
    expect([exit, stdout]).toEqual([0, '']);
    expect(listAll(folder)).toEqual(['image one: new.tgz', 'out put.tar']);
  });

  test('prints one JSON event a line and nothing else', async () => {
    const folder = tmpFolder();
    const path = relative(folder, join(SAMPLES, 'p3_nozst_image.tar.xz'));
    const args = ['--json', '--image', `p3:${path}`, '-o', 'x.tar'];
    const { exit, stdout } = await outcome(run(args, folder));
    expect(exit).toBe(0);
    const kinds = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds.at(-1)).toBe('done');
    expect(kinds).toContain('image');
    expect(new Set(kinds)).toEqual(new Set(['progress', 'image', 'done']));
  });

  test('says what is wrong on stderr and exits as the first builder', async () => {
    const folder = tmpFolder();
    const { exit, stdout, stderr } = await outcome(run(['--image', 'p1', '-o', 'x.tar'], folder));
    expect([exit, stdout]).toEqual([22, '']);
    expect(stderr).toContain('“p1” does not name an image.');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it and leaves nothing', async (signal, exit) => {
    const folder = tmpFolder();
    const args = [
      ...['--disable-warning=ExperimentalWarning', 'src/main/cli/main.ts', ...SAMPLE_IMAGES],
      ...['-o', join(folder, 'x.tar'), '-o', join(folder, 'folder/')],
    ];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const result = outcome(child);
    await once(child.stderr, 'data');
    child.kill(signal);
    const winner = await Promise.race([result, setTimeout(5000, null)]);
    expect(winner?.exit).toBe(exit);
    expect(winner?.stderr).toContain('cancelled');
    expect(listAll(folder)).toEqual([]);
  });
});

test('a job may be cancelled at any time and leaves nothing', async () => {
  for (const milliseconds of [0, 50, 200, 500]) {
    const folder = tmpFolder();
    const controller = new AbortController();
    void setTimeout(milliseconds).then(() => controller.abort());
    const args = ['--json', '-o', join(folder, 'x.tar'), '-o', join(folder, 'f/')];
    const result = await cli([...SAMPLE_IMAGES, ...args], { signal: controller.signal });
    if (result.exit === 0) continue;
    expect([result.exit, result.code]).toEqual([130, 'cancelled']);
    expect(listAll(folder)).toEqual([]);
  }
});
