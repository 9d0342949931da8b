import { app } from './modules.ts';
import { takeBusiest } from './busiest.js';
import { takeMemory } from './memory.js';
import { host, type MenuEntry } from './state.ts';

/** What a test can do that a person does outside of the page. */
export interface HostControl {
  /** Address for Chromium's debugging protocol; null until the window is open. */
  readonly devtools: () => string | null;
  readonly closeWindow: () => null;
  readonly secondInstance: (argv: readonly string[], workingFolder: string) => null;
  readonly openFile: (path: string) => null;
  /** Says what the next dialogs answer; null: cancelled. */
  readonly answerDialogs: (answers: readonly (readonly string[] | null)[]) => null;
  readonly minimize: () => null;
  readonly resize: (width: number, height: number) => null;
  /** Clicks every notification that has not been collected. */
  readonly clickNotifications: () => null;
  /** Quit in a menu, or Cmd+Q. */
  readonly quit: () => null;
  readonly seen: () => {
    readonly notifications: readonly { readonly title: string; readonly body: string }[];
    readonly shownInFolder: readonly string[];
    readonly progressBar: number;
    readonly messages: readonly string[];
    readonly replacedUnasked: readonly string[];
    readonly sleepBlocked: boolean;
    readonly menu: readonly MenuEntry[];
    readonly minimized: boolean;
  };
  /** Milliseconds of work in the longest turn of the main thread since the last call. */
  readonly busiest: () => number;
  /** Bytes that stay after a collection: of the main process with its threads; of its objects. */
  readonly memory: () => { readonly resident: number; readonly held: number };
  /** Whether the page at `url` would get a permission, as Electron asks: by both handlers. */
  readonly permission: (name: string, url: string) => boolean;
}

const control: HostControl = {
  devtools: () => ([...host.windows].some(({ page }) => page !== null) ? host.devtools : null),
  closeWindow: () => {
    for (const window of host.windows) window.close();
    return null;
  },
  secondInstance: (argv, workingFolder) => {
    // Chromium puts switches first, and some of its own among them.
    const switches = ['--allow-file-access-from-files', '--original-process-start-time=1'];
    const script = app.isPackaged ? [] : ['main.js'];
    app.emit(
      'second-instance',
      {},
      [process.execPath, ...switches, ...script, ...argv],
      workingFolder,
    );
    return null;
  },
  openFile: (path) => {
    app.emit('open-file', { preventDefault: () => undefined }, path);
    return null;
  },
  answerDialogs: (answers) => {
    host.dialogAnswers.push(...answers);
    return null;
  },
  minimize: () => {
    host.minimized = true;
    return null;
  },
  resize: (width, height) => {
    for (const window of host.windows) window.resize(width, height);
    return null;
  },
  clickNotifications: () => {
    for (const notification of host.clickable) notification.deref()?.emit('click');
    return null;
  },
  quit: () => {
    app.quit();
    return null;
  },
  seen: () => ({
    notifications: host.notifications,
    shownInFolder: host.shownInFolder,
    progressBar: host.progressBar,
    messages: host.messages,
    replacedUnasked: host.replacedUnasked,
    sleepBlocked: host.sleepBlockers.size > 0,
    menu: host.menu,
    minimized: host.minimized,
  }),
  busiest: takeBusiest,
  memory: takeMemory,
  permission: (name, requestingUrl) => {
    const requested: boolean[] = [];
    host.permissionRequest(null, name, (granted) => requested.push(granted), { requestingUrl });
    return requested.includes(true) && host.permissionCheck(null, name, requestingUrl);
  },
};

export interface ControlRequest {
  readonly id: number;
  readonly name: keyof HostControl;
  readonly args: readonly unknown[];
}

process.on('message', ({ id, name, args }: ControlRequest) => {
  const act = control[name] as (...args: readonly unknown[]) => unknown;
  process.send?.({ id, result: act(...args) });
});
// A host whose test died must not stay behind.
process.on('disconnect', () => app.exit(1));
