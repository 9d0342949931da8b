import { BrowserWindow, nativeTheme } from 'electron';
import type { Choices } from '../../shared/ipc-sets.ts';
import { atMost } from './limit.ts';
import { APP_URL } from './protocol.ts';

/** In CSS pixels, as the window is when it is not maximized. */
export type WindowSize = NonNullable<Choices['window']>;

export interface WindowOptions {
  readonly title: string;
  /** As it was the last time; null: as it comes. */
  readonly size: WindowSize | null;
  /** The window is about to close; so large it was. */
  readonly onSize: (size: WindowSize) => void;
  /** Path of the preload script. */
  readonly preload: string;
  /** Returns whether the window may close now. */
  readonly mayClose: () => boolean;
  readonly onClosed: () => void;
  /** The page ended or could not be loaded, and is loaded again. */
  readonly onCrash: (reason: string) => void;
  /** The page ended too often to be loaded again. @returns whether to try once more all the same. */
  readonly onGivenUp: (reason: string) => Promise<boolean>;
}

/** How often a page is loaded again by itself: a process that cannot be started (`launch-failed`) never can. */
const RELOADS = 3;
/** Milliseconds in which these are counted. */
const RELOADS_WITHIN_MS = 60_000;

/**
 * Opens the app's one window: sandboxed, and unable to leave the app's own page. Returns before the page is
 * loaded, for the page sends commands while it loads, and they need the window.
 */
export function openWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    title: options.title,
    width: options.size?.width ?? 900,
    height: options.size?.height ?? 620,
    minWidth: 480,
    minHeight: 400,
    show: false,
    autoHideMenuBar: true,
    // --bg of the page's tokens.css: no flash before its first paint.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#15171c' : '#f5f6f8',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // A minimised window must still show true progress when it comes back.
      backgroundThrottling: false,
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  webContents.on('will-navigate', (event) => {
    // The page may load itself again, where an exception has taken it down.
    if (event.url !== APP_URL) event.preventDefault();
  });
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  window.on('close', (event) => {
    const { width, height } = window.getNormalBounds();
    options.onSize({ width, height, maximized: window.isMaximized() });
    if (!options.mayClose()) event.preventDefault();
  });
  window.once('ready-to-show', () => {
    // A screen may be smaller than the one of last time: the system keeps a window within it.
    if (options.size?.maximized === true) window.maximize();
    window.show();
  });

  let closed = false;
  window.on('closed', () => {
    closed = true;
    options.onClosed();
  });
  const recover = recoverer(options, () => {
    if (!closed) webContents.reload();
  });
  webContents.on('render-process-gone', (_event, { reason }) => recover(reason));
  window.loadURL(APP_URL).catch((error: unknown) => {
    // A window that is closed while it loads ends the load.
    if (!closed) recover(String(error));
  });
  return window;
}

/** Calls `reload` for each reason that the page is gone, until it is gone too often: then a person decides. */
function recoverer(options: WindowOptions, reload: () => void): (reason: string) => void {
  let passes = atMost(RELOADS, RELOADS_WITHIN_MS);
  let asking = false;
  return (reason) => {
    if (asking) return;
    if (passes()) {
      options.onCrash(reason);
      reload();
      return;
    }
    asking = true;
    void options.onGivenUp(reason).then((again) => {
      asking = false;
      passes = atMost(RELOADS, RELOADS_WITHIN_MS);
      if (again) reload();
    });
  };
}
