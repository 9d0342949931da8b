import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/shared/model/manifest.ts';
import { cli, listAll, SAMPLES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, tool, type Tool } from '../support/tools.ts';

const tar = tool('tar');
const debugfs = tool('debugfs');
const V1 = join(SAMPLES, '../samples-v1');
const A = join(V1, 'v1_a.zip');
const B = join(V1, 'v1_b.zip');
const P1 = join(SAMPLES, 'p1_image.tgz');
const V1_CA = ['--ca-dir', join(V1, 'ca')];

/** Name of the expected list, arguments, and ECU, version and format of each manifest entry. */
const SAMPLE_BUILDS: readonly [string, readonly string[], readonly (readonly unknown[])[]][] = [
  ['v1_a', [`--image=:${A}`, ...V1_CA], [['autoware', '1.0.0', 'ota-image-v1']]],
  [
    'v1_b',
    [`--image=:${B}`, ...V1_CA],
    [
      ['main_ecu', '1.0.0', 'ota-image-v1'],
      ['sub_ecu', '1.0.0', 'ota-image-v1'],
    ],
  ],
  [
    'v1_a+v1_b+p1',
    [`--image=:${A}`, `--image=:${B}`, `--image=p1:${P1}:ver_20230808`],
    [
      ['autoware', '1.0.0', 'ota-image-v1'],
      ['main_ecu', '1.0.0', 'ota-image-v1'],
      ['sub_ecu', '1.0.0', 'ota-image-v1'],
      ['p1', 'ver_20230808', undefined],
    ],
  ],
];

const UNPACK: readonly [string, Tool, (path: string, to: string) => string[]][] = [
  ['tar', tar, (path, to) => ['xf', path, '-C', to]],
  ['img', debugfs, (path, to) => ['-R', `rdump / ${to}`, path]],
];

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
}

/** `sha256 size name` of data/ and meta/, as the expected lists have it. */
function filesIn(folder: string): string[] {
  const names = listAll(folder).filter((name) => /^(data|meta)\/.*/.test(name));
  return names.flatMap((name) => {
    const bytes = tryRead(join(folder, name));
    if (bytes === null) return [];
    return `${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${name}`;
  });
}

function tryRead(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

describe.each(UNPACK)('to %s', (kind, needed, unpack) => {
  describeNeeding([needed], 'the samples', () => {
    test.each(SAMPLE_BUILDS)('%s give exactly the expected files', async (list, args, entries) => {
      const folder = tmpFolder();
      const output = join(tmpFolder(), `out.${kind}`);
      const { exit, stderr, events } = await cli(['--json', ...args, '-o', output]);
      expect(exit, stderr).toBe(0);
      execFileSync(needed.path, unpack(output, folder), { stdio: 'pipe' });
      const expected = readFileSync(join(V1, 'expected', `${list}.files.txt`), 'utf8');
      expect(filesIn(folder).sort()).toEqual(expected.trimEnd().split('\n').sort());
      const { image_meta: images } = manifestIn(folder);
      expect(images.map((i) => [i.ecu_id, i.image_version, i.image_format])).toEqual(entries);
      expect(images.map((image) => image.ota_metadata_version)).toEqual(images.map(() => 1));
      expect('image_format' in (images.at(-1) ?? {})).toBe(list !== 'v1_a+v1_b+p1');
      const states = events.flatMap((e) => (e.kind === 'image' ? [e.report.signature.state] : []));
      const state = args.includes('--ca-dir') ? 'anchored' : 'unanchored';
      expect(new Set(states)).toEqual(new Set([state]));
      const done = events.find((event) => event.kind === 'done');
      const shared = done?.result.summary.sharedBytes ?? 0;
      expect(shared > 0).toBe(entries.length > 1);
      expect((await cli(['verify', output])).exit).toBe(0);
    });
  });
});

describe('--image of an artifact with several payloads', () => {
  test.each<[string, readonly string[], readonly (readonly string[])[]]>([
    ['names the project version', [`:${B}`], ['main_ecu 1.0.0', 'sub_ecu 1.0.0'].map(split)],
    ['or the given one', [`:${B}:9.9`], ['main_ecu 9.9', 'sub_ecu 9.9'].map(split)],
    ['or none with an ECU', [`sub_ecu:${B}`], [['sub_ecu', '']]],
    ['or the given one with an ECU', [`sub_ecu:${B}:7`], [['sub_ecu', '7']]],
    ['takes those of a release key', ['--release-key=dev', `:${B}`], [['main_ecu', '1.0.0']]],
    [
      'keeps the order of the arguments',
      [`sub_ecu:${B}:2`, `:${A}`, `main_ecu:${B}:1`],
      ['sub_ecu 2', 'autoware 1.0.0', 'main_ecu 1'].map(split),
    ],
  ])('%s', async (_, args, entries) => {
    const folder = join(tmpFolder(), 'out');
    const argv = args.map((a) => (a.startsWith('--') ? a : `--image=${a}`));
    const { exit, stderr } = await cli([...argv, '-o', `${folder}/`]);
    expect(exit, stderr).toBe(0);
    const { image_meta: images } = manifestIn(folder);
    expect(images.map((image) => [image.ecu_id, image.image_version])).toEqual(entries);
    const verified = await cli(['verify', folder]);
    expect(verified.exit, verified.stderr).toBe(0);
  });

  test.each<[string, readonly string[], string, string]>([
    ['an ECU that is not in it', [`none:${B}`], 'payload-not-found', 'main_ecu, sub_ecu'],
    [
      'a release key that is not in it',
      [`sub_ecu:${B}`, '--release-key=dev'],
      'release-key-not-found',
      'sub_ecu',
    ],
    ['one ECU in both formats', [`:${A}`, `autoware:${P1}`], 'ecu-id-duplicate', 'autoware'],
    ['one ECU in two payloads', [`:${B}`, `sub_ecu:${B}`], 'ecu-id-duplicate', 'sub_ecu'],
  ])('%s is refused with a message', async (_, args, code, text) => {
    const folder = tmpFolder();
    const argv = args.map((a) => (a.startsWith('--') ? a : `--image=${a}`));
    for (const language of ['en', 'ja']) {
      const options = ['--json', '--lang', language, '-o', join(folder, 'x.tar')];
      const result = await cli([...argv, ...options]);
      expect([result.code, result.exit], result.stderr).toEqual([code, 22]);
      expect(result.stderr).toContain(text);
      expect(/[ぁ-んァ-ン]/.test(result.stderr)).toBe(language === 'ja');
    }
    expect(listAll(folder)).toEqual([]);
  });

  test('of another CA is refused', async () => {
    const folder = tmpFolder();
    const ca = ['--ca-dir', join(SAMPLES, 'ca')];
    const result = await cli(['--json', `--image=:${A}`, ...ca, '-o', join(folder, 'x.tar')]);
    expect([result.code, result.exit]).toEqual(['signature-untrusted', 1]);
    expect(listAll(folder)).toEqual([]);
  });
});

function split(entry: string): string[] {
  return entry.split(' ');
}
