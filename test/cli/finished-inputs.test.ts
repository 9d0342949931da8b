import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ImageReport } from '../../src/shared/model/image-report.ts';
import { cli, listAll, put, SAMPLE_IMAGES, SAMPLES, type CliResult } from '../support/cli.ts';
import {
  debugfs,
  debugfsTool,
  e2fsckComplaint,
  e2fsckTool,
  mkfsTool,
  run,
} from '../support/ext4/oracles.ts';
import { contentsOf, extract, gnuTar, type Extracted } from '../support/extracted.ts';
import { makeImage, packImage, sha256 } from '../support/image-factory.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding, testNeeding, tool } from '../support/tools.ts';

const V1 = join(SAMPLES, '../samples-v1');
const ENV = { SOURCE_DATE_EPOCH: '1700000000' };
const zstd = tool('zstd');

const SETS = {
  legacy: SAMPLE_IMAGES,
  'v1 and legacy': [
    `--image=:${join(V1, 'v1_a.zip')}`,
    `--image=:${join(V1, 'v1_b.zip')}`,
    SAMPLE_IMAGES[0] ?? '',
  ],
} as const;
type SetName = keyof typeof SETS;
const NAMES = Object.keys(SETS) as SetName[];

const shared = sharedTmpFolder();
const source = (set: SetName, kind: string) =>
  join(shared(), set, kind === 'folder' ? 'x' : `x.${kind}`);

beforeAll(async () => {
  for (const set of NAMES) {
    mkdirSync(join(shared(), set));
    const outputs = [source(set, 'tar'), source(set, 'img'), `${source(set, 'folder')}/`];
    const args = [...SETS[set], ...outputs.flatMap((path) => ['-o', path])];
    const { exit, stderr } = await cli(args, { env: ENV });
    expect(exit, stderr).toBe(0);
  }
});

/** What inspect says of an input. */
async function reportOf(path: string): Promise<ImageReport> {
  const { events } = await cli(['--json', 'inspect', path]);
  const found = events.find(({ kind }) => kind === 'output' || kind === 'image');
  if (found?.kind !== 'output' && found?.kind !== 'image') throw new Error('nothing was reported');
  return found.report;
}

/** Hashes of all files of an output, read out of it by another program. */
function filesOf(path: string): readonly string[] {
  return Array.from(unpacked(path), ([name, content]) => {
    return `${name} ${typeof content === 'string' ? content : sha256(content)}`;
  }).sort();
}

function unpacked(path: string): Extracted {
  if (statSync(path).isDirectory()) return contentsOf(path);
  const folder = join(tmpFolder(), 'out');
  if (path.endsWith('.tar')) {
    const files = extract(gnuTar, path, folder);
    if (typeof files === 'string') throw new Error(files);
    return files;
  }
  mkdirSync(folder);
  debugfs(path, `rdump / ${folder}`);
  rmSync(join(folder, 'lost+found'), { recursive: true, force: true });
  return contentsOf(folder);
}

/** Builds of one input into all kinds of files; nothing but them may be left. */
async function buildAll(image: string, more: readonly string[] = []) {
  const folder = tmpFolder();
  const outputs = [join(folder, 'y.tar'), join(folder, 'y.img'), `${join(folder, 'y')}/`];
  const args = ['--json', '--image', image, ...more, ...outputs.flatMap((path) => ['-o', path])];
  return { folder, outputs, result: await cli(args) };
}

describeNeeding([gnuTar, debugfsTool, e2fsckTool], 'a finished image', () => {
  const cases = NAMES.flatMap((set) =>
    ['tar', 'img', 'folder'].map((kind) => [set, kind] as const),
  );
  test.each(cases)('of %s as %s becomes every kind of output again', async (set, kind) => {
    const { outputs, result } = await buildAll(source(set, kind));
    expect(result.exit, result.stderr).toBe(0);
    const wanted = filesOf(source(set, 'folder'));
    expect(wanted.length).toBeGreaterThan(100);
    for (const path of outputs) {
      // Also manifest.json, byte for byte.
      expect(filesOf(path)).toEqual(wanted);
      expect((await cli(['verify', path])).exit).toBe(0);
    }
    const [tar = '', img = ''] = outputs;
    expect(e2fsckComplaint(img)).toBeNull();
    if (kind === 'tar')
      expect(readFileSync(tar).equals(readFileSync(source(set, 'tar')))).toBe(true);
    // The oracle can fail: these are not the files of the other set.
    const other = NAMES.find((name) => name !== set) ?? 'legacy';
    expect(filesOf(tar)).not.toEqual(filesOf(source(other, 'folder')));
  });
});

