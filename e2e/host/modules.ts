import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { host } from './state.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly #userData =
    process.env['OTA_HOST_USER_DATA'] ?? mkdtempSync(path.join(tmpdir(), 'ota-host-'));

  whenReady(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  releaseSingleInstanceLock(): void {
    // There is nobody to hand it to.
  }

  requestSingleInstanceLock(): boolean {
    return true;
  }

  getVersion(): string {
    return version;
  }

  getLocale(): string {
    return process.env['OTA_HOST_LOCALE'] ?? process.env['LANG'] ?? 'en-US';
  }

  getPath(name: string): string {
    if (name !== 'userData') return path.join(homedir(), name === 'documents' ? 'Documents' : '');
    mkdirSync(this.#userData, { recursive: true });
    return this.#userData;
  }

  setAppUserModelId(): void {}

  quit(): void {
    this.exit(0);
  }

  exit(code = 0): void {
    const closing = [...host.windows].map((window) => window.shutDown());
    void Promise.allSettled(closing).then(() => process.exit(code));
  }
}

export const app = new App();

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
