import { EventEmitter, once } from 'node:events';
import { execFile } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import type { App as ElectronApp } from 'electron';
import { expect, test, vi } from 'vitest';
import { App, type QuittingWindow } from '../e2e/host/app.ts';
import { host } from '../e2e/host/state.ts';
import { notify } from '../src/main/app/announce.ts';
import { makeDesktop, type DesktopContext } from '../src/main/app/desktop.ts';
import { cleanUpBeforeQuit } from '../src/main/app/quit.ts';
import { openWindow, type WindowOptions } from '../src/main/app/window.ts';
import { runAsNode } from '../src/main/run-as-node.ts';
import { translator } from '../src/shared/messages/index.ts';
import { tmpFolder } from './support/tmp.ts';

/** The stand-in for Electron where the genuine one differs from the obvious, and the app on it. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A window without a page. */
const bare = vi.hoisted(() => ({ windows: [] as unknown[] }));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class BareWindow extends Emitter {
    readonly load = Promise.withResolvers<undefined>();
    readonly webContents = Object.assign(new Emitter(), {
      setWindowOpenHandler: () => undefined,
      reloads: 0,
      reload() {
        this.reloads += 1;
      },
    });
    constructor() {
      super();
      bare.windows.push(this);
    }
    loadURL = (): Promise<undefined> => this.load.promise;
    show = (): void => undefined;
  }
  return {
    BrowserWindow: BareWindow,
    nativeTheme: { shouldUseDarkColors: false },
    dialog: (await import('../e2e/host/dialogs.ts')).dialog,
    Notification: (await import('../e2e/host/notification.ts')).Notification,
    powerSaveBlocker: {},
    shell: {},
  };
});

interface World {
  readonly app: App;
  readonly process: EventEmitter & Pick<NodeJS.Process, 'argv' | 'env'>;
  readonly events: string[];
  /** Opens a window that closes a turn later, unless `stays` says no. */
  readonly open: (stays?: () => boolean) => QuittingWindow;
}

function world(env: NodeJS.ProcessEnv = {}, argv: string[] = ['node', 'main.js']): World {
  const events: string[] = [];
  const process = Object.assign(new EventEmitter(), { argv, env });
  const windows = new Set<QuittingWindow>();
  const app = new App({
    windows,
    process: process as unknown as NodeJS.Process,
    end: (code) => events.push(`ended ${code}`),
  });
  for (const name of ['before-quit', 'window-all-closed', 'will-quit', 'quit'])
    app.on(name, () => events.push(name));
  const open = (stays = () => false): QuittingWindow => {
    const window = {
      close: () => {
        events.push('close');
        if (stays()) return true;
        window.destroy();
        return false;
      },
      destroy: () =>
        setImmediate(() => {
          events.push('closed');
          windows.delete(window);
          if (windows.size === 0) app.allWindowsClosed();
        }),
    };
    windows.add(window);
    return window;
  };
  return { app, process, events, open };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('a quit closes the windows, then comes will-quit, and never window-all-closed', async () => {
  const { app, events, open } = world();
  open();
  app.quit();
  await turns();
  expect(events).toEqual(['before-quit', 'close', 'closed', 'will-quit', 'quit', 'ended 0']);
});

test('window-all-closed comes where a person closed the last window', async () => {
  const { events, open } = world();
  open().close();
  await turns();
  expect(events).toEqual(['close', 'closed', 'window-all-closed']);
});

test('a window that stays cancels the quit, and a later one asks again', async () => {
  const { app, events, open } = world();
  let stays = true;
  open(() => stays);
  app.quit();
  await turns();
  expect(events).toEqual(['before-quit', 'close']);
  stays = false;
  app.quit();
  await turns();
  expect(events.slice(2)).toEqual([
    'before-quit',
    'close',
    'closed',
    'will-quit',
    'quit',
    'ended 0',
  ]);
});

test('exit asks no question', async () => {
  const { app, events, open } = world();
  open(() => true);
  app.exit(3);
  await turns();
  expect(events).toEqual(['closed', 'quit', 'ended 3']);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  '%s is a quit, and listeners of Node hear nothing of it',
  async (signal) => {
    const { process, events, app } = world();
    process.once(signal, () => events.push('seen by Node'));
    await app.whenReady();
    process.emit(signal);
    expect(events).toEqual(['before-quit', 'will-quit', 'quit', 'ended 0']);
  },
);

test.each(['the last window', 'Quit in a menu', 'a signal'])(
  'clean-up is over before the app ends by %s, and runs once',
  async (by) => {
    const { app, process, events, open } = world();
    const work = Promise.withResolvers<undefined>();
    cleanUpBeforeQuit(app as unknown as ElectronApp, () => {
      events.push('clean-up');
      return work.promise;
    });
    await app.whenReady();
    const window = open();
    if (by === 'the last window') window.close();
    else if (by === 'a signal') process.emit('SIGTERM');
    else app.quit();
    await turns();
    app.quit();
    await turns();
    expect(events.filter((event) => event === 'clean-up')).toHaveLength(1);
    expect(events.filter((event) => event.startsWith('ended'))).toEqual([]);
    work.resolve(undefined);
    await turns();
    expect(events.at(-1)).toBe('ended 0');
  },
);

test('a clean-up that fails does not keep the app', async () => {
  const { app, events } = world();
  cleanUpBeforeQuit(app as unknown as ElectronApp, () => Promise.reject(new Error('x')));
  app.quit();
  await turns();
  expect(events.at(-1)).toBe('ended 0');
});

test('a packaged app has no path of its script among its arguments', () => {
  const { app, process } = world({ OTA_HOST_PACKAGED: '1' }, ['node', 'main.js', 'a.tgz']);
  expect(app.isPackaged).toBe(true);
  expect(process.argv).toEqual(['node', 'a.tgz']);
});

test('an app that is no first instance ends without a window', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      path.join(ROOT, 'e2e/host/hook.ts'),
      path.join(ROOT, 'src/main/index.ts'),
      'a.tgz',
    ],
    { env: { ...process.env, OTA_HOST_LOCKED: '1', CHROMIUM_PATH: '/nonexistent' } },
  );
  expect([stdout, stderr]).toEqual(['', '']);
});

