import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { cli, type CliResult } from '../support/cli.ts';
import { makeImage, packImage, sha256 } from '../support/image-factory.ts';
import { get } from '../support/serve-client.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { tool } from '../support/tools.ts';

const curl = tool('curl');

const shared = sharedTmpFolder();
const image = () => join(shared(), 'out.tar');

beforeAll(async () => {
  const files = [{ path: '/etc/hostname', content: Buffer.from('ecu') }];
  writeFileSync(join(shared(), 'in.tar'), packImage(makeImage({ files })));
  const input = join(shared(), 'in.tar');
  const args = [`--image=a:${input}:1.0`, `--image=b:${input}`, '-o', image()];
  expect((await cli(args)).exit).toBe(0);
});

interface Serving {
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly updates: { ecuId: string; version: string; url: string; cookies: string }[];
}

/** Serves while `use` runs; then Ctrl-C. */
async function serving(
  args: readonly string[],
  use: (serving: Serving, events: Record<string, unknown>[]) => Promise<void>,
): Promise<CliResult> {
  const ended = new AbortController();
  const events: Record<string, unknown>[] = [];
  const used = Promise.withResolvers<undefined>();
  used.promise.catch(() => undefined);
  const result = await cli(['serve', image(), '--listen', '127.0.0.1:0', '--json', ...args], {
    signal: ended.signal,
    env: { XDG_CONFIG_HOME: shared(), HOME: shared() },
    onEvent(event) {
      events.push(event);
      if ((event.kind as string) === 'serving')
        void use(event as unknown as Serving, events)
          .then(() => used.resolve(undefined), used.reject)
          .finally(() => ended.abort());
    },
  });
  await used.promise;
  return result;
}

const cookieOf = (cookies: string) =>
  Object.entries(JSON.parse(cookies) as Record<string, string>)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

test('serve verifies, tells the URL of each ECU, and gives files to who has the cookie', async () => {
  const { exit } = await serving([], async ({ port, updates }, events) => {
    expect(updates.map(({ ecuId, version }) => [ecuId, version])).toEqual([
      ['a', '1.0'],
      ['b', expect.stringMatching(/^offline-[0-9a-f]{12}$/) as string],
    ]);
    expect(events.find(({ kind }) => kind === 'checked')).toMatchObject({
      report: { complete: true },
    });
    for (const { url, cookies } of updates) {
      const { pathname } = new URL(url);
      expect(pathname).toMatch(/^\/[0-9a-f]{32}\/[01]\/$/);
      const way = { port, kind: 'http' as const, cookie: cookieOf(cookies) };
      const { body } = await get(way, `${pathname}data/etc/hostname`);
      expect(sha256(body)).toBe(sha256(Buffer.from('ecu')));
    }
    await vi.waitFor(() =>
      expect(events.filter(({ kind }) => kind === 'request')).toMatchObject([
        ...[{ status: 200, bytes: 3, complete: true }, { status: 200 }],
      ]),
    );
  });
  expect(exit).toBe(0);
});

test('with --tls-self the CA that is named is what a client has to trust', async () => {
  await serving(['--tls-self', '--cookie', 'key=value'], async ({ port, updates }, events) => {
    const authority = events.find(({ kind }) => kind === 'authority');
    expect(authority).toMatchObject({
      install: expect.stringContaining('update-ca-certificates') as string,
    });
    const ca = readFileSync(String(authority?.['path']), 'utf8');
    const url = new URL(updates[0]?.url ?? '');
    expect(url.protocol).toBe('https:');
    const way = { port, kind: 'https' as const, cookie: 'key=value' };
    expect((await get({ ...way, ca }, `${url.pathname}metadata.jwt`)).status).toBe(200);
    await expect(get(way, `${url.pathname}metadata.jwt`)).rejects.toThrow(/certificate/);
    if (curl.missing !== null) return;
    // OpenSSL says to the server why it leaves, as vehicles do.
    expect(
      (
        (await promisify(execFile)(curl.path, ['-s', url.href]).catch(
          (error: unknown) => error as { code: number },
        )) as { code: number }
      ).code,
    ).toBe(60);
    await vi.waitFor(() =>
      expect(events.some(({ refusal }) => refusal === 'tls-failed')).toBe(true),
    );
  });
});

test('without a certificate a client that asks for HTTPS is turned away with the reason', async () => {
  await serving(['--no-cookie'], async ({ port, updates }, events) => {
    expect(updates[0]?.cookies).toBe('{}');
    const { pathname } = new URL(updates[0]?.url ?? '');
    await expect(get({ port, kind: 'https' }, pathname)).rejects.toThrow();
    expect((await get({ port, kind: 'http' }, `${pathname}metadata.jwt`)).status).toBe(200);
    await vi.waitFor(() => expect(events.some(({ refusal }) => refusal === 'tls-off')).toBe(true));
  });
});

test('an image that is not complete is not served', async () => {
  const broken = join(tmpFolder(), 'broken.tar');
  const bytes = readFileSync(image());
  const at = bytes.indexOf('ecu', 1024);
  bytes[at] = 0x45;
  writeFileSync(broken, bytes);
  const { exit, code } = await cli(['serve', broken, '--json', '--listen', '127.0.0.1:0']);
  expect([exit, code]).toEqual([1, 'verify-failed']);
});

test.each([
  [['serve'], 'usage-one-image'],
  [['serve', 'a', 'b'], 'usage-one-image'],
  [['serve', 'a', '--listen', '0.0.0.0'], 'usage-listen-everywhere'],
  [['serve', 'a', '--listen', '[::]:80'], 'usage-listen-everywhere'],
  [['serve', 'a', '--listen', '0:80'], 'usage-option'],
  [['serve', 'a', '--listen', 'host'], 'usage-option'],
  [['serve', 'a', '--listen', '127.0.0.1:70000'], 'usage-option'],
  [['serve', 'a', '--tls-cert', 'x'], 'usage-tls-pair'],
  [['serve', 'a', '--tls-cert', 'x', '--tls-key', 'y', '--tls-self'], 'usage-tls-twice'],
  [['serve', 'a', '--cookie', 'a=b', '--no-cookie'], 'usage-cookie-twice'],
])('%j is a wrong argument: %s', async (args, code) => {
  expect(await cli([...args, '--json'])).toMatchObject({ exit: 22, code });
});

test('a port that is taken, and an address that this computer lacks, are said', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const at = async (place: string) =>
    (await cli(['serve', image(), '--json', '--listen', place])).code;
  expect(await at(`127.0.0.1:${port}`)).toBe('serve-port-in-use');
  expect(await at('203.0.113.1:0')).toBe('serve-address-unavailable');
});

test('Ctrl-C ends the process, also while a client holds a connection', async () => {
  const main = join(import.meta.dirname, '../../src/main/cli/main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, 'serve', image()];
  const child = spawn(process.execPath, [...args, '--json', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { kind: string; port: number };
    if (event.kind !== 'serving') continue;
    const answer = await get({ port: event.port, kind: 'http' }, '/');
    expect(answer.status).toBe(200);
    child.kill('SIGINT');
  }
  const [code] =
    child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
  expect(code).toBe(0);
});
