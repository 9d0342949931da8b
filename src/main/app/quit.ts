import type { App } from 'electron';

/**
 * Runs `cleanUp` once before the app ends, and then ends it. `will-quit` is the one event that comes on every
 * way out: after the last window was closed, after Quit in a menu or Cmd+Q, and after SIGINT, SIGTERM or SIGHUP,
 * which Electron takes for a quit. `window-all-closed` does not come where the quit was asked for first.
 */
export function cleanUpBeforeQuit(app: App, cleanUp: () => Promise<unknown>): void {
  let cleaning = false;
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    event.preventDefault();
    // A second quit finds the first one at work.
    if (cleaning) return;
    cleaning = true;
    // A person who starts the app meanwhile gets a new one, instead of waking one that has no window.
    app.releaseSingleInstanceLock();
    const end = (): void => app.exit(0);
    cleanUp().then(end, end);
  });
}
