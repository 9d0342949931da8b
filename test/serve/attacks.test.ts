import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  FIRST_BYTE_TIMEOUT,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_HEADER_BYTES,
} from '../../src/main/serve/limits.ts';
import { cli } from '../support/cli.ts';
import { makeImage, packImage } from '../support/image-factory.ts';
import { get } from '../support/serve-client.ts';
import { serveFor, type Serving } from '../support/serving.ts';
import { sharedTmpFolder } from '../support/tmp.ts';

const shared = sharedTmpFolder();
const image = () => join(shared(), 'out.tar');

beforeAll(async () => {
  const files = [{ path: '/etc/hostname', content: Buffer.from('ecu') }];
  writeFileSync(join(shared(), 'in.tar'), packImage(makeImage({ files })));
  writeFileSync(join(shared(), 'secret'), 'secret');
  const { exit, stderr } = await cli([`--image=a:${join(shared(), 'in.tar')}:1`, '-o', image()]);
  expect(exit, stderr).toBe(0);
});

/** Sends bytes as they are; everything that comes back until the server ends the connection. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1')));
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return answer;
}

const statuses = (answer: string): number[] =>
  Array.from(answer.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => Number(status));

function requestFor(server: Serving, target: string, lines: readonly string[] = []): string {
  const host = `127.0.0.1:${server.port}`;
  const head = [`GET ${target} HTTP/1.1`, `Host: ${host}`, `Cookie: ${server.cookie}`];
  return [...head, 'Connection: close', ...lines, '', ''].join('\r\n');
}

const TRAVERSALS = [
  '../../secret',
  '..%2f..%2fsecret',
  '%2e%2e/%2e%2e/secret',
  '%2e%2e%2f%2e%2e%2fsecret',
  '..%5c..%5csecret',
  '..\\..\\secret',
  '%252e%252e%252fsecret',
  '%c0%ae%c0%ae/secret',
  'data/../../secret',
  'data/etc/../etc/hostname',
  'data//etc/hostname',
  './metadata.jwt',
  'metadata.jwt%00',
  'metadata.jwt/',
  '/etc/passwd',
  'data/etc/passwd',
  '../0/metadata.jwt',
];

test.each(TRAVERSALS)('a path that leads elsewhere is not found: %s', async (path) => {
  const server = await serveFor(image());
  const answer = await send(server.port, requestFor(server, server.base(0) + path));
  expect(statuses(answer)).toEqual([404]);
  expect(answer).not.toContain('secret');
});

test.each(['/', '/x', '/0/metadata.jwt', '/../', '//', '/%2e%2e/'])(
  'above the base there is nothing: %s',
  async (path) => {
    const server = await serveFor(image());
    const answer = await send(server.port, requestFor(server, path));
    expect(statuses(answer)).toEqual([path === '/' ? 200 : 404]);
  },
);

test.each(['00', '1', '-1', '0x0', '1e0', '', '99999'])(
  'no image has the number %j',
  async (at) => {
    const server = await serveFor(image());
    const path = `${server.base(0).replace(/0\/$/, '')}${at}/metadata.jwt`;
    expect((await get({ ...server, kind: 'http' }, path)).status).toBe(404);
  },
);

describe('requests for other hosts', () => {
  test('are never passed on, whatever their form', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('other');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const server = await serveFor(image());
    const forms = [
      `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}`,
      `GET http://example.invalid/ HTTP/1.1\r\nHost: example.invalid`,
      `GET http://user@example.invalid/ HTTP/1.1\r\nHost: 127.0.0.1`,
      `GET ftp://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}`,
      `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}`,
      `GET / HTTP/1.1\r\nHost: example.invalid`,
      `GET ${server.base(0)}metadata.jwt HTTP/1.1\r\nHost: example.invalid`,
      `GET http://127.0.0.1:${port}${server.base(0)}x HTTP/1.1\r\nHost: 127.0.0.1:${port}`,
    ];
    const found: number[] = [];
    for (const form of forms) {
      const text = `${form}\r\nCookie: ${server.cookie}\r\nConnection: close\r\n\r\n`;
      found.push(...statuses(await send(server.port, text)));
    }
    // The first is the probe of a proxy, by another port of our own address.
    expect(found).toEqual([200, 403, 400, 400, 405, 403, 403, 404]);
    expect(asked).toEqual([]);
  });
});

describe('forms by which two readers see two requests', () => {
  const HIDDEN = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  test.each([
    ['a length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`],
    ['an odd coding', 'Transfer-Encoding: xchunked\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 4\r\n\r\n'],
    ['a folded line', 'X: a\r\n Content-Length: 4\r\n\r\n'],
    ['a body', `Content-Length: ${HIDDEN.length}\r\n\r\n`],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bare line feed', 'X: a\n\n'],
    ['a bare carriage return', 'X: a\rContent-Length: 4\r\n\r\n'],
    ['a zero byte', 'X: a\0b\r\n\r\n'],
    ['a signed length', 'Content-Length: +4\r\n\r\n'],
    ['a hexadecimal length', 'Content-Length: 0x4\r\n\r\n'],
    ['two lengths in one line', 'Content-Length: 0, 4\r\n\r\n'],
    ['two codings', 'Transfer-Encoding: chunked, identity\r\n\r\n'],
    ['chunks in another spelling', 'Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n'],
    ['two hosts', 'Host: example.invalid\r\n\r\n'],
    ['an expectation and a body', 'Expect: 100-continue\r\nContent-Length: 4\r\n\r\n'],
    ['an unknown expectation and a body', 'Expect: x\r\nContent-Length: 4\r\n\r\n'],
  ])('are refused, and end the connection: %s', async (_, rest) => {
    const server = await serveFor(image());
    const head = `GET ${server.base(0)}metadata.jwt HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
    const text = `${head}Cookie: ${server.cookie}\r\n${rest}${HIDDEN}`;
    expect(statuses(await send(server.port, text))).toEqual([400]);
  });
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])(
  '%s is not allowed',
  async (method) => {
    const server = await serveFor(image());
    const way = { ...server, kind: 'http' as const };
    const { status, headers } = await get(way, `${server.base(0)}metadata.jwt`, {}, method);
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  },
);

test.each(['', 'offline-ota=', 'offline-ota=0', 'other=x', 'xoffline-ota=1'])(
  'without the right cookie nothing is given: %j',
  async (cookie) => {
    const server = await serveFor(image());
    const way = { port: server.port, kind: 'http' as const, cookie };
    const { status, body } = await get(way, `${server.base(0)}metadata.jwt`);
    expect([status, body.toString()]).toEqual([403, '403\n']);
    await vi.waitFor(() => expect(server.events).toMatchObject([{ refusal: 'cookie' }]));
  },
);

test.each([
  ['too large', [`X-Large: ${'x'.repeat(MAX_HEADER_BYTES)}`]],
  ['too many', Array.from({ length: 3000 }, () => 'a:')],
])('headers that are %s are refused, and told', async (_, lines) => {
  const server = await serveFor(image());
  const answer = await send(server.port, requestFor(server, '/', lines));
  expect(statuses(answer)).toEqual([431]);
  expect(server.events).toMatchObject([{ kind: 'refused', refusal: 'malformed' }]);
});

test('a client that sends its headers too slowly is cut off', { timeout: 120_000 }, async () => {
  const server = await serveFor(image());
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write('GET / HTTP/1.1\r\n');
  const drip = setInterval(() => socket.write('X: y\r\n'), 500);
  await once(socket, 'close');
  clearInterval(drip);
  expect(server.events).toMatchObject([{ refusal: 'slow' }]);
});

test('a client that connects and sends nothing is cut off', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await serveFor(image());
  const accepted = vi.getTimerCount();
  const socket = connect(server.port, '127.0.0.1').resume();
  socket.on('error', () => undefined);
  while (vi.getTimerCount() === accepted) await new Promise(setImmediate);
  vi.advanceTimersByTime(FIRST_BYTE_TIMEOUT);
  await once(socket, 'close');
  expect(server.events).toMatchObject([{ kind: 'refused', refusal: 'slow' }]);
});

test('what asks for another protocol on the port is answered as HTTP, or refused', async () => {
  const server = await serveFor(image());
  const upgrade = [
    'Connection: Upgrade, close',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ];
  const [head] = requestFor(server, '/').split('Connection: close');
  const asked = `${head ?? ''}${[...upgrade, '', ''].join('\r\n')}`;
  expect(statuses(await send(server.port, asked))).toEqual([200]);
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  expect(statuses(await send(server.port, preface))).toEqual([400]);
  // The beginning of a TLS handshake, where the server has no certificate.
  expect(await send(server.port, '\x16\x03\x01')).toBe('');
  expect(server.events).toContainEqual(expect.objectContaining({ refusal: 'tls-off' }));
});

test('of one address no more connections are taken than the limit, and others still get theirs', async () => {
  const server = await serveFor(image());
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  let closed = 0;
  for (let i = 0; i < MAX_CONNECTIONS_PER_ADDRESS + 50; i++) {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    socket.on('error', () => undefined);
    socket.on('close', () => closed++);
    sockets.push(socket);
  }
  await vi.waitFor(() => expect(closed).toBe(50), { timeout: 30_000 });
  const way = { port: server.port, kind: 'http' as const, cookie: server.cookie };
  expect((await get(way, `${server.base(0)}metadata.jwt`)).status).toBe(200);
  const refused = server.events.filter(({ refusal }) => refusal === 'connections');
  expect(refused.length).toBeGreaterThan(0);
  // Told in words no more often than a person can read.
  expect(refused.length).toBeLessThan(50);
});

/** For hangs alone. */
const SOON = { timeout: 30_000 };

