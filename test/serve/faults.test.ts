import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { CHUNK_BYTES } from '../../src/main/serve/limits.ts';
import type { ServedImage } from '../../src/main/serve/served-image.ts';
import { cli } from '../support/cli.ts';
import { makeImage, packImage, seededBytes } from '../support/image-factory.ts';
import { get } from '../support/serve-client.ts';
import { serveFor, type Serving } from '../support/serving.ts';
import { sharedTmpFolder } from '../support/tmp.ts';

const shared = sharedTmpFolder();
const image = () => join(shared(), 'out.tar');
const large = seededBytes(1, 1_500_000);
const text = seededBytes(2, 900_000, 'text');
const small = Buffer.from('0123456789');

beforeAll(async () => {
  const files = [
    { path: '/large', content: large },
    { path: '/text', content: text },
    { path: '/small', content: small },
    { path: '/empty', content: Buffer.alloc(0) },
  ];
  writeFileSync(join(shared(), 'in.tar'), packImage(makeImage({ files })));
  const { exit, stderr } = await cli([`--image=a:${join(shared(), 'in.tar')}:1`, '-o', image()]);
  expect(exit, stderr).toBe(0);
});

const wayTo = (server: Serving) => ({ ...server, kind: 'http' as const });

/** Reading fails from a byte of each file of data/ on. */
const failingFrom =
  (byte: number) =>
  (served: ServedImage): ServedImage => ({
    ...served,
    read: (path, offset, length) =>
      path.startsWith('data/') && offset + length > byte
        ? Promise.reject(Object.assign(new Error('gone'), { code: 'EIO' }))
        : served.read(path, offset, length),
  });

test('what cannot be read at all is a 503 that clients try again', async () => {
  const server = await serveFor(image(), { edit: failingFrom(0) });
  for (const name of ['data/small', 'data/large', 'data/text']) {
    const { status, headers } = await get(wayTo(server), server.base(0) + name);
    expect([status, headers['retry-after']]).toEqual([503, '5']);
  }
  expect((await get(wayTo(server), `${server.base(0)}metadata.jwt`)).status).toBe(200);
  expect(server.events.map(({ refusal }) => refusal)).toContain('unreadable');
});

test('a read error in the middle destroys the connection, so that no client takes the rest for a file', async () => {
  const server = await serveFor(image(), { edit: failingFrom(1_000_000) });
  await expect(get(wayTo(server), `${server.base(0)}data/large`)).rejects.toThrow();
  await vi.waitFor(() => expect(server.events).toMatchObject([{ complete: false }]));
});

test('what unpacks to another size than the metadata lists is not passed off as complete', async () => {
  const server = await serveFor(image(), {
    edit: (served) => ({
      ...served,
      catalogue: {
        ...served.catalogue,
        images: served.catalogue.images.map((each) => ({
          ...each,
          find: (name) => {
            const found = each.find(name);
            return found?.unpack === true ? { ...found, size: text.length - 1 } : found;
          },
        })),
      },
    }),
  });
  const { status } = await get(wayTo(server), `${server.base(0)}data/text`);
  expect(status).toBe(503);
});

test('where nothing tells the size of what is unpacked, it is measured first', async () => {
  const server = await serveFor(image(), {
    edit: (served) => ({
      ...served,
      catalogue: {
        ...served.catalogue,
        images: served.catalogue.images.map((each) => ({
          ...each,
          find: (name) => {
            const found = each.find(name);
            return found?.unpack === true ? { ...found, size: null } : found;
          },
        })),
      },
    }),
  });
  const { headers, body } = await get(wayTo(server), `${server.base(0)}data/text`);
  expect(headers['content-length']).toBe(String(text.length));
  expect(body.equals(text)).toBe(true);
});

test('HEAD tells the length and sends nothing, an empty file is a 200', async () => {
  const server = await serveFor(image());
  const ask = (name: string, method: string) =>
    get(wayTo(server), server.base(0) + name, {}, method);
  const head = await ask('data/large', 'HEAD');
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
    ...[200, String(large.length)],
    0,
  ]);
  const empty = await ask('data/empty', 'GET');
  expect([empty.status, empty.headers['content-length']]).toEqual([200, '0']);
});

test.each([
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=10-', 416, '416\n', 'bytes */10'],
  ['bytes=0-1,3-4', 200, '0123456789', undefined],
])('the range %j of ten bytes is answered with %i', async (range, status, body, contentRange) => {
  const server = await serveFor(image());
  const answer = await get(wayTo(server), `${server.base(0)}data/small`, { range });
  expect([answer.status, answer.body.toString(), answer.headers['content-range']]).toEqual([
    ...[status, body],
    contentRange,
  ]);
});

test('an answer is never encoded, whatever the client accepts', async () => {
  const server = await serveFor(image());
  const accept = { 'accept-encoding': 'gzip, br, zstd', range: 'bytes=0-9' };
  const { status, headers, body } = await get(wayTo(server), `${server.base(0)}data/text`, accept);
  expect([status, headers['content-encoding'], headers['accept-ranges']]).toEqual([
    ...[200, undefined],
    undefined,
  ]);
  expect(body.equals(text)).toBe(true);
});

test('a client that goes away in the middle ends the reading, and others are served', async () => {
  let reads = 0;
  const gone = Promise.withResolvers<undefined>();
  const server = await serveFor(image(), {
    edit: (served) => ({
      ...served,
      async read(path, offset, length) {
        reads++;
        if (offset > 0) await gone.promise;
        return served.read(path, offset, length);
      },
    }),
  });
  const socket = connect(server.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET ${server.base(0)}data/large HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${server.cookie}\r\n\r\n`,
  );
  await once(socket, 'readable');
  socket.destroy();
  await vi.waitFor(() => expect(server.events).toHaveLength(1));
  gone.resolve(undefined);
  const { body } = await get(wayTo(server), `${server.base(0)}data/large`);
  expect(body.equals(large)).toBe(true);
  // Of the first answer the piece that was sent, the one that was being read, and perhaps one more.
  expect(reads).toBeLessThanOrEqual(Math.ceil(large.length / CHUNK_BYTES) + 3);
});
