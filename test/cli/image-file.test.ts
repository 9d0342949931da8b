import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli, listAll, put, SAMPLE_IMAGES, SAMPLES } from '../support/cli.ts';
import {
  blkidTags,
  blkidTool,
  debugfs,
  debugfsTool,
  e2fsckComplaint,
  e2fsckTool,
} from '../support/ext4/oracles.ts';
import { sha256 } from '../support/image-factory.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding, tool } from '../support/tools.ts';

const MIB = 2 ** 20;
const ENV = { SOURCE_DATE_EPOCH: '1700000000' };
const [p1 = ''] = SAMPLE_IMAGES;

/** `<sha256> <size> <name>` of what the first builder made of the samples. */
const expected = readFileSync(join(SAMPLES, 'expected/p1+p2+p3.files.txt'), 'utf8')
  .trim()
  .split('\n')
  .filter((line) => !line.endsWith(' manifest.json'))
  .sort();

const shared = sharedTmpFolder();
const built = () => join(shared(), 'stick.img');

beforeAll(async () => {
  const args = [...SAMPLE_IMAGES, '-o', built(), '-o', join(shared(), 'same.tar')];
  const { exit, stderr } = await cli(args, { env: ENV });
  expect(exit, stderr).toBe(0);
});

/** The same list of a filesystem, read out of it by debugfs. */
function filesIn(image: string): string[] {
  const folder = join(tmpFolder(), 'out');
  mkdirSync(folder);
  debugfs(image, `rdump / ${folder}`);
  return listAll(folder)
    .filter((name) => statSync(join(folder, name)).isFile() && name !== 'manifest.json')
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return `${sha256(bytes)} ${String(bytes.length)} ${name}`;
    })
    .sort();
}

describeNeeding([e2fsckTool, debugfsTool, blkidTool, tool('du')], 'an image file', () => {
  test('is the filesystem of a stick with the files that the first builder made', () => {
    expect(e2fsckComplaint(built())).toBeNull();
    expect(blkidTags(built())).toEqual(expect.arrayContaining(['LABEL=ota_cache_src']));
    expect(expected.length).toBeGreaterThan(250);
    expect(filesIn(built())).toEqual(expected);
  });

  test('is the smallest that fits and 5 % more, and says so where --size is less', async () => {
    const folder = tmpFolder();
    const argv = ['--json', ...SAMPLE_IMAGES, '-o', join(folder, 'x.img'), '--size'];
    const { exit, code, last, stderr } = await cli([...argv, '1MiB']);
    expect([exit, code]).toEqual([1, 'output-size-too-small']);
    expect(stderr).toMatch(/has 1\.05 MB, but the images need \d/);
    expect(listAll(folder)).toEqual([]);
    if (last?.kind !== 'failed' || last.error.code !== 'output-size-too-small')
      throw new Error('it failed otherwise');
    const { needed } = last.error.params;
    expect(statSync(built()).size).toBe(Math.ceil((needed * 1.05) / MIB) * MIB);
    expect((await cli([...argv, String(needed - 1)], { env: ENV })).exit).toBe(1);
    expect((await cli([...argv, String(needed)], { env: ENV })).exit).toBe(0);
    expect(e2fsckComplaint(join(folder, 'x.img'))).toBeNull();
  });

  test.each([
    ['20MiB', 20 * MIB],
    ['20MB', 20_000_000],
    ['20m', 20_000_000],
    ['0.02 GB', 20_000_000],
    ['20971520', 20 * MIB],
    ['64GB', 64_000_000_000],
    ['1TiB', 2 ** 40],
  ])('of %s has that size, and takes no more room than it needs', async (size, bytes) => {
    const path = join(tmpFolder(), 'x.img');
    const { exit, stderr } = await cli([p1, '-o', path, '--size', size]);
    expect(exit, stderr).toBe(0);
    expect(statSync(path).size).toBe(bytes);
    const taken = Number(execFileSync('du', ['-k', path], { encoding: 'utf8' }).split('\t')[0]);
    expect(taken * 1024).toBeLessThan(8 * MIB + bytes / 1000);
    expect(blkidTags(path)).toEqual(expect.arrayContaining(['LABEL=ota_cache_src']));
  });

  test('is the same for the same images and the same SOURCE_DATE_EPOCH', async () => {
    const folder = tmpFolder();
    const make = async (name: string, time: string) => {
      const path = join(folder, name);
      const env = { SOURCE_DATE_EPOCH: time };
      expect((await cli([...SAMPLE_IMAGES, '-o', path], { env })).exit).toBe(0);
      return sha256(readFileSync(path));
    };
    const first = sha256(readFileSync(built()));
    expect(await make('again.img', ENV.SOURCE_DATE_EPOCH)).toBe(first);
    expect(await make('other.img', '1700000001')).not.toBe(first);
  });

  test('is verified, though another target is missing, which is reported with what to do', async () => {
    const missing = join(tmpFolder(), 'missing.tar');
    const argv = ['verify', missing, built()];
    const { exit, events } = await cli([...argv, '--json']);
    expect(exit).toBe(1);
    expect(events.filter(({ kind }) => kind === 'failed')).toMatchObject([
      { error: { code: 'input-not-found' }, target: missing },
    ]);
    expect(events.filter(({ kind }) => kind === 'checked')).toMatchObject([
      { report: { complete: true } },
    ]);
    const { stdout, stderr } = await cli(argv);
    expect(stdout).toContain('all of them right');
    expect(stderr).toContain('missing.tar is not there');
    expect(stderr).not.toContain('add it again');
    expect((await cli(['verify', missing])).exit).toBe(22);
  });

  test('is verified, and a wrong byte in a blob or in its structures is found', async () => {
    const whole = await cli(['verify', built(), join(shared(), 'same.tar')]);
    expect(whole.exit, whole.stderr).toBe(0);
    expect(whole.stdout).toContain('all of them right');
    const bytes = readFileSync(built());
    const name = /data\/[0-9a-f]{64}$/.exec(expected.find((l) => !l.endsWith('.zst')) ?? '')?.[0];
    const block = Number(debugfs(built(), `blocks /${name ?? ''}`).split(' ')[0]);
    const wrong = async (at: number) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return cli(['verify', '--json', put(tmpFolder(), 'x.img', copy)]);
    };
    const blob = await wrong(block * 4096);
    expect([blob.exit, blob.code]).toEqual([1, 'verify-failed']);
    expect(blob.stderr).toContain(name);
    expect(await wrong(4096 + 4)).toMatchObject({ exit: 1, code: 'filesystem-damaged' });
  });

  test('whose first block or label is missing is incomplete; another filesystem is none', async () => {
    const bytes = readFileSync(built());
    const verify = (image: Buffer) => cli(['verify', '--json', put(tmpFolder(), 'x.img', image)]);
    const headless = Buffer.from(bytes);
    headless.fill(0, 0, 4096);
    expect(await verify(headless)).toMatchObject({ exit: 1, code: 'verify-incomplete' });
    const path = put(tmpFolder(), 'y.img', bytes);
    for (const [label, code] of [
      ['', 'verify-incomplete'],
      ['MY_STICK', 'verify-not-an-image'],
    ] as const) {
      execFileSync('e2label', [path, label], { stdio: 'pipe' });
      expect(await cli(['verify', '--json', path])).toMatchObject({ exit: 1, code });
    }
  });

  test('that exists is not touched', async () => {
    const folder = tmpFolder();
    const path = put(folder, 'x.img', 'precious');
    const { exit, code } = await cli(['--json', p1, '-o', path]);
    expect([exit, code]).toEqual([22, 'output-exists']);
    expect(readFileSync(path, 'utf8')).toBe('precious');
    expect(listAll(folder)).toEqual(['x.img']);
  });
});

