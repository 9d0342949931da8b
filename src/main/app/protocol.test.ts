import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleHandler, CONTENT_SECURITY_POLICY, isOwnUrl } from './protocol.ts';

let folder = '';
let get: (url: string, init?: RequestInit) => Promise<Response>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bundle-'));
  await mkdir(path.join(folder, 'bundle/assets'), { recursive: true });
  await writeFile(path.join(folder, 'bundle/index.html'), '<p>hello</p>');
  await writeFile(path.join(folder, 'bundle/assets/a-1_b.js'), '1');
  await writeFile(path.join(folder, 'bundle/key.pem'), 'no known type');
  await writeFile(path.join(folder, 'secret.js'), 'secret');
  const handler = bundleHandler(path.join(folder, 'bundle'));
  get = (url, init) => handler(new Request(url, init));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('serves the files of the bundle with type and policy', async () => {
  const page = await get('app://bundle/index.html');
  expect(await page.text()).toBe('<p>hello</p>');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  expect((await get('app://bundle/assets/a-1_b.js')).status).toBe(200);
});

test.each([
  'app://bundle/../secret.js',
  'app://bundle/%2e%2e/secret.js',
  'app://bundle/assets/%2e%2e%2f%2e%2e%2fsecret.js',
  'app://bundle/assets/..%5c..%5csecret.js',
  'app://bundle/assets/a-1_b.js%00.html',
  'app://bundle//secret.js',
  'app://bundle/key.pem',
  'app://bundle/',
  'app://bundle/assets',
  'app://other/index.html',
  'file:///etc/passwd.html',
])('%s leads nowhere', async (url) => {
  const response = await get(url);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe('not found');
});

test('only reading is possible', async () => {
  expect((await get('app://bundle/index.html', { method: 'POST' })).status).toBe(404);
});

test('other pages are not ours', () => {
  expect(isOwnUrl('app://bundle/index.html#x')).toBe(true);
  for (const url of ['app://bundle.example/', 'https://bundle/index.html', 'about:blank', '']) {
    expect(isOwnUrl(url)).toBe(false);
  }
});
