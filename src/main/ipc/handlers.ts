import type { AppStart, ChosenImage, DriveList, JobSnapshot, Settings } from '../../shared/ipc.ts';
import { builderError } from '../../shared/errors.ts';
import type { Translator } from '../../shared/messages/index.ts';
import type { CheckSubject } from '../../shared/model/check.ts';
import { driveName, findDrive } from '../../shared/model/drive.ts';
import type { OutputRequest } from '../../shared/model/job.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import type { HistoryImage } from '../../shared/history.ts';
import { fileTime, localDay } from '../../shared/local-time.ts';
import type { ChoicesStore } from '../store/choices.ts';
import type { HistoryStore } from '../store/history.ts';
import { writeAtomically } from '../store/json-file.ts';
import type { Log } from '../store/log.ts';
import type { AppSettings } from '../store/fixed-settings.ts';
import type { SetsStore } from '../store/sets.ts';
import type { Backend } from './backend.ts';
import type { ImageList } from './images.ts';
import type { PlaceName } from './check-records.ts';
import { historyReport } from './history-report.ts';
import { historyTable } from './history-table.ts';
import type { JobRunner } from './jobs.ts';
import { jobReport } from './report.ts';
import type { Handlers } from './router.ts';
import { vehicleHandlers } from './vehicle-handlers.ts';
import type { VehicleRunner } from './vehicle-runner.ts';
import { ecusOf, setHandlers } from './sets.ts';

/** What only the desktop can do; given by the Electron entry. */
export interface Desktop {
  chooseImages(kind: 'files' | 'folder'): Promise<readonly string[]>;
  chooseFolder(title: string): Promise<string | null>;
  chooseFiles(title: string): Promise<readonly string[]>;
  chooseSave(defaultName: string, ending: string): Promise<string | null>;
  showInFolder(path: string): void;
  /** Applies theme, language and log level. */
  applySettings(settings: Settings): void;
  /** Ends the app although a job ran. */
  close(): Promise<void>;
  licences(): Promise<string>;
}

export interface HandlerContext {
  readonly backend: Backend;
  readonly choices: ChoicesStore;
  readonly desktop: Desktop;
  readonly history: HistoryStore;
  readonly images: ImageList;
  readonly jobs: JobRunner;
  readonly log: Log;
  readonly sets: SetsStore;
  readonly settings: AppSettings;
  readonly vehicle: VehicleRunner;
  readonly translator: () => Translator;
  readonly drives: () => DriveList;
  readonly start: () => Pick<
    AppStart,
    'version' | 'platform' | 'systemLanguage' | 'screenReader' | 'openedFiles' | 'problem'
  >;
}

/** What each command of the contract does. */
export function makeHandlers(context: HandlerContext): Handlers {
  return {
    ...appHandlers(context),
    ...settingsHandlers(context),
    ...imageHandlers(context),
    ...setHandlers({ ...context, setTitle: () => context.translator().t('sets.import') }),
    ...buildHandlers(context),
    ...jobHandlers(context),
    ...resultHandlers(context),
    ...historyHandlers(context),
    ...vehicleHandlers(context),
  };
}

/** The window itself. */
function appHandlers(
  context: HandlerContext,
): Pick<Handlers, 'app.start' | 'app.licences' | 'app.close'> {
  const { desktop, images, jobs, settings } = context;
  return {
    'app.start': async () => {
      // A running job took what it needs when it began.
      await images.clear();
      return {
        ...context.start(),
        settings: settings.current,
        fixed: settings.fixed,
        sets: context.sets.current,
        ecus: ecusOf(context.history.entries, context.choices),
        previewSort: context.choices.current.previewSort,
        jobs: jobs.jobs,
        drives: context.drives(),
      };
    },
    'app.licences': () => desktop.licences(),
    'app.close': async () => {
      await desktop.close();
      return null;
    },
  };
}

/** Settings, applied as they change. */
function settingsHandlers({
  backend,
  desktop,
  settings,
  translator,
}: HandlerContext): Pick<
  Handlers,
  'settings.change' | 'settings.chooseCaFolder' | 'settings.checkCaFolder'
