import { app, ipcMain, protocol, session, type BrowserWindow } from 'electron';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import type { HistoryEntry } from '../../shared/history.ts';
import type { DriveList, Settings } from '../../shared/ipc.ts';
import { languageOf, translator, type Translator } from '../../shared/messages/index.ts';
import { outcomeOf } from '../../shared/job-sentence.ts';
import { startBackend } from '../ipc/backend-worker.ts';
import type { Backend } from '../ipc/backend.ts';
import { makeHandlers } from '../ipc/handlers.ts';
import { ImageList } from '../ipc/images.ts';
import { JobRunner } from '../ipc/jobs.ts';
import { VehicleRunner } from '../ipc/vehicle-runner.ts';
import { bindCommands, sendEvent } from '../ipc/router.ts';
import { ecusOf } from '../ipc/sets.ts';
import { ChoicesStore } from '../store/choices.ts';
import { HistoryStore } from '../store/history.ts';
import { Log } from '../store/log.ts';
import { AppSettings, readFixedSettings } from '../store/fixed-settings.ts';
import { SetsStore } from '../store/sets.ts';
import { SettingsStore } from '../store/settings.ts';
import { notify, shownProgress } from './announce.ts';
import { filesToOpen, ownArguments } from './arguments.ts';
import { makeDesktop } from './desktop.ts';
import { APP_SCHEME, bundleHandler, isOwnUrl } from './protocol.ts';
import { handleFaults } from './faults.ts';
import { setMenu } from './menu.ts';
import { endedAsWished, updateOutcomeOf } from './outcome.ts';
import { askToLoadAgain, showFaults } from './fatal.ts';
import { cleanUpBeforeQuit } from './quit.ts';
import { openWindow } from './window.ts';

/** Electron-builder's appId: Windows shows notifications of programs that it knows by this name only. */
const APP_ID = 'jp.tier4.offline-ota-image-builder';

/** Must run before Electron is ready: after that schemes can no longer be declared. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true } },
  ]);
}

/** What changes while the app runs, and what several of its parts ask for. */
interface AppState {
  /** undefined before it is open and after it is closed. */
  window: BrowserWindow | undefined;
  drives: DriveList;
  /** Files to open that the page has not asked for yet. */
  opened: readonly string[];
}

/**
 * Runs the desktop app until its window is closed. Expects to be the only instance. `folder` is where
 * the main bundle is.
 */
export async function startApp(folder: string): Promise<void> {
  const opened = filesToOpen(ownArguments(process.argv, app.isPackaged), process.cwd());
  const state: AppState = { window: undefined, drives: { drives: [], error: null }, opened };
  const open = takeFilesToOpen(state);

  if (process.platform === 'win32') app.setAppUserModelId(APP_ID);
  await app.whenReady();
  const stores = await openStores(app.getPath('userData'));
  const { choices, sets, settings, history, log } = stores;
  const systemLanguage = languageOf(app.getLocale());
  const currentTranslator = (): Translator =>
    translator(settings.current.language === 'system' ? systemLanguage : settings.current.language);
  handleFaults(process, {
    log: (event, error) => log.write('error', event, error),
    giveUp: (error) => {
      showFaults(currentTranslator(), error);
      endNow(state);
    },
  });
  log.write('info', 'start', { version: app.getVersion(), platform: process.platform });

  protocol.handle(APP_SCHEME, bundleHandler(path.join(folder, '../renderer')));
  denyPermissions();
  const context: AppContext = { folder, state, ...stores, open, translator: currentTranslator };
  const engine = startEngine(context);
  const desktop = connectDesktop(context, engine);
  bindCommands(
    ipcMain,
    makeHandlers({
      ...{ backend: engine.backend, images: engine.images, jobs: engine.jobs },
      ...{ choices, desktop, history, log, sets, settings, translator: currentTranslator },
      vehicle: engine.vehicle,
      drives: () => state.drives,
      start: () => {
        const openedFiles = state.opened;
        state.opened = [];
        return {
          version: app.getVersion(),
          platform: process.platform,
          systemLanguage,
          screenReader: app.accessibilitySupportEnabled,
          openedFiles,
          problem: settings.problem ?? history.problem ?? choices.problem ?? sets.problem,
        };
      },
    }),
    {
      isOwnUrl,
      onCommand: (command) => log.write('debug', command),
      onError: (command, error) => log.write('error', command, error),
    },
  );

  cleanUpBeforeQuit(app, async () => {
    // Where the window is gone without its question: what runs is stopped, and what is half-made removed.
    if (engine.jobs.running !== null) engine.jobs.cancel(engine.jobs.running.id);
    engine.vehicle.stop();
    await Promise.all([engine.jobs.ended, engine.vehicle.ended]);
    await engine.jobs.removed;
    await engine.stop();
    // The window told its size when it closed.
    await Promise.all([choices.written, sets.written]);
  });
  state.window = showWindow(context, engine);
}

