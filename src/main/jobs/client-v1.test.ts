import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedTmpFolder, tmpFolder } from '../../../test/support/tmp.ts';
import { testNeeding, tool, type Tool } from '../../../test/support/tools.ts';
import { offlineServer, playClient, type Asked } from '../../../test/support/v1-client.ts';
import { sha256 } from '../../../test/support/v1-image.ts';
import type { CheckReport, OutputRequest } from '../../shared/model/job.ts';
import { openInput } from '../engine/archive/open-input.ts';
import { build } from './build.ts';
import { checkTarget } from './check.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');
const tar = tool('tar');
const debugfs = tool('debugfs');
const context = { signal: new AbortController().signal, onProgress: () => undefined };

const image = (name: string, ecuId: string | null) => ({
  path: join(FIXTURES, name),
  ecuId,
  version: null,
  releaseKey: null,
});
const P1 = image('samples/p1_image.tgz', 'p1');
/** Both samples of the newer format and one legacy image. */
const MIXED = [image('samples-v1/v1_a.zip', null), image('samples-v1/v1_b.zip', null), P1];

async function buildFrom(images: typeof MIXED, outputs: readonly OutputRequest[]): Promise<void> {
  const how = { caDir: null, checkSignature: true, timestamp: 1_700_000_000 };
  await build({ images, outputs, ...how }, context);
}

/** Every kind of file output. */
const buildMixed = (folder: string) =>
  buildFrom(MIXED, [
    { kind: 'folder', path: join(folder, 'folder') },
    { kind: 'tar', path: join(folder, 'out.tar') },
    { kind: 'img', path: join(folder, 'out.img'), size: null },
  ]);

/** Files by path within a folder. */
const reader = (folder: string) => (path: string) => {
  const full = join(folder, path);
  return existsSync(full) ? readFileSync(full) : null;
};

/** ECU, index, and what samples-v1/README.md says of its regular files. */
const ECUS = [
  ['autoware', 0, 173],
  ['main_ecu', 1, 163],
  ['sub_ecu', 2, 41],
] as const;

/** What clients of the samples ask for; all but the otaclient package is in each of them. */
const EVERYTHING_ASKED: readonly Asked[] = [
  ...(['index', 'payload manifest', 'config', 'sys config', 'file table'] as const),
  ...(['resource table', 'plain', 'compressed', 'slice', 'bundle'] as const),
  ...(['otaclient manifest', 'otaclient config', 'otaclient package'] as const),
];

/** Of those what leads to no other name, so that all of it may be missing at once. */
const LEAVES: readonly string[] = [
  ...(['plain', 'compressed', 'slice', 'bundle'] as const),
  ...(['sys config', 'otaclient config', 'otaclient package'] as const),
];

/** The kinds of output, and what unpacks each without a part of the product. */
const OUTPUTS: readonly [string, Tool | null, (folder: string, to: string) => string[]][] = [
  ['folder', null, (folder, to) => ['cp', '-r', join(folder, 'folder'), to]],
  ['tar', tar, (folder, to) => [tar.path, 'xf', join(folder, 'out.tar'), '-C', to]],
  ['img', debugfs, (folder, to) => [debugfs.path, '-R', `rdump / ${to}`, join(folder, 'out.img')]],
];

describe('a client', () => {
  const built = sharedTmpFolder();
  beforeAll(() => buildMixed(built()));

  describe.each(OUTPUTS)('of a %s', (kind, needed, unpack) => {
    const unpacked = sharedTmpFolder();
    const folder = () => (kind === 'folder' ? join(unpacked(), kind) : unpacked());

    testNeeding(needed === null ? [] : [needed], 'gets every file of every payload', () => {
      const [command = '', ...args] = unpack(built(), unpacked());
      execFileSync(command, args, { stdio: 'pipe' });
      const asked = new Set<Asked>();
      for (const [ecuId, index, files] of ECUS) {
        const result = playClient(offlineServer(reader(folder()), index), ecuId);
        expect(result.faults).toEqual([]);
        expect(result.files).toBe(files);
        for (const why of result.downloads.values()) asked.add(why);
      }
      expect([...asked].sort()).toEqual([...EVERYTHING_ASKED].sort());
    });
  });

  test('fails where blobs are stored under their own digests', async () => {
    const naive = await storedUnderOwnDigests('samples-v1/v1_b.zip');
    const result = playClient(offlineServer(reader(naive), 0), 'main_ecu');
    expect(result.faults.length).toBeGreaterThan(150);
    // What is left is inlined, empty or stored as it is: samples-v1/README.md.
    expect(result.files).toBeLessThan(20);
  });

  test('fails where one name or one byte is wrong', () => {
    const good = reader(join(built(), 'folder'));
    const [, index, files] = ECUS[0];
    const { downloads } = playClient(offlineServer(good, index), 'autoware');
    for (const why of ['plain', 'compressed', 'slice', 'bundle'] as const) {
      const [name = ''] = [...downloads].find(([, asked]) => asked === why) ?? [];
      const without = (path: string) => (path === `data/${name}` ? null : good(path));
      const changed = (path: string) => {
        const bytes = good(path);
        if (path === `data/${name}`) bytes?.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
        return bytes;
      };
      for (const read of [without, changed]) {
        const result = playClient(offlineServer(read, index), 'autoware');
        expect(result.faults.length, why).toBeGreaterThan(0);
        expect(result.files, why).toBeLessThan(files);
      }
    }
  });
});

