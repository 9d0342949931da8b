import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { ownIdentity } from '../../src/main/serve/own-authority.ts';
import { cli } from '../support/cli.ts';
import { makeImage, ODD_NAMES, packImage, sampleFiles, sha256 } from '../support/image-factory.ts';
import {
  ENCODINGS,
  get,
  playLegacyClient,
  playV1Client,
  readLines,
  vehicleAgent,
  type Way,
} from '../support/serve-client.ts';
import { SERVED_SAMPLES, serveFor, type Serving } from '../support/serving.ts';
import { sharedTmpFolder } from '../support/tmp.ts';
import { describeNeeding, tool } from '../support/tools.ts';

const curl = tool('curl');
const python = tool('python3');
const sha256sum = tool('sha256sum');

const shared = sharedTmpFolder();
const built = (name: string) => join(shared(), name);
const [asPython] = ENCODINGS[0] === undefined ? [] : [ENCODINGS[0][1]];
const pythonQuotes = asPython ?? ((path: string) => path);

beforeAll(async () => {
  const odd = built('odd.tar.zst');
  writeFileSync(odd, packImage(makeImage({ files: sampleFiles(1) }), { compression: 'zstd' }));
  const builds: [string, readonly string[]][] = [
    ['legacy.tar', SERVED_SAMPLES.legacy],
    ['legacy.img', SERVED_SAMPLES.legacy],
    ['v1.img', SERVED_SAMPLES.v1],
    ['mixed.tar', SERVED_SAMPLES.mixed],
    ['mixed/', SERVED_SAMPLES.mixed],
    ['odd.tar', [`--image=odd:${odd}:1.0`]],
  ];
  for (const [name, args] of builds) {
    if (name.endsWith('/')) mkdirSync(built(name));
    const { exit, stderr } = await cli([
      ...args,
      '-o',
      `${built(name)}${name.endsWith('/') ? '/' : ''}`,
    ]);
    expect(exit, stderr).toBe(0);
  }
});

const SERVED: readonly (readonly [string, Way['kind']])[] = [
  ['legacy.tar', 'http'],
  ['legacy.img', 'https'],
  ['legacy.tar', 'proxy'],
  ['v1.img', 'http'],
  ['v1.img', 'proxy'],
  ['v1.img', 'https'],
  ['mixed.tar', 'http'],
  ['mixed.tar', 'https'],
  ['mixed/', 'proxy'],
];

/** Serves with a certificate of our own CA, and how a client reaches it. */
async function serving(name: string, kind: Way['kind']): Promise<{ server: Serving; way: Way }> {
  const identity = await ownIdentity(built('authority'), '127.0.0.1');
  const server = await serveFor(built(name), { tls: identity });
  const { port, cookie } = server;
  const ca = readFileSync(identity.authorityPath, 'utf8');
  const way = {
    port,
    kind,
    cookie,
    agent: vehicleAgent(kind),
    ...(kind === 'https' ? { ca } : {}),
  };
  return { server, way };
}

async function playAll({ image, base }: Serving, way: Way): Promise<number> {
  let files = 0;
  for (const { index, ecuId, format } of image.catalogue.images) {
    const { status } = await get(way, `${base(index)}oci-layout`);
    expect(status).toBe(format === 'v1' ? 200 : 404);
    const result =
      format === 'v1'
        ? await playV1Client(way, base(index), ecuId)
        : await playLegacyClient(way, base(index), pythonQuotes);
    expect(result.faults).toEqual([]);
    files += result.files;
  }
  return files;
}

test.each(ENCODINGS)(
  'the legacy samples are found with paths %s, also unpacked',
  async (...about) => {
    const { server, way } = await serving('legacy.tar', 'http');
    for (const { index } of server.image.catalogue.images) {
      const { files, faults } = await playLegacyClient(way, server.base(index), about[1], true);
      expect(faults).toEqual([]);
      expect(files).toBeGreaterThan(10);
    }
  },
);

test.each(SERVED)('%s of the samples gives a client every file over %s', async (name, kind) => {
  const { server, way } = await serving(name, kind);
  expect(await playAll(server, way)).toBeGreaterThan(100);
});