/** Takes files that the system opens with this app: the page gets them now, or when it asks at its start. */
function takeFilesToOpen(state: AppState): (files: readonly string[]) => void {
  const open = (files: readonly string[]): void => {
    if (state.window === undefined) {
      state.opened = [...state.opened, ...files];
      return;
    }
    sendEvent(state.window.webContents, 'opened', files);
    raise(state.window);
  };
  app.on('second-instance', (_event, argv, workingFolder) =>
    open(filesToOpen(ownArguments(argv, app.isPackaged), workingFolder)),
  );
  // macOS hands over files like this, also before the app is ready.
  app.on('open-file', (event, file) => {
    event.preventDefault();
    open([file]);
  });
  return open;
}

interface Stores {
  readonly choices: ChoicesStore;
  readonly sets: SetsStore;
  readonly settings: AppSettings;
  readonly history: HistoryStore;
  readonly log: Log;
}

async function openStores(userData: string): Promise<Stores> {
  const own = await SettingsStore.open(path.join(userData, 'settings.json'));
  const settings = new AppSettings(own, await readFixedSettings());
  const history = await HistoryStore.open(path.join(userData, 'history.json'));
  const choices = await ChoicesStore.open(path.join(userData, 'choices.json'));
  const sets = await SetsStore.open(path.join(userData, 'sets.json'));
  const log = new Log(path.join(userData, 'logs', 'main.log'), settings.current.logLevel);
  for (const { problem } of [settings, history, choices, sets])
    if (problem !== null) log.write('error', 'stored', problem);
  return { choices, sets, settings, history, log };
}

/** What every part of the app is made with. */
interface AppContext extends Stores {
  readonly folder: string;
  readonly state: AppState;
  readonly open: (files: readonly string[]) => void;
  readonly translator: () => Translator;
}

interface Engine {
  readonly backend: Backend;
  readonly images: ImageList;
  readonly jobs: JobRunner;
  readonly vehicle: VehicleRunner;
  readonly stop: () => Promise<void>;
}

/** Starts the worker that does the jobs, and reports what it does to the page. */
function startEngine({
  folder,
  state,
  choices,
  history,
  log,
  open,
  translator,
}: AppContext): Engine {
  const watchDrives = (): void => {
    backend
      .watchDrives((now) => {
        state.drives = now;
        if (now.error !== null) log.write('error', 'drives cannot be listed', now.error);
        sendEvent(state.window?.webContents, 'drives', now);
      }, new AbortController().signal)
      .catch((error: unknown) => log.write('error', 'watching drives ended', error));
  };
  const { backend, stop } = startBackend(
    path.join(folder, 'backend.js'),
    (error) => log.write('error', 'backend died', error),
    () => {
      watchDrives();
      images.readAgain();
      vehicle.readAgain();
    },
  );
  const images = new ImageList(backend, (id, event) =>
    sendEvent(state.window?.webContents, 'image', { id, event }),
  );
  const shown = shownProgress(() => state.window);
  const announce = (body: string): void => notify(body, translator(), () => open([]));
  let phase: string | null = null;
  const jobs = new JobRunner(backend, {
    onChange: (kind, job) => {
      shown(jobs.running, vehicle.isRunning);
      if (job?.progress && job.progress.phase !== phase) log.write('debug', job.progress.phase);
      phase = job?.progress?.phase ?? null;
      sendEvent(state.window?.webContents, 'job', { kind, job });
    },
    onEnd: (job) => {
      log.write('info', 'job ended', { state: job.state, error: job.error });
      announce(outcomeOf(job, translator()));
    },
    onHistory: (entry) => {
      history
        .add({ ...entry, ...thisPlace() })
        .catch((error: unknown) => log.write('error', 'history', error));
      sendEvent(state.window?.webContents, 'ecus', ecusOf(history.entries, choices));
    },
  });
  const vehicle = new VehicleRunner(backend, {
    onChange: (now) => {
      shown(jobs.running, vehicle.isRunning);
      sendEvent(state.window?.webContents, 'vehicle', now);
    },
    onEnd: (run) => {
      log.write('info', 'vehicle update ended', { state: run.state, error: run.error });
      announce(updateOutcomeOf(run, translator()));
    },
  });
  watchDrives();
  return { backend, images, jobs, vehicle, stop };
}

