/** Makes the seeds in corpus/ anew. Regressions, which have other names, stay. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { openZip } from '../../src/main/engine/archive/zip.ts';
import { unzstd } from '../../src/main/engine/inspect/v1/unzstd.ts';
import { build } from '../../src/main/jobs/index.ts';
import { encodeControl, encodeHeader, type FrameType } from '../../src/shared/writer-protocol.ts';
import { materialise } from '../support/ext4/materialise.ts';
import { layoutOf, stickContents } from '../support/ext4/plans.ts';
import { mkfsTool, run } from '../support/ext4/oracles.ts';
import {
  compressArchive,
  makeImage,
  makeJwt,
  makePki,
  packImage,
  packWithGnuTar,
  quote,
  seededBytes,
  sha256,
  type ImageFile,
} from '../support/image-factory.ts';
import {
  mapAndData,
  oldSparse,
  paxSparse,
  starSparse,
  toPosix,
  type SparseRun,
} from '../support/sparse-tar.ts';
import { packTar, paxPart, paxRecord, type TarPart } from '../support/tar-writer.ts';
import { packZip } from '../support/zip.ts';
import { filter } from '../support/v1-image.ts';
import { vehicleMessages } from './vehicle-messages.ts';
import { CORPUS } from './corpus.ts';

function seed(target: string, name: string, bytes: Uint8Array | string): void {
  mkdirSync(join(CORPUS, target), { recursive: true });
  writeFileSync(join(CORPUS, target, `seed-${name}`), bytes);
}

for (const target of readdirSync(CORPUS, { withFileTypes: true })) {
  if (!target.isDirectory()) continue;
  const folder = join(CORPUS, target.name);
  for (const name of readdirSync(folder)) if (name.startsWith('seed-')) rmSync(join(folder, name));
}

const { signer, caFiles } = makePki('fuzz');
const FILES: ImageFile[] = [
  { path: '/etc/a,b', content: seededBytes(1, 40) },
  { path: "/etc/it's", content: seededBytes(2, 700, 'text'), compress: true },
  { path: '/lib/x', content: seededBytes(3, 513) },
  { path: '/lib/y', content: seededBytes(3, 513), linkTo: '/lib/x' },
  { path: `/deep${'/folder'.repeat(16)}/${'n'.repeat(120)}`, content: new Uint8Array(0) },
];
const image = makeImage({
  files: FILES,
  identity: signer,
  symlinks: [['/l', 'x']],
  persistents: ['/p'],
});
const tar = packImage(image);

/** One file with two holes, in every form, and one with more runs than a header holds. */
function sparseParts(): Record<string, TarPart[]> {
  const runs: SparseRun[] = [
    [512, 512],
    [4096, 1024],
  ];
  const many = Array.from({ length: 9 }, (_, i): SparseRun => [1024 * i, 512]);
  const last = { name: 'z', content: Buffer.from('behind it') };
  const numbers = runs.flat();
  const records: readonly (readonly [string, string])[] = [
    ['size', '9000'],
    ['numblocks', '2'],
    ...numbers.map((value, i) => [i % 2 === 0 ? 'offset' : 'numbytes', `${value}`] as const),
  ];
  const repeated = records.map(([key, value]) => paxRecord(`GNU.sparse.${key}`, value));
  const data = Buffer.alloc(1536, 'x');
  const v1 = { major: '1', minor: '0', name: 'f', realsize: '9000' };
  return {
    old: [oldSparse(runs, 9000, 1536), last],
    'old-extended': [oldSparse(many, 9000, 512 * 9), last],
    star: [starSparse(runs, 9000, 1536), last],
    'pax-0.0': [
      { name: 'pax', type: 'x', content: Buffer.concat(repeated) },
      { name: 'f', content: data, edit: toPosix },
      last,
    ],
    'pax-0.1': paxSparse({ size: '9000', name: 'f', numblocks: '2', map: numbers.join(',') }, data),
    'pax-1.0': paxSparse(v1, mapAndData(`2\n${numbers.join('\n')}\n`, 1536)),
  };
}

