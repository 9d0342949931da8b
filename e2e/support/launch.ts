import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import type { ControlRequest } from '../host/control.ts';
import { launchElectron, onElectron } from './launch-electron.ts';
import { dropFiles, ROOT, type Ask, type LaunchOptions, type RunningApp } from './running-app.ts';

export { ROOT, type LaunchOptions, type RunningApp } from './running-app.ts';

/** Milliseconds until a window is there, on a busy machine. */
const START_TIMEOUT = 120_000;

/** Starts the built app: on Electron where its runtime is installed, else in Chromium. */
export async function launch(options: LaunchOptions = {}): Promise<RunningApp> {
  const userData = options.userData ?? (await mkdtemp(path.join(tmpdir(), 'ota-e2e-')));
  const app = await (onElectron ? launchElectron : launchHost)(options, userData);
  const close = async (): Promise<void> => {
    await app.close();
    if (options.userData === undefined) await rm(userData, { recursive: true, force: true });
  };
  return { ...app, close };
}

async function launchHost(options: LaunchOptions, userData: string): Promise<RunningApp> {
  const child = fork(path.join(ROOT, 'out/main/index.js'), [...(options.args ?? [])], {
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      '--import',
      path.join(ROOT, 'e2e/host/hook.ts'),
    ],
    env: {
      ...process.env,
      OTA_HOST_USER_DATA: userData,
      OTA_HOST_LOCALE: options.locale ?? 'en',
      ...(options.backend === undefined ? {} : { OTA_HOST_BACKEND: options.backend.href }),
      ...options.env,
    },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ask = asker(child);
  let browser: Browser | null = null;
  const close = async (): Promise<void> => {
    await browser?.close();
    if (child.connected) child.disconnect();
    await exited;
  };
  try {
    const devtools = await waitFor(() => ask('devtools'), exited);
    browser = await chromium.connectOverCDP(devtools);
    const connected = browser;
    const currentPage = async (): Promise<Page> =>
      waitFor(() => Promise.resolve(appPage(connected)), exited);
    const page = await currentPage();
    return {
      page,
      userData,
      ask,
      drop: async (selector, paths) => dropFiles(await currentPage(), selector, paths),
      currentPage,
      exited,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function appPage(browser: Browser): Page | null {
  const pages = browser.contexts().flatMap((context) => context.pages());
  return pages.findLast((page) => page.url().startsWith('https://bundle.app.invalid/')) ?? null;
}

function asker(child: ChildProcess): Ask {
  let last = 0;
  const waiting = new Map<number, (result: unknown) => void>();
  child.on('message', ({ id, result }: { id: number; result: unknown }) => {
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  return (name, ...args) =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve as (result: unknown) => void);
      child.send({ id: last, name, args } satisfies ControlRequest, (error) => {
        // The app has just ended: the test looks at `exited`.
        if (error !== null) resolve(null as never);
      });
    });
}

async function waitFor<T>(get: () => Promise<T | null>, exited: Promise<unknown>): Promise<T> {
  const ended = exited.then(() => 'ended' as const);
  const until = Date.now() + START_TIMEOUT;
  while (Date.now() < until) {
    const got = await Promise.race([get(), ended]);
    if (got === 'ended') throw new Error('the app ended before it was ready');
    if (got !== null) return got;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the app has no window');
}