> {
  const changeSettings = async (changes: Partial<Settings>): Promise<Settings> => {
    const changed = await settings.change(changes);
    desktop.applySettings(changed);
    return changed;
  };
  return {
    'settings.change': changeSettings,
    'settings.chooseCaFolder': async () => {
      settings.assertChangeable('caDir');
      const caDir = await desktop.chooseFolder(translator().t('settings.ca.choose'));
      if (caDir === null) return null;
      // Before it is stored: with a folder that cannot be used no image could be read.
      await backend.checkCaFolder(caDir);
      return changeSettings({ caDir });
    },
    'settings.checkCaFolder': async () => {
      const { caDir } = settings.current;
      if (caDir === null) return { withoutRoot: [] };
      const { withoutRoot } = await backend.checkCaFolder(caDir);
      return { withoutRoot };
    },
  };
}

/** Images to build from, and the plan of their build. */
function imageHandlers({
  backend,
  desktop,
  images,
  settings,
}: HandlerContext): Pick<
  Handlers,
  'images.choose' | 'images.find' | 'images.add' | 'images.remove' | 'plan.preview' | 'plan.files'
> {
  return {
    'images.choose': ({ kind }) => desktop.chooseImages(kind),
    'images.find': ({ paths }) => backend.findImages(paths),
    'images.add': ({ id, path }) => {
      images.add(id, path, settings.current.caDir);
      return null;
    },
    'images.remove': async ({ id }) => {
      await images.remove(id);
      return null;
    },

    'plan.preview': (request) => backend.preview(request.images),
    'plan.files': (query) => backend.files(query),
  };
}

/** Outputs of a build, and its start. */
function buildHandlers(
  context: HandlerContext,
): Pick<Handlers, 'stick.read' | 'output.choose' | 'job.build'> {
  const { backend, desktop, images, jobs, log, settings } = context;
  /** Paths that the person chose in a save dialog: the page alone cannot name a file to be replaced. */
  const chosenFiles = new Set<string>();
  return {
    'stick.read': ({ identity }) => backend.readManifest(identity),
    'output.choose': async ({ kind }) => {
      const name = `offline-ota-image-${localDay(wallClock().getTime())}`;
      const ending = kind === 'folder' ? '' : kind;
      const file = await desktop.chooseSave(ending === '' ? name : `${name}.${ending}`, ending);
      if (file !== null) chosenFiles.add(file);
      return file;
    },

    'job.build': (request) => {
      const outputs = request.outputs.map((output): OutputRequest =>
        output.kind === 'drive'
          ? { ...output, allowFixed: false, eject: settings.current.ejectAfterWrite }
          : output,
      );
      if (!outputs.every((output) => output.kind === 'drive' || chosenFiles.has(output.path))) {
        throw builderError('internal', { detail: 'not a file that was chosen' });
      }
      const order = { images: request.images, outputs, caDir: settings.current.caDir };
      const labels = request.images.flatMap((image) => labelsOf(image, images));
      const id = jobs.build(order, placesOf(context, outputs), labels);
      log.write('info', 'build', { images: request.images.length, outputs });
      return id;
    },
  };
}

/** Checks, and the end of any job. */
function jobHandlers(
  context: HandlerContext,
): Pick<
  Handlers,
  'job.check' | 'job.chooseCheck' | 'job.cancel' | 'job.stopOutput' | 'job.dismiss'
> {
  const { desktop, jobs, translator } = context;
  return {
    'job.check': (request) => jobs.check(request, placesOf(context, request.subjects)),
    'job.chooseCheck': async ({ kind }) => {
      const { t } = translator();
      if (kind === 'files') return desktop.chooseFiles(t('check.choose.file'));
      const folder = await desktop.chooseFolder(t('check.choose.folder'));
      return folder === null ? [] : [folder];
    },
    'job.cancel': ({ id }) => {
      jobs.cancel(id);
      return null;
    },
    'job.stopOutput': ({ id, output }) => {
      jobs.stopOutput(id, output);
      return null;
    },
    'job.dismiss': ({ id }) => {
      jobs.dismiss(id);
      return null;
    },
  };
}