/** Who works here, and where: for the history. */
function thisPlace(): Pick<HistoryEntry, 'operator' | 'host'> {
  try {
    return { operator: userInfo().username, host: hostname() };
  } catch {
    // An account that the system does not know (a container's).
    return { operator: null, host: hostname() };
  }
}

/** What the system does for the page: dialogs, theme, language, closing. */
function connectDesktop(
  context: AppContext,
  { jobs, vehicle }: Engine,
): ReturnType<typeof makeDesktop> {
  const { folder, state, settings, log, translator } = context;
  const desktop = makeDesktop({
    window: () => state.window as BrowserWindow,
    translator,
    documents: app.getPath('documents'),
    licencesFile: path.join(folder, '../licences.txt'),
    onSettings: (changed: Settings) => {
      log.level = changed.logLevel;
      setMenu(translator(), process.platform);
    },
    close: async () => {
      const job = jobs.running;
      if (job !== null) jobs.cancel(job.id);
      vehicle.stop();
      await Promise.all([jobs.ended, vehicle.ended]);
      const ended = job === null ? null : jobs.find(job.id);
      // What went wrong at the end stays to be read.
      if (ended === null || endedAsWished(ended)) state.window?.close();
    },
  });
  desktop.applySettings(settings.current);
  return desktop;
}

function showWindow(
  { folder, state, choices, log, translator }: AppContext,
  { jobs, vehicle }: Engine,
): BrowserWindow {
  return openWindow({
    size: choices.current.window,
    onSize: (window) => {
      choices.change({ window }).catch((error: unknown) => log.write('error', 'choices', error));
    },
    title: translator().t('app.name'),
    preload: path.join(folder, '../preload/preload.cjs'),
    mayClose: () => {
      const isBusy = jobs.running !== null || vehicle.isRunning;
      if (!isBusy || state.window === undefined) return true;
      sendEvent(state.window.webContents, 'closing', null);
      // Closed from the taskbar: a question out of sight would keep it open for ever.
      raise(state.window);
      return false;
    },
    onClosed: () => {
      state.window = undefined;
    },
    onCrash: (reason) => {
      // The job lives in main and its worker; the page that is loaded again asks for it.
      log.write('error', 'window crashed', { reason });
    },
    onGivenUp: async (reason) => {
      log.write('error', 'window crashed too often', { reason });
      const again = await askToLoadAgain(translator(), reason);
      if (!again) endNow(state);
      return again;
    },
  });
}

/** Ends without the question in the page, which may not be there to ask it. */
function endNow({ window }: AppState): void {
  window?.destroy();
  app.quit();
}

function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.focus();
}

/** The page may copy text to the clipboard after a click, and nothing else that needs asking. */
function denyPermissions(): void {
  const granted = (permission: string, url: string): boolean =>
    permission === 'clipboard-sanitized-write' && isOwnUrl(url);
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, grant, { requestingUrl }) =>
    grant(granted(permission, requestingUrl)),
  );
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) =>
    granted(permission, origin),
  );
}
