import type { Bridge } from '../src/shared/ipc.ts';
import { ScenarioFile } from './support/scenario-file.ts';
import { expect, test } from './support/test.ts';

declare global {
  interface Window {
    readonly ota: Bridge;
  }
}

test('the page has no Node, and cannot leave its bundle', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder);
  await stage.play();
  const { page } = await start(stage.options);
  const reached = await page.evaluate(() => {
    const world = window as unknown as Record<string, unknown>;
    return ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer'].filter(
      (name) => world[name] !== undefined,
    );
  });
  expect(reached).toEqual([]);
  expect(await page.evaluate(() => Object.keys(window.ota).sort())).toEqual([
    'invoke',
    'on',
    'pathOf',
  ]);
});

test('inline and remote scripts, and connections, are blocked', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder);
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  const violations = await page.evaluate(async () => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      seen.push(event.effectiveDirective);
    });
    const inline = document.createElement('script');
    inline.textContent = 'window.injected = true';
    document.body.append(inline);
    const remote = document.createElement('script');
    remote.src = 'https://example.invalid/x.js';
    document.body.append(remote);
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.body.append(style);
    await fetch('https://example.invalid/').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { seen, injected: 'injected' in window };
  });
  expect(violations.injected).toBe(false);
  expect([...new Set(violations.seen)].sort()).toEqual([
    'connect-src',
    'script-src-elem',
    'style-src-elem',
  ]);
  app.forgiveComplaints();
});

test('forged commands are refused', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder);
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  const forged = await page.evaluate(async () => {
    const id = '6f8c1b1e-3a53-4f0c-9a0e-3a1f0a6a5f10';
    const attempts: [string, unknown][] = [
      ['images.add', { id, path: 5 }],
      ['images.add', { id: '../x', path: '/etc/passwd' }],
      ['images.add', { id, path: '/x', extra: true }],
      ['job.build', { images: [], outputs: [] }],
      [
        'job.build',
        {
          images: [{ id, ecuId: 'a', version: '' }],
          outputs: [{ kind: 'drive', identity: '/dev/sda' }],
        },
      ],
      ['job.show', { id, path: '/etc' }],
      ['settings.change', { caDir: ['x'] }],
      ['plan.files', { images: [], search: '', sort: 'size', offset: -1, limit: 1e9 }],
    ];
    const codes: string[] = [];
    for (const [command, payload] of attempts) {
      const answer = await window.ota.invoke(command, payload);
      codes.push('error' in answer ? answer.error.code : 'accepted');
    }
    return codes;
  });
  expect(forged).toEqual(Array.from({ length: 8 }, () => 'internal'));
  await expect(page.evaluate(() => window.ota.invoke('../handlers', undefined))).rejects.toThrow(
    /No handler/u,
  );
});

test('a foreign frame and a foreign page are refused', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder);
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  // The binding is what a frame with the preload script would have; CSP forbids frames altogether.
  const answer = await page.evaluate(async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const inner = frame.contentWindow as unknown as {
      __hostInvoke?: (channel: string, payload: unknown) => Promise<unknown>;
    };
    await new Promise((resolve) => setTimeout(resolve, 200));
    return inner.__hostInvoke?.('ota:app.start', undefined) ?? null;
  });
  expect(answer).toMatchObject({ error: { code: 'internal' } });
  app.forgiveComplaints();
});

test('the page cannot go elsewhere, open windows or be granted anything', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder);
  await stage.play();
  const app = await start(stage.options);
  const { page, ask } = app;
  const own = page.url();
  for (const away of ['https://example.invalid/', 'file:///etc/passwd', 'data:text/html,x']) {
    await page.evaluate((url) => void (location.href = url), away);
    await page.waitForTimeout(200);
    expect(page.url()).toBe(own);
  }
  await page.evaluate(() => void window.open('https://example.invalid/'));
  await page.evaluate(() => void window.open('about:blank'));
  await expect.poll(() => page.context().pages().length).toBe(1);
  await expect(page.locator('header')).toBeVisible();

  const page1 = 'app://bundle/index.html';
  for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'fileSystem']) {
    expect(await ask('permission', name, page1), name).toBe(false);
  }
  // The copy button; only for the app itself.
  expect(await ask('permission', 'clipboard-sanitized-write', page1)).toBe(true);
  expect(await ask('permission', 'clipboard-sanitized-write', 'https://x.invalid/')).toBe(false);
  app.forgiveComplaints();
});

test('no address leads out of the bundle', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder);
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  const answers: number[] = [];
  page.on('response', (response) => answers.push(response.status()));
  const paths = [
    '/../main/index.js',
    '/..%2fmain/index.js',
    '/%2e%2e/main/index.js',
    '/assets/..%5c..%5cmain/index.js',
    '//main/index.js',
    '/assets/%2e%2e%2f%2e%2e%2fmain%2findex.js',
  ];
  const ends = await page.evaluate(
    (all) =>
      Promise.all(
        all.map(
          (path) =>
            new Promise((resolve) => {
              const script = document.createElement('script');
              script.onload = () => resolve('loaded');
              script.onerror = () => resolve('refused');
              // A host of its own in the address is stopped by the policy, not by the bundle.
              script.src = path.startsWith('//') ? location.origin + path : path;
              document.body.append(script);
            }),
        ),
      ),
    paths,
  );
  expect(ends).toEqual(paths.map(() => 'refused'));
  // Some are one and the same address when they are asked for.
  expect([...new Set(answers)]).toEqual([404]);
  app.forgiveComplaints();
});

test('the menu is in the language of the app and opens no tools of developers', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder);
  await stage.play();
  const { page, ask } = await start({ ...stage.options, locale: 'ja-JP' });
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  const entries = (await ask('seen')).menu.flatMap(({ submenu }) => submenu ?? []);
  const roles = entries.map(({ role }) => role?.toLowerCase());
  expect(roles).toContain('zoomin');
  expect(roles).toContain('paste');
  expect(roles.filter((role) => /devtools|reload/u.test(role ?? ''))).toEqual([]);
  expect(entries.map(({ label }) => label)).toContain('貼り付け');
});
