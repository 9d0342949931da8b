import {
  app,
  ipcMain,
  Notification,
  powerSaveBlocker,
  protocol,
  session,
  type BrowserWindow,
} from 'electron';
import path from 'node:path';
import type { JobSnapshot, Settings } from '../../shared/ipc.ts';
import { languageOf, translator, type Translator } from '../../shared/messages/index.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { startBackend } from '../ipc/backend-worker.ts';
import { makeHandlers } from '../ipc/handlers.ts';
import { ImageList } from '../ipc/images.ts';
import { JobRunner } from '../ipc/jobs.ts';
import { bindCommands, sendEvent } from '../ipc/router.ts';
import { HistoryStore } from '../store/history.ts';
import { Log } from '../store/log.ts';
import { SettingsStore } from '../store/settings.ts';
import { filesToOpen, ownArguments } from './arguments.ts';
import { makeDesktop } from './desktop.ts';
import { APP_SCHEME, bundleHandler, isOwnUrl } from './protocol.ts';
import { openWindow } from './window.ts';

/** Must run before Electron is ready: after that schemes can no longer be declared. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true } },
  ]);
}

/**
 * Runs the desktop app until its window is closed. Expects to be the only instance. `folder` is where
 * the main bundle stands.
 */
export async function startApp(folder: string): Promise<void> {
  let window: BrowserWindow | undefined = undefined;
  let drives: readonly Drive[] = [];
  let opened = filesToOpen(ownArguments(process.argv, app.isPackaged), process.cwd());

  const open = (files: readonly string[]): void => {
    if (window === undefined) {
      opened = [...opened, ...files];
      return;
    }
    sendEvent(window.webContents, 'opened', files);
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  app.on('second-instance', (_event, argv, workingFolder) =>
    open(filesToOpen(ownArguments(argv, app.isPackaged), workingFolder)),
  );
  // macOS hands over files like this, also before the app is ready.
  app.on('open-file', (event, file) => {
    event.preventDefault();
    open([file]);
  });

  await app.whenReady();
  const userData = app.getPath('userData');
  const settings = await SettingsStore.open(path.join(userData, 'settings.json'));
  const history = await HistoryStore.open(path.join(userData, 'history.json'));
  const log = new Log(path.join(userData, 'logs', 'main.log'), settings.current.logLevel);
  const systemLanguage = languageOf(app.getLocale());
  const currentTranslator = (): Translator =>
    translator(settings.current.language === 'system' ? systemLanguage : settings.current.language);
  log.write('info', 'start', { version: app.getVersion(), platform: process.platform });

  protocol.handle(APP_SCHEME, bundleHandler(path.join(folder, '../renderer')));
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, grant) =>
    grant(false),
  );
  session.defaultSession.setPermissionCheckHandler(() => false);

  const watchDrives = (): void => {
    backend
      .watchDrives((now) => {
        drives = now;
        sendEvent(window?.webContents, 'drives', now);
      }, new AbortController().signal)
      .catch((error: unknown) => log.write('error', 'watching drives ended', error));
  };
  const { backend, stop } = startBackend(
    path.join(folder, 'backend.js'),
    (error) => log.write('error', 'backend died', error),
    watchDrives,
  );
  const images = new ImageList(backend, (id, event) =>
    sendEvent(window?.webContents, 'image', { id, event }),
  );
  const shown = shownProgress(() => window);
  const jobs = new JobRunner(backend, {
    onChange: (job) => {
      shown(job);
      sendEvent(window?.webContents, 'job', job);
    },
    onEnd: (job) => {
      log.write('info', 'job ended', { state: job.state, error: job.error });
      if (window?.isFocused() !== true) notify(job, currentTranslator(), () => open([]));
    },
    onHistory: (entry) => {
      history.add(entry).catch((error: unknown) => log.write('error', 'history', error));
    },
  });
  watchDrives();

  const desktop = makeDesktop({
    window: () => window as BrowserWindow,
    translator: currentTranslator,
    documents: app.getPath('documents'),
    licencesFile: path.join(folder, '../licences.txt'),
    onSettings: (changed: Settings) => {
      log.level = changed.logLevel;
    },
    close: async () => {
      if (jobs.current !== null) jobs.cancel(jobs.current.id);
      await jobs.ended;
      window?.close();
    },
  });
  desktop.applySettings(settings.current);

  bindCommands(
    ipcMain,
    makeHandlers({
      backend,
      desktop,
      history,
      images,
      jobs,
      log,
      settings,
      translator: currentTranslator,
      drives: () => drives,
      start: () => {
        const openedFiles = opened;
        opened = [];
        return {
          version: app.getVersion(),
          platform: process.platform,
          systemLanguage,
          openedFiles,
        };
      },
    }),
    { isOwnUrl, onError: (command, error) => log.write('error', command, error) },
  );

  window = await openWindow({
    title: currentTranslator().t('app.name'),
    preload: path.join(folder, '../preload/preload.cjs'),
    mayClose: () => {
      if (!jobs.running) return true;
      sendEvent(window?.webContents, 'closing', null);
      return false;
    },
    onCrash: (reason) => {
      // The job lives in main and its worker; the reloaded page asks for it.
      log.write('error', 'window crashed', { reason });
      window?.webContents.reload();
    },
  });
  app.on('window-all-closed', () => {
    stop().then(
      () => app.quit(),
      () => app.quit(),
    );
  });
}

/** Taskbar progress, and no sleep while a job runs. */
function shownProgress(window: () => BrowserWindow | undefined): (job: JobSnapshot | null) => void {
  let blocker: number | null = null;
  return (job) => {
    const running = job?.state === 'running' || job?.state === 'cancelling';
    if (running && blocker === null) {
      blocker = powerSaveBlocker.start('prevent-app-suspension');
    } else if (!running && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
    const { bytesDone = 0, bytesTotal = null } = job?.progress ?? {};
    const fraction = bytesTotal === null || bytesTotal === 0 ? 2 : bytesDone / bytesTotal;
    // -1 removes the bar; above 1 it shows that something goes on.
    window()?.setProgressBar(running ? fraction : -1);
  };
}

function notify(job: JobSnapshot, { t, error }: Translator, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const body =
    job.error === null
      ? t(job.kind === 'build' ? 'notify.verified' : 'notify.checked', { name: job.subject })
      : error(job.error).what;
  const notification = new Notification({ title: t('app.name'), body });
  notification.on('click', onClick);
  notification.show();
}
