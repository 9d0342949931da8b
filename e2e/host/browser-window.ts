import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Frame, Page, Request as PageRequest, Route } from 'playwright';
import { startChromium, type Browser } from './chromium.ts';
import { app, ipcMain, nativeTheme, protocol } from './modules.ts';
import { runPreload } from './page-shim.ts';
import { host, ORIGIN, toAppUrl } from './state.ts';

interface WindowOptions {
  readonly width: number;
  readonly height: number;
  readonly webPreferences: {
    readonly preload: string;
    readonly sandbox: boolean;
    readonly contextIsolation: boolean;
    readonly nodeIntegration: boolean;
  };
}

interface SenderFrame {
  readonly url: string;
  readonly parent: SenderFrame | null;
}

function senderOf(frame: Frame): SenderFrame {
  const parent = frame.parentFrame();
  return { url: toAppUrl(frame.url()), parent: parent === null ? null : senderOf(parent) };
}

class WebContents extends EventEmitter {
  readonly #window: BrowserWindow;

  constructor(window: BrowserWindow) {
    super();
    this.#window = window;
  }

  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });

  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler;
  }

  isDestroyed(): boolean {
    return this.#window.page === null;
  }

  send(channel: string, payload: unknown): void {
    this.#window.page
      ?.evaluate(
        ([to, what]) =>
          (window as unknown as { __hostEmit?: (c: unknown, p: unknown) => void }).__hostEmit?.(
            to,
            what,
          ),
        [channel, payload],
      )
      // A page that is being closed or reloaded hears nothing more, as in Electron.
      .catch(() => undefined);
  }

  reload(): void {
    void this.#window.openPage();
  }
}

