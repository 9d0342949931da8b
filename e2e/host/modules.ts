import { App } from './app.ts';
import { host } from './state.ts';

export const app = new App({ windows: host.windows, process, end: (code) => process.exit(code) });

type Handler = (event: unknown, ...args: unknown[]) => unknown;

class IpcMain {
  readonly handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    this.handlers.set(channel, handler);
  }
}

export const ipcMain = new IpcMain();

type Serve = (request: Request) => Promise<Response> | Response;

class Protocol {
  readonly handlers = new Map<string, Serve>();

  // Chromium's https origin has the privileges that are asked for here.
  registerSchemesAsPrivileged(): void {}

  handle(scheme: string, serve: Serve): void {
    this.handlers.set(scheme, serve);
  }
}

export const protocol = new Protocol();

class NativeTheme {
  #source: 'system' | 'light' | 'dark' = 'system';

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.#source;
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    this.#source = source;
    for (const window of host.windows) window.applyTheme();
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark';
  }
}

export const nativeTheme = new NativeTheme();

let lastBlocker = 0;

export const powerSaveBlocker = {
  start(): number {
    lastBlocker += 1;
    host.sleepBlockers.add(lastBlocker);
    return lastBlocker;
  },
  stop(id: number): boolean {
    return host.sleepBlockers.delete(id);
  },
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler(handler: typeof host.permissionRequest): void {
      host.permissionRequest = handler;
    },
    setPermissionCheckHandler(handler: typeof host.permissionCheck): void {
      host.permissionCheck = handler;
    },
  },
};

export const shell = {
  showItemInFolder(file: string): void {
    host.shownInFolder.push(file);
  },
};