test('of ten thousand connections few are held and few are told of, and the next client is served', async () => {
  const [ALL, WAVE] = [10_000, 250];
  const server = await serveFor(image());
  const held = new Set<Socket>();
  onTestFinished(() => held.forEach((socket) => socket.destroy()));
  for (let opened = 0; opened < ALL; opened += WAVE) {
    // From another address each, as an attacker has them.
    const localAddress = `127.0.1.${opened / WAVE}`;
    const wave = Array.from({ length: WAVE }, async () => {
      const socket = connect({ port: server.port, host: '127.0.0.1', localAddress });
      socket.on('error', () => undefined);
      held.add(socket);
      socket.on('close', () => held.delete(socket));
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
    });
    await Promise.all(wave);
    await vi.waitFor(() => expect(held.size).toBeLessThanOrEqual(MAX_CONNECTIONS), SOON);
  }
  const told = server.events.filter(({ refusal }) => refusal === 'connections');
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(ALL / 10);
  held.forEach((socket) => socket.destroy());
  await vi.waitFor(async () => {
    const way = { port: server.port, kind: 'http' as const, cookie: server.cookie };
    expect((await get(way, `${server.base(0)}metadata.jwt`)).status).toBe(200);
  }, SOON);
});

test('a client that hangs up without a byte keeps no connection', async () => {
  const server = await serveFor(image());
  const open = (localAddress: string): Socket => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress });
    return socket.on('error', () => undefined).resume();
  };
  const all = Array.from({ length: MAX_CONNECTIONS_PER_ADDRESS }, () => open('127.0.0.3'));
  await Promise.all(all.map((socket) => once(socket, 'connect')));
  for (const socket of all) socket.end();
  await Promise.all(all.map((socket) => once(socket, 'close')));
  // None of them waited for its time to be over.
  expect(server.events).toEqual([]);
});

test('nothing listens on the other addresses of this computer', async () => {
  const server = await serveFor(image());
  const others = Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each?.family === 'IPv4' && !each.internal ? each.address : []));
  for (const address of ['127.0.0.2', ...others]) {
    const socket = connect(server.port, address);
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => 'connected'),
      once(socket, 'error').then(() => 'refused'),
    ]).catch(() => 'refused');
    socket.destroy();
    expect([address, outcome]).toEqual([address, 'refused']);
  }
});

test('closing ends connections that wait, send and receive', async () => {
  const server = await serveFor(image());
  const idle = connect(server.port, '127.0.0.1');
  const slow = connect(server.port, '127.0.0.1');
  slow.write('GET / HTTP/1.1\r\n');
  const ended = [once(idle, 'close'), once(slow, 'close')];
  [idle, slow].forEach((socket) => socket.on('error', () => undefined).resume());
  await Promise.all([once(idle, 'connect'), once(slow, 'connect')]);
  await sleep(50);
  await server.close();
  await Promise.all(ended);
});