test('inspect says what a finished image is, who signed it and what is in it', async () => {
  for (const kind of ['tar', 'img', 'folder']) {
    const path = source('v1 and legacy', kind);
    const { stdout, exit } = await cli(['inspect', path]);
    expect(exit).toBe(0);
    expect(stdout).toContain('finished offline OTA image');
    expect(stdout).toMatch(/autoware, version 1\.0\.0/);
    const report = await reportOf(path);
    if (report.format !== 'offline') throw new Error('another format was reported');
    expect(report).toMatchObject({ path, format: 'offline', container: kind });
    expect(report.payloads.map(({ ecuId }) => ecuId)).toEqual([
      'autoware',
      'main_ecu',
      'sub_ecu',
      'p1',
    ]);
    for (const payload of report.payloads) expect(payload.files).toBeGreaterThan(5);
    expect(report.signature.state).toBe('unanchored');
    expect(report.warnings).toContainEqual({ code: 'signature-unanchored' });
  }
  const { stdout } = await cli(['inspect', '--lang', 'ja', source('legacy', 'tar')]);
  expect(stdout).toContain('作成済みのオフラインOTAイメージ');
});

test('counts of a finished image are those of the images that it was built of', async () => {
  const inspected = async (path: string) =>
    (await reportOf(path)).payloads.map((payload) => ({
      ...payload,
      ...{ ecuId: null, version: null, releaseKey: null },
    }));
  const p = ['p1_image.tgz', 'p2_image.tar.zst', 'p3_nozst_image.tar.xz'];
  const legacy = await Promise.all(p.map((name) => inspected(join(SAMPLES, name))));
  expect(await inspected(source('legacy', 'img'))).toEqual(legacy.flat());
  const [a, b] = await Promise.all(
    ['v1_a.zip', 'v1_b.zip'].map((name) => inspected(join(V1, name))),
  );
  const all = [...(a ?? []), ...(b ?? []), ...(legacy[0] ?? [])];
  expect(await inspected(source('v1 and legacy', 'img'))).toEqual(all);
});

test('its signatures are checked against the CA folder, as those of OTA images', async () => {
  const inspect = async (set: SetName, ca: string) =>
    cli(['--json', 'inspect', source(set, 'tar'), '--ca-dir', ca]);
  const right = await inspect('legacy', join(SAMPLES, 'ca'));
  expect(right.exit, right.stderr).toBe(0);
  expect(right.stdout).toContain('"state":"anchored"');
  expect((await inspect('legacy', join(V1, 'ca'))).code).toBe('signature-untrusted');
  const { result, folder } = await buildAll(source('legacy', 'img'), ['--ca-dir', join(V1, 'ca')]);
  expect(result.code).toBe('signature-untrusted');
  expect(listAll(folder)).toEqual([]);
});

/** What a change of a copy of the folder makes of it as an input: of `inspect`, and of a build. */
async function refusalOf(change: (folder: string) => void, set: SetName = 'legacy') {
  const copy = join(tmpFolder(), 'copy');
  cpSync(source(set, 'folder'), copy, { recursive: true });
  change(copy);
  return refusalOfPath(copy);
}