describe('inspect', () => {
  test('tells what a finished tar archive, folder or image file holds', async () => {
    const folder = join(tmpFolder(), 'folder');
    expect((await cli([...SAMPLE_IMAGES, '-o', `${folder}/`], { env: ENV })).exit).toBe(0);
    const paths = [built(), join(shared(), 'same.tar'), folder];
    const { exit, stdout, events } = await cli(['inspect', '--json', ...paths]);
    expect(exit).toBe(0);
    const reports = events.flatMap((event) => (event.kind === 'output' ? [event.report] : []));
    expect(reports.map(({ path }) => path)).toEqual(paths);
    expect(reports.map(({ container }) => container)).toEqual(['img', 'tar', 'folder']);
    for (const { files, manifest } of reports) {
      expect(files).toBe(expected.length + 1);
      expect(manifest.image_meta.map((image) => image.ecu_id)).toEqual(['p1', 'p2', 'p3']);
    }
    expect(stdout).not.toContain('\n\n');
    const text = await cli(['inspect', built(), '--lang', 'ja']);
    expect(text.stdout).toContain('ECU p1、バージョン ver_20230808');
    expect(text.stdout).toContain('verify');
  });

  test('takes them together with OTA images, in their order', async () => {
    const image = join(SAMPLES, 'p2_image.tar.zst');
    const { events } = await cli(['inspect', '--json', built(), image, built()]);
    const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== 'progress');
    expect(kinds).toEqual(['output', 'image', 'output']);
  });

  test('says of one that is broken or none what it is', async () => {
    const bytes = readFileSync(built());
    const damaged = Buffer.from(bytes);
    damaged[4096 + 4] = (damaged[4096 + 4] ?? 0) ^ 1;
    const folder = tmpFolder();
    const broken = put(folder, 'x.img', damaged);
    expect((await cli(['inspect', '--json', broken])).code).toBe('finished-damaged');
    const zeros = put(folder, 'zeros', Buffer.alloc(65536));
    expect((await cli(['inspect', '--json', zeros])).code).toBe('not-an-archive');
    mkdirSync(join(folder, 'd/data'), { recursive: true });
    put(folder, 'd/data/x', 'y');
    const folderOnly = await cli(['inspect', '--json', join(folder, 'd')]);
    expect([folderOnly.exit, folderOnly.code]).toEqual([1, 'finished-file-missing']);
  });
});
