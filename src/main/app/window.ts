import { BrowserWindow, nativeTheme } from 'electron';
import { APP_URL } from './protocol.ts';

export interface WindowOptions {
  readonly title: string;
  /** Path of the preload script. */
  readonly preload: string;
  /** Returns whether the window may close now. */
  readonly mayClose: () => boolean;
  readonly onCrash: (reason: string) => void;
}

/** Opens the app's one window: sandboxed, and unable to leave the app's own page. */
export async function openWindow(options: WindowOptions): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    title: options.title,
    width: 900,
    height: 620,
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
  webContents.on('render-process-gone', (_event, { reason }) => options.onCrash(reason));
  window.on('close', (event) => {
    if (!options.mayClose()) event.preventDefault();
  });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(APP_URL);
  return window;
}
