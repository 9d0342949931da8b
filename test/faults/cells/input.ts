import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../../src/shared/errors.ts';
import { makeIdentity } from '../../support/certificate.ts';
import { makeImage, seededBytes, without, withContent } from '../../support/image-factory.ts';
import { oldSparse } from '../../support/sparse-tar.ts';
import { packTar } from '../../support/tar-writer.ts';
import { faultyThreads } from '../faulty-threads.ts';
import { goodImage } from '../world.ts';
import {
  BEFORE,
  bytes,
  cancelled,
  CHANGES,
  flip,
  members,
  system,
  wrongBlob,
  wrongZst,
  type Cell,
} from './cell.ts';

function breakSignature(token: Buffer): Buffer {
  const [head, claims, signature = ''] = token.toString().split('.');
  const last = flip(Buffer.from(signature, 'base64url'), 60).toString('base64url');
  return Buffer.from([head, claims, last].join('.'));
}

/** A zstd frame (RFC 8878, 3.1.1.1.2) with a window of 2^31 bytes, and an empty block. */
const GREEDY_FRAME = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 1, 0, 0]);

const inspecting: Cell[] = (
  [
    ['the image is not there', 'input-not-found', (world) => rmSync(world.imagePath)],
    ['the image may not be read', 'input-unreadable', system('open', '/image', 'EACCES')],
    ['reading the image fails', 'input-unreadable', system('readSync', '/image', 'EIO')],
    ['it is no archive', 'not-an-archive', bytes(() => seededBytes(1, 5000))],
    [
      'it is a file of another format',
      'archive-kind-unsupported',
      bytes(() => Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1')),
    ],
    [
      'it is compressed twice',
      'compressed-kind-unsupported',
      bytes((tar) => gzipSync(gzipSync(tar))),
    ],
    [
      'a compressed file holds no archive',
      'compressed-without-tar',
      bytes(() => gzipSync('hello')),
    ],
    ['unpacking it needs too much memory', 'archive-needs-memory', bytes(() => GREEDY_FRAME)],
    [
      'a sparse file in it contradicts itself',
      'archive-corrupt',
      bytes(() =>
        packTar([
          ...goodImage(),
          oldSparse(
            [
              [512, 512],
              [0, 512],
            ],
            4096,
            1024,
          ),
        ]),
      ),
    ],
    ['it is no OTA image', 'not-an-image', bytes(() => packTar([{ name: 'a' }]))],
    [
      'the archive is cut off',
      'archive-truncated',
      bytes((tar) => tar.subarray(0, tar.length / 2)),
    ],
    ['a header is damaged', 'archive-corrupt', bytes((tar) => flip(tar, tar.indexOf('dirs.txt')))],
    [
      'bytes stand behind its end',
      'archive-trailing-garbage',
      bytes((tar) => Buffer.concat([tar, Buffer.from('x')])),
    ],
    [
      'a member leaves the folder',
      'member-name-unsafe',
      bytes(() => packTar([...goodImage(), { name: '../x' }])),
    ],
    [
      'a list is not what was signed',
      'metafile-hash-mismatch',
      members((image) =>
        withContent(image, 'dirs.txt', (text) => Buffer.concat([text, Buffer.from('\n')])),
      ),
    ],
    [
      'a list is missing',
      'metafile-missing',
      members((image) => without(image, (name) => name === 'dirs.txt')),
    ],
    [
      'a blob is missing',
      'blob-missing',
      members((image) => without(image, (name) => name === 'data/etc/plain')),
    ],
    [
      'a blob has another size',
      'blob-size-mismatch',
      members((image) => withContent(image, 'data/etc/plain', (content) => content.subarray(1))),
    ],
    [
      'the signature is wrong',
      'signature-invalid',
      members((image) => withContent(image, 'metadata.jwt', breakSignature)),
    ],
    ['no trusted signer', 'signature-untrusted', members(() => makeImage({ files: [] }))],
    [
      'the certificate has expired',
      'certificate-expired',
      members(() =>
        makeImage({ files: [], identity: makeIdentity({ validTo: new Date(Date.now() - 1000) }) }),
      ),
    ],
    [
      'the certificate is not valid yet',
      'certificate-not-yet-valid',
      members(() =>
        makeImage({
          files: [],
          identity: makeIdentity({ validFrom: new Date(Date.now() + 3_600_000) }),
        }),
      ),
    ],
    [
      'the CA folder is not there',
      'ca-unreadable',
      (world) => rmSync(world.caDir, { recursive: true }),
    ],
    ['it is cancelled', 'cancelled', cancelled('inspect')],
  ] as const satisfies readonly [string, ErrorCode, Cell['inject']][]
).map(([fault, code, inject]) => ({ stage: 'inspect', fault, code, after: BEFORE, inject }));

const unpacking: Cell[] = (
  [
    [
      'the compressed image is cut off',
      'archive-truncated',
      (world) => truncateSync(world.imagePath, statSync(world.imagePath).size - 9),
    ],
    [
      'the compressed image is damaged',
      'archive-corrupt',
      (world) => writeFileSync(world.imagePath, flip(readFileSync(world.imagePath), 50_000)),
    ],
    ['the decoder’s thread dies', 'internal', () => faultyThreads.arm('decode')],
  ] as const satisfies readonly [string, ErrorCode, Cell['inject']][]
).map(([fault, code, inject]) => ({
  stage: 'inspect',
  fault,
  code,
  after: BEFORE,
  image: 'gzip',
  inject,
}));

const planning: Cell[] = [
  {
    ...{
      stage: 'plan',
      fault: 'two images are for one ECU',
      code: 'ecu-id-duplicate',
      after: BEFORE,
    },
    inject: (world) =>
      (world.request = {
        ...world.request,
        images: [...world.request.images, ...world.request.images],
      }),
  },
  {
    ...{
      stage: 'plan',
      fault: 'the image file is to be too small',
      code: 'output-size-too-small',
      after: { tar: 'nothing', img: 'nothing' },
    },
    inject: (world) =>
      (world.request = {
        ...world.request,
        outputs: world.request.outputs.map((output) =>
          output.kind === 'img' ? { ...output, size: 1024 * 1024 } : output,
        ),
      }),
  },
  {
    ...{
      stage: 'plan',
      fault: 'the stick is too small',
      code: 'drive-too-small',
      after: { tar: 'nothing', stick: 'untouched' },
    },
    inject: (world) =>
      (world.request = {
        ...world.request,
        outputs: world.request.outputs.map((output) =>
          output.kind === 'drive'
            ? { ...output, identity: { ...output.identity, size: 1024 * 1024 } }
            : output,
        ),
      }),
  },
  ...(['tar', 'img', 'folder'] as const).map((name): Cell => ({
    ...{
      stage: 'plan',
      fault: `something is where the ${name} is to be`,
      code: 'output-exists',
      after: { [name]: 'another’s', stick: 'untouched' },
    },
    inject: (world) => world.putAnothers(name),
  })),
];

/** With a stick, contents are proved before it is touched; without, while they are written. */
const checking: Cell[] = [
  {
    stage: 'check',
    fault: 'a file is not what its hash says',
    code: 'blob-corrupt',
    after: BEFORE,
    inject: wrongBlob,
  },
  {
    stage: 'check',
    fault: 'a compressed file unpacks to something else',
    code: 'blob-corrupt',
    after: BEFORE,
    inject: wrongZst,
  },
  ...CHANGES.map(([fault, code, change]): Cell => ({
    ...{ stage: 'check', fault: `the image ${fault} after it was inspected`, code, after: BEFORE },
    inject: (world) => world.when('check', () => change(world.imagePath)),
  })),
  {
    stage: 'check',
    fault: 'a hashing thread dies',
    code: 'internal',
    after: BEFORE,
    inject: () => faultyThreads.arm('hash'),
  },
  {
    stage: 'check',
    fault: 'it is cancelled',
    code: 'cancelled',
    after: BEFORE,
    inject: cancelled('check'),
  },
];

/** What is wrong with the image or the request; nothing has been touched yet. */
export const inputCells: readonly Cell[] = [...inspecting, ...unpacking, ...planning, ...checking];
