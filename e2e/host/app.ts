import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** What quitting needs of a window. */
export interface QuittingWindow {
  /** Emits `close`; returns whether a listener has prevented it. */
  close(): boolean;
  destroy(): void;
}

/** The process that the app lives in, and its windows; tests bring their own. */
export interface AppWorld {
  readonly windows: ReadonlySet<QuittingWindow>;
  readonly process: Pick<NodeJS.Process, 'on' | 'removeAllListeners' | 'argv' | 'env'>;
  readonly end: (code: number) => void;
}

/** Signals whose handlers Electron sets itself, in place of Node's, once the main script has run. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Electron's `app`: what ends it, and in which order, is that of shell/browser/browser.cc. */
export class App extends EventEmitter {
  readonly isPackaged: boolean;
  /** Whether a screen reader is on. */
  readonly accessibilitySupportEnabled: boolean;
  readonly #world: AppWorld;
  readonly #userData: string;
  readonly #ready: Promise<void>;
  #quitting = false;
  #exiting = false;
  #ended = false;
  #code = 0;

  constructor(world: AppWorld) {
    super();
    this.#world = world;
    const { env, argv } = world.process;
    this.isPackaged = env['OTA_HOST_PACKAGED'] !== undefined;
    this.accessibilitySupportEnabled = env['OTA_HOST_SCREEN_READER'] !== undefined;
    // A packaged app is given no path of its script.
    if (this.isPackaged) argv.splice(1, 1);
    this.#userData = env['OTA_HOST_USER_DATA'] ?? mkdtempSync(path.join(tmpdir(), 'ota-host-'));
    this.#ready = new Promise((resolve) =>
      setImmediate(() => {
        for (const name of SIGNALS) {
          world.process.removeAllListeners(name);
          world.process.on(name, () => this.quit());
        }
        resolve();
      }),
    );
  }

  whenReady(): Promise<void> {
    return this.#ready;
  }

  releaseSingleInstanceLock(): void {
    // There is no window to hand it to.
  }

  requestSingleInstanceLock(): boolean {
    return this.#world.process.env['OTA_HOST_LOCKED'] === undefined;
  }

  getVersion(): string {
    return version;
  }

  getLocale(): string {
    const { env } = this.#world.process;
    return env['OTA_HOST_LOCALE'] ?? env['LANG'] ?? 'en-US';
  }

  getPath(name: string): string {
    if (name !== 'userData') return path.join(homedir(), name === 'documents' ? 'Documents' : '');
    mkdirSync(this.#userData, { recursive: true });
    return this.#userData;
  }

  setAppUserModelId(): void {}

  quit(): void {
    if (this.#quitting) return;
    this.#quitting = !this.#prevented('before-quit');
    if (!this.#quitting) return;
    if (this.#world.windows.size === 0) this.#notifyAndShutDown();
    // A window that stays cancels the quit.
    else for (const window of [...this.#world.windows]) if (window.close()) this.#quitting = false;
  }

  exit(code = 0): void {
    this.#code = code;
    this.#quitting = true;
    this.#exiting = true;
    if (this.#world.windows.size === 0) this.#shutDown();
    else for (const window of [...this.#world.windows]) window.destroy();
  }

  /** The last window has been closed. */
  allWindowsClosed(): void {
    if (this.#exiting) this.#shutDown();
    else if (this.#quitting) this.#notifyAndShutDown();
    else this.emit('window-all-closed');
  }

  #notifyAndShutDown(): void {
    if (this.#prevented('will-quit')) this.#quitting = false;
    else this.#shutDown();
  }

  #shutDown(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.emit('quit', {}, this.#code);
    this.#world.end(this.#code);
  }

  #prevented(name: string): boolean {
    let prevented = false;
    this.emit(name, { preventDefault: () => (prevented = true) });
    return prevented;
  }
}
