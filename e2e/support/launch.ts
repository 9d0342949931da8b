import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';
import type { ControlRequest, HostControl } from '../host/control.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface LaunchOptions {
  /** Arguments of the app, as a person or the system gives them. */
  readonly args?: readonly string[];
  readonly locale?: string;
  /** Folder of settings and history; a new one if it is not given. */
  readonly userData?: string;
  /** Module that takes the place of the engine's worker. */
  readonly backend?: URL;
  readonly env?: Readonly<Record<string, string>>;
}

type Ask = <Name extends keyof HostControl>(
  name: Name,
  ...args: Parameters<HostControl[Name]>
) => Promise<ReturnType<HostControl[Name]>>;

/** A running app with its window, and what a person can do to it outside of the window. */
export interface RunningApp {
  readonly page: Page;
  readonly userData: string;
  readonly ask: Ask;
  /** Drops files and folders on the middle of an element. */
  readonly drop: (selector: string, paths: readonly string[]) => Promise<void>;
  /** The page that the window shows now: another one after a crash. */
  readonly currentPage: () => Promise<Page>;
  readonly exited: Promise<number | null>;
  readonly close: () => Promise<void>;
}

/** Seconds until a window is there, on a busy machine. */
const START_TIMEOUT = 30_000;

export async function launch(options: LaunchOptions = {}): Promise<RunningApp> {
  const userData = options.userData ?? (await mkdtemp(path.join(tmpdir(), 'ota-e2e-')));
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
    if (options.userData === undefined) await rm(userData, { recursive: true, force: true });
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

async function dropFiles(page: Page, selector: string, paths: readonly string[]): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not visible`);
  const session = await page.context().newCDPSession(page);
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await session.detach();
}