/** Electron's window as a Chromium of its own. */
export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents(this);
  page: Page | null = null;
  readonly #options: WindowOptions;
  #size: { readonly width: number; readonly height: number };
  #starting: Promise<Browser> | null = null;
  #browser: Browser | null = null;
  #closed = false;
  #url = '';

  constructor(options: WindowOptions) {
    super();
    const { sandbox, contextIsolation, nodeIntegration } = options.webPreferences;
    if (!sandbox || !contextIsolation || nodeIntegration) {
      throw new Error('the stand-in shows sandboxed windows only');
    }
    this.#options = options;
    this.#size = { width: options.width, height: options.height };
    host.windows.add(this);
  }

  /** Resolves when the page and all that it names is loaded: it has painted and asked for its start before. */
  async loadURL(url: string): Promise<void> {
    this.#url = url;
    this.#starting = startChromium(this.#options.width, this.#options.height);
    const browser = await this.#starting;
    this.#browser = browser;
    host.devtools = browser.devtools;
    const { context } = browser;
    const preload = readFileSync(this.#options.webPreferences.preload, 'utf8');
    await context.addInitScript(`(${runPreload.toString()})(${JSON.stringify(preload)})`);
    await context.route('**/*', (route) =>
      this.#leaves(route) ? route.abort('aborted') : serve(route),
    );
    await context.exposeBinding('__hostInvoke', ({ frame }, channel: string, payload: unknown) => {
      const handler = ipcMain.handlers.get(channel);
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
      return handler({ senderFrame: senderOf(frame), sender: this.webContents }, payload);
    });
    await context.exposeBinding('__hostPaths', ({ page }, count: number) => pathsOf(page, count));
    await this.openPage();
  }

  /** Opens (or, after a crash, opens again) the page of the window. */
  async openPage(): Promise<void> {
    const context = this.#browser?.context;
    if (context === undefined) return;
    const old = this.page;
    const page =
      old === null ? (context.pages()[0] ?? (await context.newPage())) : await context.newPage();
    this.page = page;
    await old?.close().catch(() => undefined);
    page.on('crash', () => this.webContents.emit('render-process-gone', {}, { reason: 'crashed' }));
    page.on('close', () => {
      if (this.page === page) this.destroy();
    });
    page.on('popup', (popup) => {
      const { action } = this.webContents.openHandler({ url: popup.url() });
      if (action === 'deny') void popup.close();
    });
    page.once('domcontentloaded', () => this.#firstPaint(page));
    this.applyTheme();
    // A busy machine takes its time; the limits of the tests find a page that never comes.
    await page.goto(this.#url.replace('app://bundle', ORIGIN), { timeout: 0 });
  }

  #firstPaint(page: Page): void {
    const painted = page.evaluate(
      () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve())),
    );
    painted.then(
      () => this.emit('ready-to-show'),
      () => undefined,
    );
  }

  /** Whether the page wants to go elsewhere and the app forbids it, as with Electron's `will-navigate`. */
  #leaves(route: Route): boolean {
    const request = route.request();
    const page = this.page;
    // Loading and reloading the app's own page are no navigations of the page itself.
    const own = toAppUrl(request.url()) === this.#url;
    if (own || page === null || !request.isNavigationRequest()) return false;
    if (frameOf(request) !== page.mainFrame()) return false;
    let prevented = false;
    this.webContents.emit('will-navigate', {
      url: toAppUrl(request.url()),
      preventDefault: () => (prevented = true),
    });
    return prevented;
  }

  applyTheme(): void {
    const { themeSource } = nativeTheme;
    const colorScheme = themeSource === 'system' ? null : themeSource;
    void this.page?.emulateMedia({ colorScheme }).catch(() => undefined);
  }

  promptPath(title: string, defaultPath: string): Promise<string | null> {
    return (
      this.page?.evaluate(([text, value]) => window.prompt(text, value), [title, defaultPath]) ??
      Promise.resolve(null)
    );
  }

  show(): void {
    this.#assertAlive();
  }

  focus(): void {
    this.#assertAlive();
  }

  getNormalBounds(): { width: number; height: number } {
    this.#assertAlive();
    return this.#size;
  }

  /** A person drags a corner of the window. */
  resize(width: number, height: number): void {
    this.#size = { width, height };
    this.page?.setViewportSize(this.#size).catch(() => undefined);
  }

  isMaximized(): boolean {
    this.#assertAlive();
    return false;
  }

  maximize(): void {
    this.#assertAlive();
  }

  isMinimized(): boolean {
    this.#assertAlive();
    return host.minimized;
  }

  restore(): void {
    this.#assertAlive();
    host.minimized = false;
  }

  setProgressBar(fraction: number): void {
    this.#assertAlive();
    host.progressBar = fraction;
  }

  close(): boolean {
    let prevented = false;
    this.emit('close', { preventDefault: () => (prevented = true) });
    // TypeScript does not see that a listener of the event may have set it.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
    if (!prevented) this.destroy();
    return prevented;
  }

  /** Closes the window without asking. */
  destroy(): void {
    if (!this.#closed) void this.#close();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.page = null;
    await this.#starting?.then((browser) => browser.close()).catch(() => undefined);
    this.emit('closed');
    host.windows.delete(this);
    if (host.windows.size === 0) app.allWindowsClosed();
  }

  /** Electron says so of every method of a window that has been closed. */
  #assertAlive(): void {
    if (this.#closed) throw new TypeError('Object has been destroyed');
  }
}

/** A page that has just been opened has no frame yet. */
function frameOf(request: PageRequest): Frame | null {
  try {
    return request.frame();
  } catch {
    return null;
  }
}

async function serve(route: Route): Promise<void> {
  const url = route.request().url();
  const handler = protocol.handlers.get('app');
  // Nothing else may be loaded: this is also what Electron's window would reach without network.
  if (!url.startsWith(`${ORIGIN}/`) || handler === undefined) {
    await route.abort();
    return;
  }
  const response = await handler(new Request(toAppUrl(url), { method: route.request().method() }));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

/** Paths of the files that the page has just put into `__hostFiles`. */
async function pathsOf(page: Page, count: number): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const paths: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { result } = await session.send('Runtime.evaluate', {
        expression: `window.__hostFiles[${index}]`,
      });
      const { path } = await session.send('DOM.getFileInfo', { objectId: result.objectId ?? '' });
      paths.push(path);
    }
    return paths;
  } finally {
    await session.detach();
  }
}