/** What is done with the outputs of a job that has ended. */
function resultHandlers({
  backend,
  desktop,
  jobs,
  translator,
}: HandlerContext): Pick<Handlers, 'job.show' | 'job.saveReport' | 'job.eject'> {
  return {
    'job.show': ({ id, path }) => {
      const { outcomes } = jobOf(jobs, id);
      if (!outcomes.some(({ request }) => request.kind !== 'drive' && request.path === path)) {
        throw builderError('internal', { detail: 'not an output of this job' });
      }
      desktop.showInFolder(path);
      return null;
    },
    'job.saveReport': ({ id }) => {
      const job = jobOf(jobs, id);
      const name = `offline-ota-report-${fileTime(job.startedAt)}.txt`;
      return save(desktop, name, 'txt', () => jobReport(job, translator()));
    },

    'job.eject': async ({ id }) => {
      const drives = jobOf(jobs, id).outcomes.flatMap(({ request, verified, ejected }) =>
        request.kind === 'drive' && verified && !ejected ? [request.identity] : [],
      );
      if (drives.length === 0) throw builderError('internal', { detail: 'no drive' });
      for (const identity of drives) await backend.eject(identity);
      jobs.ejected(id);
      return null;
    },
  };
}

/** History and log. */
function historyHandlers({
  desktop,
  history,
  log,
  translator,
}: HandlerContext): Pick<
  Handlers,
  'history.list' | 'history.export' | 'history.saveReport' | 'log.save'
> {
  return {
    'history.list': () => history.entries,
    'history.export': ({ ids }) => {
      const wanted = new Set(ids);
      const entries = history.entries.filter((entry) => wanted.has(entry.id));
      const name = `offline-ota-history-${localDay(wallClock().getTime())}.csv`;
      return save(desktop, name, 'csv', () => historyTable(entries, translator()));
    },
    'history.saveReport': ({ id }) => {
      const entry = history.entries.find((each) => each.id === id);
      if (entry === undefined) throw builderError('internal', { detail: 'no such entry' });
      const name = `offline-ota-report-${fileTime(entry.startedAt)}.txt`;
      return save(desktop, name, 'txt', () => historyReport(entry, translator()));
    },
    'log.save': () => {
      const name = `offline-ota-image-builder-${fileTime(wallClock().getTime())}.log`;
      return save(desktop, name, 'log', () => log.text());
    },
  };
}

/** Asks for a file and writes it. @returns its path; null where the dialog was closed. */
async function save(
  desktop: Desktop,
  defaultName: string,
  ending: string,
  content: () => string | Promise<string>,
): Promise<string | null> {
  const file = await desktop.chooseSave(defaultName, ending);
  if (file !== null) await writeAtomically(file, await content());
  return file;
}

function placesOf(
  { drives }: HandlerContext,
  subjects: readonly (OutputRequest | CheckSubject)[],
): PlaceName[] {
  return subjects.map((subject) => {
    if (subject.kind !== 'drive') return { name: subject.path, port: null };
    const { identity } = subject;
    const found = findDrive(drives().drives, identity);
    if (found === null) return { name: identity.model ?? identity.path, port: null };
    return { name: driveName(found.drive), port: found.drive.port };
  });
}

/** What the history calls a chosen image, whether or not the build will come to a manifest. */
function labelsOf(chosen: ChosenImage, images: ImageList): HistoryImage[] {
  const report = images.report(chosen.id);
  return (report?.payloads ?? [])
    .filter((_payload, index) => chosen.payloads?.includes(index) ?? true)
    .map(({ ecuId, version }) => ({
      ecuId: chosen.ecuId ?? ecuId ?? '',
      version: chosen.version ?? version ?? '',
      digest: null,
      signer: report?.signature.signer ?? null,
    }));
}

function jobOf(jobs: JobRunner, id: string): JobSnapshot {
  const job = jobs.find(id);
  if (job === null) throw builderError('internal', { detail: 'no such job' });
  return job;
}