/** Without the zeros that fill the last record: changes are to hit headers. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, Math.min(bytes.length, Math.ceil(end / 512) * 512 + 1024));
}

const few = image.filter(({ name }) => /^(dirs|persistents)\.txt$|^data\/(lib|etc\/a)/.test(name));
for (const dialect of ['gnu', 'pax', 'ustar', 'v7'] as const)
  seed('tar', dialect, trimmed(packWithGnuTar(few, { dialect, dotSlash: dialect === 'gnu' })));
const longName = { name: `data/${'n'.repeat(120)}`, content: seededBytes(9, 30) };
seed(
  'tar',
  'long-name',
  trimmed(packTar([longName, { name: 'x', type: '1', link: longName.name }])),
);
const pax = paxPart({ path: 'data/p', size: '40' });
const paxed = [
  pax,
  { name: 'x', content: seededBytes(4, 40) },
  { name: 'y', type: '1', link: 'data/p' },
];
seed('tar', 'pax-size', trimmed(packTar(paxed)));
for (const [name, parts] of Object.entries(sparseParts()))
  seed('sparse', name, trimmed(packTar(parts)));
seed('image', 'plain', trimmed(tar));
seed(
  'image',
  'raw-signature',
  trimmed(
    packImage(
      makeImage({
        files: FILES.slice(0, 2),
        identity: signer,
        signature: 'raw',
        padded: false,
        columns: 1,
        compressedFolder: null,
      }),
    ),
  ),
);

const small = packTar([{ name: 'a', content: seededBytes(5, 3000, 'text') }]);

for (const compression of ['gzip', 'zstd', 'zstd-frames', 'xz', 'bzip2'] as const)
  seed(
    `codec-${compression.replace('-frames', '')}`,
    compression,
    compression === 'bzip2' ? bzip2(small) : compressArchive(small, compression),
  );
/** In blocks of 100 kB: of 900 kB, the decoder’s tables take most of the time. */
function bzip2(bytes: Buffer): Buffer {
  return execFileSync('bzip2', ['-1', '-c'], { input: bytes });
}

seed(
  'codec-gzip',
  'two',
  Buffer.concat([compressArchive(small, 'gzip'), compressArchive(small, 'gzip'), Buffer.alloc(40)]),
);
seed(
  'codec-xz',
  'two',
  Buffer.concat([compressArchive(small, 'xz'), Buffer.alloc(8), compressArchive(small, 'xz')]),
);
seed('unzstd', 'one', compressArchive(small, 'zstd'));
seed('unzstd', 'frames', compressArchive(small, 'zstd-frames'));

const parts = [
  { name: 'blobs/', content: Buffer.alloc(0) },
  { name: 'blobs/a', content: seededBytes(6, 50) },
];
seed(
  'zip',
  'plain',
  packZip([...parts, { name: 'oci-layout', content: Buffer.from('{}') }], 'comment'),
);
seed('zip', 'empty', packZip([]));

const claims = JSON.parse(
  Buffer.from(
    String(image.find(({ name }) => name === 'metadata.jwt')?.content).split('.')[1] ?? '',
    'base64url',
  ).toString(),
) as unknown;
seed('claims', 'all', JSON.stringify(claims));
seed('jwt', 'der', makeJwt(claims, signer));
seed('jwt', 'raw', makeJwt(claims, signer, { signature: 'raw', padded: false }));
writeFileSync(join(CORPUS, 'signer.pem'), signer.pem);
const der = (pem: string) => new X509Certificate(pem).raw;
seed('certificate', 'signer', der(signer.pem));
for (const [name, pem] of Object.entries(caFiles))
  seed('certificate', name.replace('.pem', ''), der(pem));

const hash = sha256(seededBytes(1, 40));
const owner = '0644,0,0';
seed(
  'table',
  'regulars',
  FILES.map(
    ({ path }, i) => `${owner},${i + 1},${hash},${quote(path)},5,${i},${i % 2 === 0 ? '' : 'zst'}`,
  ).join('\n'),
);
seed('table', 'old', `${owner},1,${hash},'/a',5\n${owner},1,${hash},'/b'\n`);
seed('table', 'directories', `0755,0,0,'/etc'\n0755,1000,1000,${quote("/it's, odd")}\n`);
seed('table', 'symlinks', `0777,0,0,'/a','../b'\n`);
seed('table', 'persistents', `'/etc/hosts'\n'/x'\n`);

