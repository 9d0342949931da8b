import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readImageArgument, readOutputArgument } from '../../src/main/cli/paths.ts';
import { cli, listAll, put, SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';

describe('--image', () => {
  const folder = () => {
    const path = tmpFolder();
    for (const name of ['a.tgz', 'a b.tgz', 'a:b.tgz', 'a:b', 'C:\\images\\a.tgz', 'a.tgz:v1'])
      put(path, name, '');
    return path;
  };

  test.each([
    ['p1:a.tgz', 'p1', 'a.tgz', ''],
    ['p1:a.tgz:v1.0', 'p1', 'a.tgz', 'v1.0'],
    ['p1:a.tgz:', 'p1', 'a.tgz', ''],
    ['p1:a b.tgz:version 1', 'p1', 'a b.tgz', 'version 1'],
    ['p1:a:b.tgz', 'p1', 'a:b.tgz', ''],
    ['p1:a:b.tgz:v1', 'p1', 'a:b.tgz', 'v1'],
    ['p1:C:\\images\\a.tgz', 'p1', 'C:\\images\\a.tgz', ''],
    ['p1:C:\\images\\a.tgz:v1', 'p1', 'C:\\images\\a.tgz', 'v1'],
    ['p1:not there.tgz', 'p1', 'not there.tgz', ''],
    ['p1:not:there', 'p1', 'not:there', ''],
  ])('%s', (argument, ecuId, name, version) => {
    const cwd = folder();
    const request = readImageArgument(argument, cwd);
    expect([request.ecuId, request.path, request.version]).toEqual([
      ecuId,
      join(cwd, name),
      version,
    ]);
  });

  test.each(['', 'p1', 'p1:'])('%j is malformed', (argument) => {
    expect(() => readImageArgument(argument, '/')).toThrow('image-argument-malformed');
  });
});

describe('--output', () => {
  test('is what its name says, or --format', () => {
    const cwd = tmpFolder();
    mkdirSync(join(cwd, 'empty'));
    const kind = (name: string, format: 'tar' | 'folder' | null = null) =>
      readOutputArgument(name, format, null, cwd).kind;
    expect(kind('x.tar')).toBe('tar');
    expect(kind('x/')).toBe('folder');
    expect(kind('empty')).toBe('folder');
    expect(kind('x', 'tar')).toBe('tar');
    expect(kind('x.tar', 'folder')).toBe('folder');
    expect(() => kind('x')).toThrow('usage-output-kind');
    expect(() => kind('x.tgz')).toThrow('usage-output-kind');
    expect(readOutputArgument('/abs/x.tar', null, null, cwd)).toEqual({
      kind: 'tar',
      path: '/abs/x.tar',
    });
  });
});

const SIZE_UNUSED = 'usage-size-without-image';

describe('wrong arguments exit with 22, are reported, and make nothing:', () => {
  const [image = ''] = SAMPLE_IMAGES;
  test.each([
    ['nothing', [], 'usage-no-image'],
    ['no image', ['-o', 'x.tar'], 'usage-no-image'],
    ['no output', [image], 'usage-no-output'],
    [
      '--confirm-write-to alone',
      [image, '-o', 'x.tar', '--confirm-write-to'],
      'usage-confirm-without-drive',
    ],
    [
      '--force-write-to alone',
      [image, '-o', 'x.tar', '--force-write-to'],
      'usage-confirm-without-drive',
    ],
    [
      'seventeen sticks',
      [image, ...Array.from({ length: 17 }, (_, i) => `-w/dev/${i}`)],
      'usage-too-many-drives',
    ],
    ['an unknown option', [image, '-o', 'x.tar', '--fast'], 'usage-option'],
    ['an option without its value', [image, '-o'], 'usage-option'],
    ['an unknown format', [image, '-o', 'x', '--format', 'zip'], 'usage-option'],
    ['an unknown command', ['build', image], 'usage-option'],
    ['inspect without a path', ['inspect'], 'usage-no-path'],
    ['verify without a path', ['verify'], 'usage-no-path'],
    ['inspect of a device', ['inspect', '/dev/null'], 'usage-inspect-device'],
    ['a malformed image', ['--image', 'p1', '-o', 'x.tar'], 'image-argument-malformed'],
    ['one ECU twice', [image, image, '-o', 'x.tar'], 'ecu-id-duplicate'],
    ['no ECU', ['--image', image.replace(/^--image=p1/, ''), '-o', 'x.tar'], 'ecu-id-missing'],
    ['an ECU id with a space behind it', ['--image', 'p1 :none', '-o', 'x.tar'], 'ecu-id-invalid'],
    ['full-width letters', ['--image', 'ｐ１:none', '-o', 'x.tar'], 'ecu-id-invalid'],
    ['twins', ['--image', 'P1:none', image, '-o', 'x.tar'], 'ecu-id-duplicate'],
    ['an image that is not there', ['--image', 'p1:none', '-o', 'x.tar'], 'input-not-found'],
    ['an output of no kind', [image, '-o', 'x'], 'usage-output-kind'],
    ['an output without a name', [image, '-o', ''], 'usage-output-kind'],
    ['its --format too', [image, '-o', '', '--format', 'folder'], 'usage-output-kind'],
    ['one output twice', [image, '-o', 'x.tar', '-o', './x.tar'], 'usage-outputs-overlap'],
    ['an output in another', [image, '-o', 'x/', '-o', 'x/y.tar'], 'usage-outputs-overlap'],
    ['--size without an image file', [image, '-o', 'x.tar', '--size', '8GB'], SIZE_UNUSED],
    ['a size that is none', [image, '-o', 'x.img', '--size', '8 boxes'], 'usage-option'],
    ['a size of nothing', [image, '-o', 'x.img', '--size', '0'], 'usage-option'],
    ['an ECU id that is none', ['--image', 'a/b:none', '-o', 'x.tar'], 'ecu-id-invalid'],
  ])('%s', async (_, argv, code) => {
    const cwd = tmpFolder();
    for (const language of ['en', 'ja']) {
      const result = await cli(['--json', '--lang', language, ...argv], { cwd });
      expect([result.code, result.exit], result.stderr).toEqual([code, 22]);
      expect(result.stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
      expect(/[ぁ-んァ-ン]/.test(result.stderr)).toBe(language === 'ja');
    }
    expect(listAll(cwd)).toEqual([]);
  });
});

test('a language or a time that is none exits with 22', async () => {
  const cwd = tmpFolder();
  const [image = ''] = SAMPLE_IMAGES;
  const language = await cli(['-h', '--lang', 'xx'], { cwd });
  expect([language.exit, language.stdout]).toEqual([22, '']);
  expect(language.stderr).toContain('--lang: xx');
  // One second more than an ext4 filesystem can hold.
  for (const time of ['-1', '1.5', '0x10', 'now', '15032385536']) {
    const env = { SOURCE_DATE_EPOCH: time };
    const { exit, code } = await cli(['--json', image, '-o', 'x.tar'], { cwd, env });
    expect([exit, code], time).toEqual([22, 'usage-option']);
  }
  expect(listAll(cwd)).toEqual([]);
});

test('a stick alone is not taken for done', async () => {
  const [image = ''] = SAMPLE_IMAGES;
  const result = await cli(['--json', image, '-w', '/dev/does-not-exist', '--confirm-write-to']);
  expect(result.exit).not.toBe(0);
  expect(result.events.some(({ kind }) => kind === 'done')).toBe(false);
});

describe('help', () => {
  test.each([
    [['--help'], {}, 'usage: '],
    [['-h', '--lang', 'ja'], {}, '使い方: '],
    [['-h'], { LANG: 'ja_JP.UTF-8' }, '使い方: '],
    [['-h'], { LANG: 'de_DE.UTF-8' }, 'usage: '],
    [['-h'], { LANG: 'ja_JP.UTF-8', LC_ALL: 'C' }, 'usage: '],
  ])('%j in %j', async (argv, env, start) => {
    const { exit, stdout, stderr } = await cli(argv, { env });
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout.startsWith(start)).toBe(true);
    for (const option of [
      '--image',
      '-o, --output',
      '-w, --write-to',
      '--ca-dir',
      '--json',
      '--lang',
    ])
      expect(stdout).toContain(option);
    for (const line of stdout.split('\n')) {
      const columns = Array.from(line).reduce((sum, c) => sum + (c > '\u2e7f' ? 2 : 1), 0);
      expect(columns, line).toBeLessThanOrEqual(80);
    }
  });

  test('the version is alone', async () => {
    const { exit, stdout } = await cli(['--version']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('what a person sees', () => {
  test('lines without a terminal, a bar with one, nothing with -q', async () => {
    const [image = ''] = SAMPLE_IMAGES;
    const folder = tmpFolder();
    const build = (name: string, ...args: string[]) => [image, '-o', join(folder, name), ...args];
    const lines = await cli(build('a.tar'));
    expect(lines.exit).toBe(0);
    expect(lines.stderr).not.toContain('\r');
    expect(lines.stdout).toContain('a.tar: ');
    const bar = await cli(build('b.tar'), { terminal: true });
    expect(bar.stderr).toMatch(/\r.*\[#*-*\]/);
    expect(bar.stdout).not.toContain('\r');
    expect(await cli(build('c.tar', '-q'))).toMatchObject({ exit: 0, stdout: '', stderr: '' });
    const loud = await cli(build('d.tar', '--no-signature-check', '--lang', 'ja'));
    expect(loud.stderr).toContain('警告: 署名を確認していません');
    const quiet = await cli(['--image', 'p1:none', '-o', join(folder, 'e.tar'), '-v']);
    expect(quiet.stderr).toContain('Cause: ');
  });

  test('inspect tells what is in an image', async () => {
    const paths = SAMPLE_IMAGES.map((argument) => /:(.*?)(:ver.*)?$/.exec(argument)?.[1] ?? '');
    const { exit, stdout } = await cli(['inspect', ...paths]);
    expect(exit).toBe(0);
    expect(stdout).toContain('p1_image.tgz: ');
    expect(stdout).toContain('signer: ');
    expect(stdout).toContain('hard links');
    const json = await cli(['inspect', '--json', ...paths]);
    expect(json.events.filter(({ kind }) => kind === 'image').length).toBe(3);
  });
});