/** What the one public attempt makes: every blob of the image's storage, under its own name. */
async function storedUnderOwnDigests(image: string): Promise<string> {
  const folder = tmpFolder();
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, 'meta/0'), { recursive: true });
  const input = await openInput(join(FIXTURES, image));
  for (const [path, bytes] of await input.readMany([...input.members.keys()], 1e9)) {
    const name = path.split('/').at(-1) ?? '';
    writeFileSync(join(folder, path.startsWith('blobs/') ? 'data' : 'meta/0', name), bytes);
    if (path === 'index.json') writeFileSync(join(folder, 'data', sha256(bytes)), bytes);
  }
  return folder;
}

describe('verify', () => {
  const built = sharedTmpFolder();
  beforeAll(async () => {
    await buildMixed(built());
    const small = [image('samples-v1/v1_b.zip', 'sub_ecu'), P1];
    await buildFrom(small, [{ kind: 'folder', path: join(built(), 'small') }]);
  });

  /** Verifies a copy of an output with something changed. */
  async function verifyWith(
    change: (folder: string) => void,
    of: 'folder' | 'small' = 'folder',
  ): Promise<CheckReport> {
    const copy = join(tmpFolder(), 'out');
    cpSync(join(built(), of), copy, { recursive: true });
    change(copy);
    return checkTarget(copy, context);
  }

  /** What a client of an ECU asks for: paths, with the reason. */
  function pathsAsked(of: 'folder' | 'small', ecuId: string, index: number): Map<string, string> {
    const server = offlineServer(reader(join(built(), of)), index);
    const data = playClient(server, ecuId).downloads;
    return new Map([
      ...['oci-layout', 'index.json', 'index.jwt'].map((n) => [`meta/${index}/${n}`, n] as const),
      ...Array.from(data, ([name, why]) => [`data/${name}`, why] as const),
    ]);
  }

  /** One path of every kind in an output with one payload of an image and a legacy image. */
  function pathOfEachKind(): ReadonlyMap<string, string> {
    const legacy = globSync('*', { cwd: join(built(), 'small/meta/1') });
    return new Map([
      ...Array.from(pathsAsked('small', 'sub_ecu', 0), ([path, why]) => [why, path] as const),
      ...legacy.map((name) => [name, `meta/1/${name}`] as const),
    ]);
  }

  test.each(['folder', 'out.tar', 'out.img', 'small'])('finds nothing wrong: %s', async (name) => {
    const report = await checkTarget(join(built(), name), context);
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ complete: true, faultCount: 0 });
  });

  test('misses all blobs that clients ask for', async () => {
    const asked = new Map(ECUS.flatMap(([ecu, index]) => [...pathsAsked('folder', ecu, index)]));
    const paths = [...asked].flatMap(([path, why]) => (LEAVES.includes(why) ? [path] : []));
    const kinds = new Set([...asked.values()]);
    for (const kind of [...LEAVES, ...EVERYTHING_ASKED]) expect(kinds).toContain(kind);
    const report = await verifyWith((copy) => paths.forEach((path) => rmSync(join(copy, path))));
    const missing = report.faults.filter(({ kind }) => kind === 'missing');
    expect(missing.map(({ path }) => path).sort()).toEqual(paths.sort());
  });

  test('misses every file that leads to others', async () => {
    for (const [why, path] of pathOfEachKind()) {
      if (LEAVES.includes(why)) continue;
      const report = await verifyWith((copy) => rmSync(join(copy, path)), 'small');
      expect(report.complete, why).toBe(false);
      expect(report.faults, why).toContainEqual(expect.objectContaining({ kind: 'missing', path }));
    }
  });

  test('finds a changed byte in a file of every kind', async () => {
    const all = [...pathOfEachKind()];
    const leaves = all.filter(([why]) => LEAVES.includes(why));
    const rest = all.filter(([why]) => !LEAVES.includes(why));
    for (const changed of [leaves, ...rest.map((one) => [one])]) {
      const flip = (copy: string) => {
        for (const [, path] of changed) {
          const bytes = readFileSync(join(copy, path));
          const at = bytes.length >> 1;
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          writeFileSync(join(copy, path), bytes);
        }
      };
      const { complete, faults } = await verifyWith(flip, 'small');
      expect(complete).toBe(false);
      for (const [why, path] of changed) {
        // A fault of an image's metadata is reported for the file that shows it.
        const where = path.startsWith('data/') ? path : path.slice(0, 'meta/0/'.length);
        expect(faults.map((fault) => fault.path).join(' '), why).toContain(where);
      }
    }
  });

  test('finds a blob under the wrong one of its names', async () => {
    const ZST = pathOfEachKind().get('compressed') ?? '';
    const plain = ZST.replace('.zst', '');
    const report = await verifyWith((copy) => {
      copyFileSync(join(copy, ZST), join(copy, plain));
      rmSync(join(copy, ZST));
    }, 'small');
    expect(report.faults).toContainEqual(expect.objectContaining({ kind: 'missing', path: ZST }));
    expect(report.faults).toContainEqual(
      expect.objectContaining({ kind: 'unexpected', path: plain }),
    );
  });

  test('finds metadata of another image, and a manifest for another ECU', async () => {
    const report = await verifyWith((copy) => {
      copyFileSync(join(copy, 'meta/0/index.json'), join(copy, 'meta/1/index.json'));
      const manifest = readFileSync(join(copy, 'manifest.json'), 'utf8');
      writeFileSync(join(copy, 'manifest.json'), manifest.replace('sub_ecu', 'other'));
    });
    expect(report.faults).toContainEqual(
      expect.objectContaining({ kind: 'corrupt', path: 'meta/1/index.json' }),
    );
    expect(report.faults).toContainEqual(expect.objectContaining({ kind: 'manifest' }));
  });
});