test('a notification that nothing else holds can be clicked after a collection', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let clicks = 0;
  const words = translator('en');
  (() => notify('The end', words, () => (clicks += 1)))();
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    collect();
    for (const notification of host.clickable) notification.deref()?.emit('click');
    expect(clicks).toBe(1);
  });
});

test('a name that a save dialog gives back was asked for where its file exists', async () => {
  const file = path.join(tmpFolder(), 'a.csv');
  await writeFile(file, '');
  const context = { window: () => null, translator: () => translator('en'), documents: '/x' };
  const desktop = makeDesktop(context as unknown as DesktopContext);
  host.dialogAnswers.push([file]);
  expect(await desktop.chooseSave('a.csv', 'csv')).toBe(file);
  expect(host.replacedUnasked).toEqual([]);
});

interface Bare extends EventEmitter {
  readonly load: PromiseWithResolvers<undefined>;
  readonly webContents: EventEmitter & { readonly reloads: number };
}

function opened(options: Partial<WindowOptions>): Bare {
  openWindow({
    title: '',
    size: null,
    onSize: () => undefined,
    preload: '',
    mayClose: () => true,
    onClosed: () => undefined,
    onCrash: () => undefined,
    onGivenUp: () => Promise.resolve(false),
    ...options,
  });
  return bare.windows.at(-1) as Bare;
}

test('a page that can never be loaded is loaded again three times, and then a person is asked', async () => {
  const asked: string[] = [];
  const answer = Promise.withResolvers<boolean>();
  const { webContents } = opened({
    onGivenUp: (reason) => {
      asked.push(reason);
      return answer.promise;
    },
  });
  const crash = (): boolean =>
    webContents.emit('render-process-gone', {}, { reason: 'launch-failed' });
  for (let i = 0; i < 10; i += 1) crash();
  expect(webContents.reloads).toBe(3);
  expect(asked).toEqual(['launch-failed']);
  answer.resolve(true);
  await turns();
  expect(webContents.reloads).toBe(4);
  crash();
  expect(webContents.reloads).toBe(5);
});

test('a load that fails is one such try; a window that was closed meanwhile is left alone', async () => {
  const failing = opened({});
  failing.load.reject(new Error('ERR_FAILED'));
  await turns();
  expect(failing.webContents.reloads).toBe(1);

  const closed: string[] = [];
  const gone = opened({ onClosed: () => closed.push('closed') });
  gone.emit('closed');
  gone.load.reject(new Error('ERR_ABORTED'));
  await turns();
  expect(closed).toEqual(['closed']);
  expect(gone.webContents.reloads).toBe(0);
});

test('a program that runs as Node is given the arguments, ends with its own code, and can be stopped', async () => {
  const script = path.join(tmpFolder(), 'program.mjs');
  await writeFile(
    script,
    `import { writeFileSync } from 'node:fs';
     const [file, mode] = process.argv.slice(2);
     if (mode === 'wait') {
       process.once('SIGTERM', () => process.exit(143));
       setInterval(() => {}, 1000);
     } else process.exitCode = 7;
     writeFileSync(file, String(process.env.ELECTRON_RUN_AS_NODE));`,
  );
  expect(await runAsNode(script, [path.join(path.dirname(script), 'a'), 'end']).ended).toBe(7);
  const waiting = runAsNode(script, [path.join(path.dirname(script), 'b'), 'wait']);

  const watcher = watch(path.dirname(script));

  while (!existsSync(path.join(path.dirname(script), 'b'))) await once(watcher, 'change');
  watcher.close();
  waiting.stop();
  expect(await waiting.ended).toBe(143);
});

test('the engine of a test takes the place of one worker, and of no other, without hooks', async () => {
  const folder = tmpFolder();
  const say = (word: string): string =>
    `import { parentPort } from 'node:worker_threads'; parentPort.postMessage('${word}');`;
  await mkdir(path.join(folder, 'out/main'), { recursive: true });
  for (const [name, word] of [
    ['out/main/backend.mjs', 'real'],
    ['out/main/worker.mjs', 'other'],
    ['played.mjs', 'played'],
  ] as const)
    await writeFile(path.join(folder, name), say(word));
  await writeFile(
    path.join(folder, 'main.mjs'),
    `import { substituteWorker } from ${JSON.stringify(pathToFileURL(path.join(ROOT, 'e2e/host/substitute-worker.js')).href)};
     substituteWorker('/out/main/backend.mjs', new URL('played.mjs', import.meta.url).href);
     const { startAll } = await import('./app.mjs');
     console.log(await startAll());`,
  );
  await writeFile(
    path.join(folder, 'app.mjs'),
    `import { once } from 'node:events';
     import { Worker } from 'node:worker_threads';
     export const startAll = async () => {
       const said = [];
       for (const name of ['backend', 'worker'])
         said.push((await once(new Worker(import.meta.dirname + '/out/main/' + name + '.mjs'), 'message'))[0]);
       return said.join(' ');
     };`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(folder, 'main.mjs')]);
  expect(stdout).toBe('played other\n');
});