describe('an image with odd names', () => {
  test.each(ENCODINGS)('is found with paths %s, also unpacked', async (_, encoding) => {
    for (const kind of ['http', 'https', 'proxy'] as const) {
      const { server, way } = await serving('odd.tar', kind);
      const { files, faults } = await playLegacyClient(way, server.base(0), encoding, true);
      expect([kind, ...faults]).toEqual([kind]);
      expect(files).toBeGreaterThan(2 * ODD_NAMES.length);
    }
  });

  test('keeps a plus sign, and decodes percent signs once', async () => {
    const { server, way } = await serving('odd.tar', 'http');
    const status = async (name: string) => (await get(way, `${server.base(0)}data${name}`)).status;
    expect(await status('/etc/hostname')).toBe(200);
    expect(await status('/etc/%68ostname')).toBe(200);
    expect(await status('/etc/%2568ostname')).toBe(404);
    expect(await status('/usr/lib/copy+of+libc')).toBe(404);
    expect(await status('/usr/lib/copy%20of%20libc')).toBe(200);
  });
});

test('a client that gets another byte says so', async () => {
  const server = await serveFor(built('legacy.tar'), {
    edit: (image) => ({
      ...image,
      async read(path, offset, length) {
        const bytes = Uint8Array.from(await image.read(path, offset, length));
        if (path.startsWith('data/') && offset === 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
        return bytes;
      },
    }),
  });
  const { port, cookie } = server;
  const way = { port, cookie, kind: 'http' as const };
  const played = playLegacyClient(way, server.base(0), pythonQuotes);
  await expect(
    played.then(
      ({ faults }) => faults.length > 100,
      () => true,
    ),
  ).resolves.toBe(true);
});

test('100 connections at once get every file', async () => {
  const { server, way } = await serving('odd.tar', 'http');
  const { body } = await get(way, `${server.base(0)}regulars.txt`);
  const lines = readLines(body);
  const agent = vehicleAgent('http', 100);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => lines)
      .flat()
      .map(async ({ path, hash }) => {
        const name = `${server.base(0)}data${pythonQuotes(path)}`;
        return sha256((await get({ ...way, agent }, name)).body) === hash;
      }),
  );
  agent.destroy();
  expect(answers.length).toBeGreaterThan(400);
  expect(answers.every(Boolean)).toBe(true);
});

/** Runs as `python3 -c`: asks for each line of standard input, prints the SHA-256 of each answer. */
const PYTHON = `
import hashlib, http.client, sys
port, cookie = int(sys.argv[1]), sys.argv[2]
connection = http.client.HTTPConnection('127.0.0.1', port)
for line in sys.stdin:
    connection.request('GET', line.rstrip('\\n'), headers={'Cookie': cookie})
    answer = connection.getresponse()
    body = answer.read()
    print(answer.status, hashlib.sha256(body).hexdigest())
`;

describeNeeding([curl, python, sha256sum], 'foreign clients', () => {
  test('curl and http.client of Python get the contents that regulars.txt lists', async () => {
    const { server, way } = await serving('odd.tar', 'http');
    const { body } = await get(way, `${server.base(0)}regulars.txt`);
    const lines = readLines(body).filter(({ path }) => !path.includes('\t'));
    const urls = lines.map(({ path }) => `${server.base(0)}data${pythonQuotes(path)}`);
    const asked = promisify(execFile)(python.path, ['-c', PYTHON, String(way.port), server.cookie]);
    asked.child.stdin?.end(`${urls.join('\n')}\n`);
    const { stdout } = await asked;
    expect(stdout.trim().split('\n')).toEqual(lines.map(({ hash }) => `200 ${hash}`));

    const folder = built('curl');
    mkdirSync(folder);
    const config = urls.flatMap((url, i) => [
      `url = "http://127.0.0.1:${way.port}${url}"`,
      `output = "${join(folder, String(i).padStart(4, '0'))}"`,
    ]);
    writeFileSync(join(folder, 'config'), ['path-as-is', 'fail', ...config].join('\n'));
    const args = ['-sS', '--globoff', '-b', server.cookie, '-K', join(folder, 'config')];
    await promisify(execFile)(curl.path, args);
    const sums = execFileSync('sh', ['-c', 'sha256sum 0*'], { cwd: folder, encoding: 'utf8' });
    expect(
      sums
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 64)),
    ).toEqual(lines.map(({ hash }) => hash));
  });
});