async function refusalOfPath(path: string): Promise<CliResult['code']> {
  const { result, folder } = await buildAll(path);
  expect(result.exit).not.toBe(0);
  expect(listAll(folder)).toEqual([]);
  // What happened, and what to do next.
  expect(result.stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
  return result.code;
}

const blobIn = (folder: string): string =>
  join(folder, 'data', readdirSync(join(folder, 'data'))[3] ?? '');

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

describe('is refused, and nothing is left:', () => {
  const manifest = (folder: string) => join(folder, 'manifest.json');
  const jwt = (folder: string) => join(folder, 'meta/0/metadata.jwt');
  test.each<[string, (folder: string) => void, NonNullable<CliResult['code']>]>([
    ['without a blob', (f) => rmSync(blobIn(f)), 'finished-file-missing'],
    ['with a blob cut off', (f) => truncateSync(blobIn(f), 1), 'finished-manifest-wrong'],
    [
      'with a blob changed',
      (f) => edit(blobIn(f), (text) => text.replace(/^./su, '~')),
      'blob-corrupt',
    ],
    ['with a foreign blob', (f) => put(f, 'data/x', 'x'), 'finished-file-foreign'],
    ['with a hidden file', (f) => put(f, '.hidden', 'x'), 'finished-file-foreign'],
    ['with a foreign folder', (f) => mkdirSync(join(f, 'data/x')), 'finished-file-foreign'],
    [
      'with a blob behind a symbolic link',
      (f) => {
        const [blob, aside] = [blobIn(f), join(f, '../aside')];
        renameSync(blob, aside);
        symlinkSync(aside, blob);
      },
      'finished-file-missing',
    ],
    [
      'with a symbolic link out of it',
      (f) => symlinkSync('/etc/passwd', join(f, 'meta/passwd')),
      'finished-file-foreign',
    ],
    ['without metadata.jwt', (f) => rmSync(jwt(f)), 'finished-file-missing'],
    [
      'without regulars.txt',
      (f) => rmSync(join(f, 'meta/1/regulars.txt')),
      'finished-file-missing',
    ],
    [
      'with regulars.txt changed',
      (f) => edit(join(f, 'meta/1/regulars.txt'), (text) => `${text}\n`),
      'finished-file-wrong',
    ],
    [
      'with a metadata.jwt whose signature is another',
      (f) => edit(jwt(f), (text) => text.replace(/.{20}$/su, 'A'.repeat(20))),
      'signature-invalid',
    ],
    [
      'with a manifest that is none',
      (f) => put(f, 'manifest.json', '{}'),
      'finished-manifest-wrong',
    ],
    [
      'with another size in the manifest',
      (f) => edit(manifest(f), (text) => text.replace(/"data_size":/u, '"data_size":1')),
      'finished-manifest-wrong',
    ],
    [
      'with an ECU twice',
      (f) => edit(manifest(f), (text) => text.replace('"p2"', '"p1"')),
      'finished-manifest-wrong',
    ],
    [
      'with an image more in the manifest',
      (f) => {
        const text = readFileSync(manifest(f), 'utf8');
        const json = JSON.parse(text) as { image_meta: { ecu_id: string }[] };
        json.image_meta.push({ ...json.image_meta[0], ecu_id: 'p9' });
        writeFileSync(manifest(f), JSON.stringify(json));
      },
      'finished-file-missing',
    ],
    ['without a manifest', (f) => rmSync(manifest(f)), 'finished-file-missing'],
    ['without data', (f) => rmSync(join(f, 'data'), { recursive: true }), 'finished-file-missing'],
  ])('a folder %s', async (_, change, code) => {
    expect(await refusalOf(change)).toBe(code);
  });

  test('an OTA image v1 in it without a blob, or with another index.json', async () => {
    const v1 = 'v1 and legacy';
    expect(await refusalOf((f) => rmSync(blobIn(f)), v1)).toBe('finished-file-missing');
    const index = (f: string) => join(f, 'meta/0/index.json');
    expect(await refusalOf((f) => edit(index(f), (text) => `${text} `), v1)).toBe(
      'finished-file-wrong',
    );
  });

  test.each(['tar', 'img'])(
    'a download of %s that is half done, wherever it ends',
    async (kind) => {
      const whole = statSync(source('legacy', kind)).size;
      const codes = new Set<string | null>();
      for (const part of [0.02, 0.5, 0.99]) {
        const path = join(tmpFolder(), `half.${kind}`);
        copyFileSync(source('legacy', kind), path);
        truncateSync(path, Math.floor(whole * part));
        codes.add(await refusalOfPath(path));
      }
      expect(Array.from(codes)).toEqual([
        kind === 'tar' ? 'archive-truncated' : 'finished-damaged',
      ]);
    },
  );

  test.each(['tar', 'img'])('a changed byte in a blob of a %s', async (kind) => {
    const path = join(tmpFolder(), `x.${kind}`);
    const bytes = readFileSync(source('legacy', kind));
    const blob = readFileSync(blobIn(source('legacy', 'folder')));
    const at = bytes.indexOf(blob);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(await refusalOfPath(path)).toBe('blob-corrupt');
  });

  test('one beside another image, whichever comes first', async () => {
    const path = source('legacy', 'tar');
    for (const args of [
      [...SAMPLE_IMAGES, '--image', path],
      ['--image', path, ...SAMPLE_IMAGES],
      ['--image', path, '--image', source('legacy', 'img')],
      ['--image', path, '--image', path],
    ]) {
      const folder = tmpFolder();
      const { code, exit } = await cli(['--json', ...args, '-o', join(folder, 'x.tar')]);
      expect([code, exit]).toEqual(['finished-not-alone', 22]);
      expect(listAll(folder)).toEqual([]);
    }
  });

  test('one with an ECU ID, a version or a release key', async () => {
    const path = source('legacy', 'tar');
    const codeOf = async (...args: string[]) =>
      (await cli(['--json', ...args, '-o', join(tmpFolder(), 'x.tar')])).code;
    expect(await codeOf('--image', `p1:${path}`)).toBe('finished-named');
    expect(await codeOf('--image', `:${path}:v2`)).toBe('finished-named');
  });

  test('an output within the folder that is read', async () => {
    const copy = join(tmpFolder(), 'copy');
    cpSync(source('legacy', 'folder'), copy, { recursive: true });
    const before = listAll(copy);
    const { code } = await cli(['--json', '--image', copy, '-o', join(copy, 'data/x.tar')]);
    expect(code).toBe('output-in-image');
    expect(listAll(copy)).toEqual(before);
  });
});

testNeeding(
  [zstd, tool('gzip')],
  'a compressed one says that it is to be unpacked first',
  async () => {
    const folder = tmpFolder();
    const path = join(folder, 'x.tar.zst');
    execFileSync(zstd.path, ['-q', source('v1 and legacy', 'tar'), '-o', path]);
    expect(await refusalOfPath(path)).toBe('finished-compressed');
    const img = join(folder, 'x.img.zst');
    execFileSync(zstd.path, ['-q', source('legacy', 'img'), '-o', img]);
    expect(await refusalOfPath(img)).toBe('compressed-kind-unsupported');
  },
);

test('what is neither an OTA image nor a finished one says so as before', async () => {
  const folder = tmpFolder();
  expect(await refusalOfPath(put(folder, 'x.img', Buffer.alloc(8192)))).toBe('not-an-archive');
  mkdirSync(join(folder, 'empty'));
  expect(await refusalOfPath(join(folder, 'empty'))).toBe('not-an-image');
});

test('a hard link in a folder is a file like any other', async () => {
  const copy = join(tmpFolder(), 'copy');
  cpSync(source('legacy', 'folder'), copy, { recursive: true });
  linkSync(blobIn(copy), join(copy, '../aside'));
  expect((await buildAll(copy)).result.exit).toBe(0);
});

test('an image built without signatures is taken where they are not checked', async () => {
  const copy = join(tmpFolder(), 'copy');
  cpSync(source('legacy', 'folder'), copy, { recursive: true });
  const path = join(copy, 'meta/0/metadata.jwt');
  edit(path, (text) => text.replace(/.{20}$/su, 'A'.repeat(20)));
  const { result } = await buildAll(copy, ['--no-signature-check']);
  expect(result.exit, result.stderr).toBe(0);
});

test('a manifest that another program wrote stays byte for byte', async () => {
  const copy = join(tmpFolder(), 'copy');
  cpSync(source('legacy', 'folder'), copy, { recursive: true });
  const path = join(copy, 'manifest.json');
  edit(path, (text) => JSON.stringify({ by: 'another', ...(JSON.parse(text) as object) }, null, 2));
  const { result, folder } = await buildAll(copy);
  expect(result.exit, result.stderr).toBe(0);
  expect(readFileSync(join(folder, 'y/manifest.json')).equals(readFileSync(path))).toBe(true);
});

describeNeeding([mkfsTool, e2fsckTool, debugfsTool, gnuTar], 'a filesystem of mkfs.ext4', () => {
  test('whose files have holes is read with them', async () => {
    const folder = tmpFolder();
    const zeros = Buffer.alloc(900_000);
    zeros.write('begin');
    zeros.write('end', 899_000);
    const members = makeImage({ files: [{ path: '/a', content: zeros, compress: false }] });
    const image = put(folder, 'a_image.tar', packImage(members));
    const made = join(folder, 'made');
    expect((await cli(['--image', `a:${image}`, '-o', `${made}/`])).exit).toBe(0);
    const img = put(folder, 'x.img', '');
    truncateSync(img, 64 * 1024 * 1024);
    const options = ['-q', '-F', '-L', 'ota_cache_src', '-O', '^has_journal', '-d', made, img];
    expect(run(mkfsTool, options).status).toBe(0);
    // The file has a hole, or this would test nothing.
    expect(debugfs(img, `stat /data/${sha256(zeros)}`)).toMatch(/EXTENTS:\n\(0\):\d+, /u);
    const { outputs, result } = await buildAll(img);
    expect(result.exit, result.stderr).toBe(0);
    for (const path of outputs) expect(filesOf(path)).toEqual(filesOf(made));
  });
});
