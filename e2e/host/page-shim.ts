/** What the stand-in's bindings look like from within the page. */
interface HostPage {
  __hostInvoke(channel: string, payload: unknown): Promise<unknown>;
  __hostPaths(count: number): Promise<string[]>;
  __hostFiles: File[];
  __hostEmit: (channel: string, payload: unknown) => void;
}

/**
 * Runs in the page before anything else: the app's real preload script with a `require('electron')`
 * of our own. Serialised with toString(), so it must use nothing from outside.
 */
export function runPreload(preload: string): void {
  if (window.top !== window) return;
  const page = window as unknown as HostPage;
  const listeners = new Map<string, Set<(event: unknown, payload: unknown) => void>>();
  const paths = new Map<string, string>();
  const keyOf = (file: File): string => `${file.name} ${file.size} ${file.lastModified}`;

  page.__hostEmit = (channel, payload) => {
    for (const listener of listeners.get(channel) ?? []) listener({}, payload);
  };

  const electron = {
    ipcRenderer: {
      invoke: (channel: string, payload: unknown) => page.__hostInvoke(channel, payload),
      on: (channel: string, listener: (event: unknown, payload: unknown) => void) => {
        const all = listeners.get(channel) ?? new Set();
        listeners.set(channel, all.add(listener));
      },
      off: (channel: string, listener: (event: unknown, payload: unknown) => void) => {
        listeners.get(channel)?.delete(listener);
      },
    },
    contextBridge: {
      exposeInMainWorld: (name: string, api: object) =>
        Object.defineProperty(window, name, { value: Object.freeze(api) }),
    },
    webUtils: { getPathForFile: (file: File) => paths.get(keyOf(file)) ?? '' },
  };

  // Electron knows the paths of dropped files at once; here the browser is asked first, and the drop
  // is handed on when it has answered, in the order in which things were dropped.
  let before = Promise.resolve();
  window.addEventListener(
    'drop',
    (event) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!event.isTrusted || files.length === 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { clientX, clientY } = event;
      before = before.then(async () => {
        page.__hostFiles = files;
        const found = await page.__hostPaths(files.length);
        files.forEach((file, index) => paths.set(keyOf(file), found[index] ?? ''));
        const dataTransfer = new DataTransfer();
        for (const file of files) dataTransfer.items.add(file);
        // What lay under the pointer may have been replaced meanwhile, by an earlier drop for one.
        document
          .elementFromPoint(clientX, clientY)
          ?.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
      });
    },
    true,
  );

  // The app's own preload script, which Electron would run in the same way: with these three names in its scope.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function('require', 'exports', 'module', preload) as (
    require: (name: string) => unknown,
    exports: object,
    module: object,
  ) => void;
  run(
    (name) => {
      if (name === 'electron') return electron;
      throw new Error(`a sandboxed preload script cannot require ${name}`);
    },
    {},
    {},
  );
}