const samples = join(import.meta.dirname, '../fixtures/samples-v1');
for (const name of ['v1_a', 'v1_b']) {
  const input = await openZip(join(samples, `${name}.zip`));
  const contents = await input.readMany(
    [...input.members.keys()].filter((key) => (input.members.get(key)?.size ?? 0) < 300_000),
    300_000,
  );
  for (const [path, bytes] of contents) {
    const id = `${name}-${path.slice(-6)}`;
    if (path === 'index.jwt') seed('index-token', name, bytes);
    else if (/^\s*\{/.test(Buffer.from(bytes.subarray(0, 20)).toString()))
      seed('document', id, bytes);
    else seedTable(id, bytes);
  }
}

/** Tables are stored plain or as zstd; anything else is a file of a vehicle. */
function seedTable(id: string, bytes: Uint8Array): void {
  let table: Uint8Array;
  try {
    table = bytes[0] === 0x28 ? unzstd(bytes, 2 ** 20) : bytes;
  } catch {
    return;
  }
  if (!Buffer.from(table).toString('latin1').startsWith('SQLite format 3')) return;
  // A database in memory cannot get smaller pages.
  const file = join(tmpdir(), `fuzz-table-${process.pid}`);
  writeFileSync(file, table);
  const database = new DatabaseSync(file);
  const names = database.prepare('SELECT name FROM sqlite_schema').all();
  const isFiles = names.some(({ name }) => name === 'ft_regular');
  if (isFiles)
    database.exec(
      'DELETE FROM ft_regular WHERE path NOT IN (SELECT path FROM ft_regular LIMIT 40)',
    );
  database.exec('PRAGMA page_size=512; VACUUM');
  database.close();
  const shrunk = readFileSync(file);
  rmSync(file);
  if (shrunk.length < 100_000) seed(isFiles ? 'file-table' : 'resource-table', id, shrunk);
}

for (const [name, bytes] of Object.entries({
  bundle: filter('b', 165, 1668, 1434),
  compressed: filter('c', 2, 'zstd'),
  slices: filter('s', 1, 2, 70_000, 2n ** 63n),
  many: filter('s', ...Array.from({ length: 40 }, (_, i) => i)),
}))
  seed('filter', name, bytes);

const volume = join(tmpdir(), `fuzz-corpus-${process.pid}`);
materialise(layoutOf(stickContents(20, 600), null), volume);
seed('ext4', 'ours.gz', gzipSync(readFileSync(volume), { level: 9 }));
rmSync(volume);
for (const [name, options] of Object.entries({
  plain: ['-b', '1024', '-O', '^metadata_csum,^has_journal,^resize_inode,^64bit'],
  extents: ['-b', '1024', '-I', '256', '-O', '^metadata_csum,^has_journal,^resize_inode,dir_index'],
})) {
  const source = join(tmpdir(), `fuzz-tree-${process.pid}`);
  mkdirSync(join(source, 'data'), { recursive: true });
  for (let i = 0; i < 40; i++)
    writeFileSync(join(source, 'data', `${'n'.repeat(60)}${i}`), seededBytes(i, i * 20));
  writeFileSync(join(source, 'manifest.json'), '{}');
  writeFileSync(volume, '');
  run(mkfsTool, [
    '-q',
    '-F',
    '-N',
    '64',
    '-L',
    'ota_cache_src',
    ...options,
    '-d',
    source,
    volume,
    '256',
  ]);
  seed('ext4', `${name}.gz`, gzipSync(readFileSync(volume), { level: 9 }));
  rmSync(volume);
  rmSync(source, { recursive: true });
}
const source = join(tmpdir(), `fuzz-image-${process.pid}.tar`);
const finished = join(tmpdir(), `fuzz-finished-${process.pid}.tar`);
writeFileSync(source, tar);
const { signal } = new AbortController();
await build(
  {
    images: [{ path: source, ecuId: 'a', version: '1', releaseKey: null }],
    outputs: [{ kind: 'tar', path: finished }],
    ...{ caDir: null, checkSignature: false, timestamp: 1 },
  },
  { signal, onProgress: () => undefined },
);
seed('finished', 'tar', trimmed(readFileSync(finished)));
rmSync(source);
rmSync(finished);
seed(
  'manifest',
  'one',
  JSON.stringify({
    schema_version: 1,
    image_layout_version: 1,
    build_timestamp: 1,
    data_size: 2,
    data_files_num: 3,
    meta_size: 4,
    image_meta: [
      { ecu_id: 'a', image_version: '', ota_metadata_version: 1 },
      { ecu_id: 'b', image_version: 'x', ota_metadata_version: 1, image_format: 'ota-image-v1' },
    ],
  }),
);

const frame = (type: FrameType, value: unknown, offset = 0) => {
  const payload = value instanceof Uint8Array ? value : encodeControl(value);
  return Buffer.concat([encodeHeader({ type, length: payload.length, offset }), payload]);
};
const block = new Uint8Array(1024).fill(7);
seed('handshake', 'app', frame('challenge', { nonce: 'ab'.repeat(32), proof: 'cd'.repeat(32) }));
seed(
  'handshake',
  'writer',
  Buffer.concat([
    frame('hello', { nonce: 'ab'.repeat(32) }),
    frame('proof', { proof: 'cd'.repeat(32) }),
    frame('heartbeat', null),
  ]),
);
seed(
  'session',
  'write',
  Buffer.concat([
    frame('prepare', {
      wipe: [
        { offset: 0, length: 4096 },
        { offset: 200_000, length: 4096 },
      ],
      signature: null,
    }),
    frame('write', block, 4096),
    frame('write', block, 8192),
    frame('flush', null),
    frame('read', { length: 1024 }, 4096),
    frame('commit', block, 0),
    frame('eject', null),
    frame('bye', null),
  ]),
);
seed(
  'session',
  'check',
  Buffer.concat([
    frame('read', { length: 100 }, 77),
    frame('read', { length: 4096 }, 0),
    frame('bye', null),
  ]),
);

// At the last bytes of the device: one digit more reaches beyond.
const DEVICE_BYTES = 256 * 1024;
const last = DEVICE_BYTES - 4096;
seed(
  'session',
  'edge',
  Buffer.concat([
    frame('read', { length: 4096 }, last),
    frame('prepare', { wipe: [{ offset: last, length: 4096 }] }),
    frame('write', block, DEVICE_BYTES - block.length),
    frame('commit', block, DEVICE_BYTES - block.length),
  ]),
);

const identity = {
  path: '/dev/sdx',
  serial: 'S',
  model: null,
  size: 64e9,
  transport: 'usb',
  deviceNumber: '8:0',
  generation: '5',
};
const id = '2f1a9f5c-6f0a-4c7e-9b3b-0f6e1c2d3a4b';
const images = [{ id, ecuId: 'a', version: null }];
const messages: Record<string, unknown> = {
  'images.add': { id, path: '/images/a.tgz' },
  'images.choose': { kind: 'files' },
  'plan.files': { images, search: 'x', sort: 'path', offset: 0, limit: 50 },
  'plan.preview': { images },
  'settings.change': { language: 'ja', theme: 'dark', caDir: null },
  'output.choose': { kind: 'tar' },
  'job.check': { subjects: [{ kind: 'drive', identity }], eject: true },
  'job.cancel': { id },
  'job.show': { id, path: '/x' },
  'drive.eject': { identity },
};
for (const [command, payload] of Object.entries(messages))
  seed('ipc', command, JSON.stringify({ command, payload }));
seed(
  'ipc',
  'job.build',
  JSON.stringify({
    command: 'job.build',
    payload: {
      images,
      outputs: [
        { kind: 'drive', identity },
        { kind: 'img', path: '/x.img', size: null },
      ],
    },
  }),
);
seed('ipc', 'app.start', JSON.stringify({ command: 'app.start' }));

const lines: Record<string, string[]> = {
  build: [
    '--image',
    'ecu:/x/a.tgz:1',
    '--image',
    ':/x/b.zip',
    '-o',
    'x.tar',
    '-o',
    'f/',
    '--ca-dir',
    'ca',
    '--size',
    '32GB',
  ],
  stick: [
    '--image',
    'ecu:C:\\a:1',
    '-w',
    '/dev/sdx',
    '--confirm-write-to',
    '--allow-fixed',
    '--no-eject',
    '--release-key',
    'prd',
  ],
  img: ['--image', 'e:a', '--output', 'x', '--format', 'img', '--size=1.5 TiB', '--lang=ja'],
  inspect: ['inspect', '--json', 'a', 'b'],
  verify: ['verify', '-q', 'x.tar'],
  drives: ['drives', 'list', '--verbose'],
};
for (const [name, argv] of Object.entries(lines)) seed('command-line', name, argv.join('\0'));

// What a vehicle, or somebody else in its network, sends.
const BASE = '0123456789abcdef0123456789abcdef';
const COOKIE = 'Cookie: key=00112233445566778899aabbccddeeff';
seed(
  'request-target',
  'absolute',
  `http://127.0.0.1:8443/${BASE}/0/data/etc/a%20b\n127.0.0.1:8443`,
);
seed(
  'request-target',
  'escaped',
  `/${BASE}/12/data/we%22ird%20%5C%20name%20%231%20%3F%3B%26%24.txt\nlocalhost`,
);
seed('request-target', 'plain', `/${BASE}/0/metadata.jwt\n127.0.0.1`);
seed('request-target', 'probe', '/\n127.0.0.1');
const requestOf = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
seed(
  'served-port',
  'get',
  requestOf(`GET /${BASE}/0/metadata.jwt HTTP/1.1`, 'Host: 127.0.0.1', COOKIE),
);
seed(
  'served-port',
  'range',
  requestOf(
    ...[`GET http://127.0.0.1/${BASE}/0/x HTTP/1.1`, 'Host: 127.0.0.1', COOKIE],
    'Range: bytes=2-4',
  ),
);
seed(
  'served-port',
  'two',
  requestOf('HEAD / HTTP/1.1', 'Host: localhost') +
    requestOf(
      ...[`GET /${BASE}/0/a HTTP/1.1`, 'Host: localhost', 'Cookie: a=b', 'Connection: close'],
    ),
);
seed('served-port', 'tls', Buffer.from('160301000568656c6c6f', 'hex'));
for (const [name, message] of Object.entries(vehicleMessages()))
  seed('vehicle-status', name, message);
