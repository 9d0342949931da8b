import { z } from 'zod';
import type { ErrorData } from './errors.ts';
import { historyEntrySchema, MAX_HISTORY } from './history.ts';
import { command } from './ipc-command.ts';
import type { ImageReport } from './model/image-report.ts';
import type { CheckOutcome } from './model/check.ts';
import { MAX_DRIVES } from './model/job.ts';
import type { Outcome } from './model/outcome.ts';
import type { Progress } from './model/progress.ts';
import {
  buildResult,
  checkOutcome,
  checkSubject,
  drive,
  driveIdentity,
  errorData,
  manifest,
  outcome,
  path,
  planSummary,
  progress,
} from './model-schemas.ts';
import type { VehicleState } from './model/vehicle-state.ts';
import { vehicleCommands } from './vehicle-commands.ts';
import {
  choicesSchema,
  imageSetSchema,
  knownEcus,
  MAX_IMAGES,
  MAX_PAYLOADS,
  previewSort,
  setName,
  setsSchema,
  type KnownEcus,
} from './ipc-sets.ts';

export { MAX_IMAGES } from './ipc-sets.ts';

/**
 * The whole contract between window and main process. The window sends *commands* (one payload, one
 * answer) and receives *events*. Main checks every payload, because it comes from a process that shows
 * untrusted text, and every answer, so that only what is listed here reaches that process.
 */

/** Paths of one drop. */
export const MAX_DROPPED = 4096;
/** Sticks and files of one check: as many drives as one elevation opens. */
export const MAX_CHECKS = MAX_DRIVES;
/** Rows of the file table in one answer. */
export const MAX_PAGE = 500;

export type { HistoryEntry } from './history.ts';
export type { CheckSubject } from './model/check.ts';

const id = z.uuid();
const none = z.undefined();
const done = z.null();
const count = z.number().int().nonnegative();
const bytes = count;

/** An image of the list by its id, with what the person entered. */
const chosenImage = z.strictObject({
  id,
  ecuId: z.string().max(255).nullable(),
  version: z.string().max(255).nullable(),
  /** Positions in the report's payloads, ascending; null: all. */
  payloads: z.array(z.number().int().min(0).max(MAX_PAYLOADS)).min(1).max(MAX_PAYLOADS).nullable(),
});
const chosenImages = z.array(chosenImage).min(1).max(MAX_IMAGES);
export type ChosenImage = z.infer<typeof chosenImage>;

const fileOutput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['tar', 'folder']), path }),
  z.strictObject({ kind: z.literal('img'), path, size: z.number().int().positive().nullable() }),
]);
const driveOutput = z.strictObject({
  kind: z.literal('drive'),
  identity: driveIdentity,
  /** Write only what it does not hold already. */
  refresh: z.boolean().optional(),
});
const chosenOutput = z.union([fileOutput, driveOutput]);
export type ChosenOutput = z.infer<typeof chosenOutput>;

const settings = z.strictObject({
  language: z.enum(['system', 'en', 'ja']),
  theme: z.enum(['system', 'light', 'dark']),
  caDir: path.nullable(),
  ejectAfterWrite: z.boolean(),
  logLevel: z.enum(['error', 'info', 'debug']),
});
export type Settings = z.infer<typeof settings>;

/**
 * What the window may change. A CA folder is chosen in a dialog of main's; the window can only have it
 * forgotten. What is there but undefined would take the place of a setting.
 */
const settingsChange = z.strictObject({
  language: settings.shape.language.exactOptional(),
  theme: settings.shape.theme.exactOptional(),
  caDir: z.null().exactOptional(),
  ejectAfterWrite: settings.shape.ejectAfterWrite.exactOptional(),
  logLevel: settings.shape.logLevel.exactOptional(),
});
export type SettingsChange = z.infer<typeof settingsChange>;
export const settingsSchema = settings;
const SETTING_NAMES = Object.keys(settings.shape) as (keyof Settings)[];

export const DEFAULT_SETTINGS: Settings = {
  language: 'system',
  theme: 'system',
  caDir: null,
  ejectAfterWrite: true,
  logLevel: 'info',
};

const fileQuery = z.strictObject({
  images: chosenImages,
  search: z.string().max(256),
  sort: z.enum(['path', 'size']),
  offset: z.number().int().nonnegative(),
  limit: z.number().int().min(1).max(MAX_PAGE),
});
export type FileQuery = z.infer<typeof fileQuery>;

/** One row of the preview's file table; `size` in bytes. */
const fileRow = z.object({ path: z.string(), size: bytes });
export type FileRow = Readonly<z.infer<typeof fileRow>>;

/** `matches`: rows that fit the search, of which `rows` is a part. */
const filePage = z.object({ matches: count, rows: z.array(fileRow).max(MAX_PAGE) });
export type FilePage = Readonly<z.infer<typeof filePage>>;

/** `driveBytes`: what a stick needs at least. */
const planPreview = z.object({ summary: planSummary, driveBytes: bytes });
export type PlanPreview = Readonly<z.infer<typeof planPreview>>;

/** What happens to an image of the list after it was added. */
export type ImageEvent =
  | {
      readonly kind: 'progress';
      readonly step: 'inspect' | 'check';
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: 'inspected'; readonly report: ImageReport }
  | { readonly kind: 'checked' }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** Everything the window needs to show a job, also after the window was reloaded. */
const jobSnapshot = z.object({
  id,
  kind: z.enum(['build', 'check']),
  /** Unix milliseconds. */
  startedAt: z.number(),
  /** Of a build: what becomes of each output. */
  outcomes: z.array(outcome),
  /** What a person calls each output or subject: name of the drive, or path. */
  names: z.array(z.string()),
  /** Socket of each output that is a drive, as it was when the job began; null where none is known. */
  ports: z.array(z.string().nullable()),
  /** How far each of several outputs is; null before its first phase. */
  lanes: z.array(progress.nullable()),
  /** Names of what the job is about, for people. */
  subject: z.string(),
  state: z.enum(['running', 'cancelling', 'done', 'failed']),
  /** It failed or was cancelled, and what is half-made is still being removed. */
  removing: z.boolean(),
  /** How far the job is: as far as the slowest of its outputs. */
  progress: progress.nullable(),
  notices: z.array(errorData),
  build: buildResult.nullable(),
  /** Of a check: what becomes of each subject. */
  checks: z.array(checkOutcome),
  error: errorData.nullable(),
});
export type JobSnapshot = Readonly<
  Omit<
    z.infer<typeof jobSnapshot>,
    'outcomes' | 'checks' | 'names' | 'ports' | 'lanes' | 'notices'
  > & {
    outcomes: readonly Outcome[];
    checks: readonly CheckOutcome[];
    names: readonly string[];
    ports: readonly (string | null)[];
    lanes: readonly (Progress | null)[];
    notices: readonly ErrorData[];
  }
>;

/**
 * The last job of each kind until it is dismissed; one of them may run. Checking a stick must not take
 * away what a finished build has to say, nor its buttons.
 */
export interface Jobs {
  readonly build: JobSnapshot | null;
  readonly check: JobSnapshot | null;
}

/** The drives as they are now; `error` says why they cannot be listed. */
const driveList = z.object({ drives: z.array(drive), error: errorData.nullable() });
export type DriveList = Readonly<z.infer<typeof driveList>>;

const appStart = z.object({
  version: z.string(),
  platform: z.string(),
  /** What `system` means as language. */
  systemLanguage: z.enum(['en', 'ja']),
  /** A screen reader was on when the page was loaded. Electron promises to know it on Windows and macOS alone. */
  screenReader: z.boolean(),
  settings,
  /** Settings that an administrator has fixed. */
  fixed: z.array(z.enum(SETTING_NAMES)).readonly(),
  jobs: z.object({ build: jobSnapshot.nullable(), check: jobSnapshot.nullable() }),
  drives: driveList,
  ecus: knownEcus,
  sets: setsSchema,
  previewSort,
  /** Files that the app was started with. */
  openedFiles: z.array(z.string()).readonly(),
  /** What of the last time could not be read: the app began without. */
  problem: errorData.nullable(),
});
export type AppStart = Readonly<Omit<z.infer<typeof appStart>, 'jobs'> & { jobs: Jobs }>;

/** Files of earlier versions may have ids of another form. */
const historyId = z.string().min(1).max(64);
const historyIds = z.array(historyId).max(MAX_HISTORY);

/** What a dialog chose; null: the person chose none. */
const chosenPath = path.nullable();

export const commands = {
  'app.start': command(none, appStart as unknown as z.ZodType<AppStart>),
  'app.licences': command(none, z.string()),
  /** The person agreed to close while a job runs. */
  'app.close': command(none, done),

  'settings.change': command(settingsChange, settings),
  /** A folder that cannot be used is an error, and the settings stay; null: the person chose none. */
  'settings.chooseCaFolder': command(none, settings.nullable()),
  /**
   * Reads the folder that is set. `withoutRoot`: names of CAs without a root certificate, which are not used.
   * One that cannot be used any more is an error.
   */
  'settings.checkCaFolder': command(
    none,
    z.object({ withoutRoot: z.array(z.string()).readonly() }),
  ),

  'images.choose': command(
    z.strictObject({ kind: z.enum(['files', 'folder']) }),
    z.array(path).readonly(),
  ),
  /** Answers at once; `image` events follow. */
  'images.add': command(z.strictObject({ id, path }), done),
  /** A folder that holds images stands for all of them. */
  'images.find': command(
    z.strictObject({ paths: z.array(path).max(MAX_DROPPED) }),
    z.array(path).readonly(),
  ),
  'images.remove': command(z.strictObject({ id }), done),

  /** A person said that these ECU ids are right. */
  'ecus.confirm': command(
    z.strictObject({ ecuIds: z.array(z.string().max(255)).min(1).max(MAX_PAYLOADS) }),
    knownEcus,
  ),

  /** The images as they are chosen now become the last set, or one with a name. */
  'sets.remember': command(z.strictObject({ images: chosenImages }), done),
  'sets.save': command(z.strictObject({ name: setName, images: chosenImages }), setsSchema),
  'sets.remove': command(z.strictObject({ name: z.string() }), setsSchema),
  'sets.export': command(z.strictObject({ name: setName, images: chosenImages }), chosenPath),
  'sets.import': command(none, imageSetSchema.nullable()),
  'choices.change': command(choicesSchema.pick({ previewSort: true }), done),

  'plan.preview': command(z.strictObject({ images: chosenImages }), planPreview),
  'plan.files': command(fileQuery, filePage),

  /** What a listed stick holds, as far as it can be read without more rights. */
  'stick.read': command(z.strictObject({ identity: driveIdentity }), manifest.nullable()),

  'output.choose': command(z.strictObject({ kind: z.enum(['tar', 'img', 'folder']) }), chosenPath),

  /** Answers with the job's id; `job` events follow. Files must have been chosen in a dialog. */
  'job.build': command(
    z.strictObject({
      images: chosenImages,
      outputs: z
        .array(chosenOutput)
        .min(1)
        .max(MAX_DRIVES + 1),
    }),
    id,
  ),
  /** Answers with the job's id; `job` events follow. */
  'job.check': command(
    z.strictObject({
      subjects: z.array(checkSubject).min(1).max(MAX_CHECKS),
      /** Switches off each drive when it was checked. */
      eject: z.boolean(),
    }),
    id,
  ),
  'job.chooseCheck': command(
    z.strictObject({ kind: z.enum(['files', 'folder']) }),
    z.array(path).readonly(),
  ),
  'job.cancel': command(z.strictObject({ id }), done),
  /** Gives up one output of a running build, by its position in the job's outcomes. */
  'job.stopOutput': command(z.strictObject({ id, output: count }), done),
  /** Forgets a finished job. */
  'job.dismiss': command(z.strictObject({ id }), done),
  /** Shows an output of the last build in the system's file manager. */
  'job.show': command(z.strictObject({ id, path }), done),
  'job.saveReport': command(z.strictObject({ id }), chosenPath),
  /** Switches off the drive of the last build; a `job` event says that it is. */
  'job.eject': command(z.strictObject({ id }), done),

  'history.list': command(none, z.array(historyEntrySchema).readonly()),
  /** Saves the entries with these ids as a table, in their order. */
  'history.export': command(z.strictObject({ ids: historyIds }), chosenPath),
  /** Saves what is known of one entry as text. */
  'history.saveReport': command(z.strictObject({ id: historyId }), chosenPath),
  'log.save': command(none, chosenPath),

  ...vehicleCommands,
} as const;

export type CommandName = keyof typeof commands;
export type PayloadOf<C extends CommandName> = z.infer<(typeof commands)[C]['payload']>;
export type ResultOf<C extends CommandName> = z.infer<(typeof commands)[C]['result']>;

/** Answer of every command: errors are data. */
export type Answer<Result> = { readonly ok: Result } | { readonly error: ErrorData };

/** What main tells the window unasked. */
export interface Events {
  /** ECU ids that are known now: a build has made something for others. */
  ecus: KnownEcus;
  image: { readonly id: string; readonly event: ImageEvent };
  drives: DriveList;
  /** A job has begun, goes on or has ended; null: it was dismissed. */
  job: { readonly kind: keyof Jobs; readonly job: JobSnapshot | null };
  opened: readonly string[];
  /** What the vehicle screen shows has changed. */
  vehicle: VehicleState;
  /** The window is to be closed while a job or an update of a vehicle runs. */
  closing: null;
}

export type EventName = keyof Events;

/** What the preload script puts on `window.ota`. */
export interface Bridge {
  invoke(command: string, payload: unknown): Promise<Answer<unknown>>;
  on(event: string, listener: (payload: unknown) => void): () => void;
  /** Path of a dropped file; empty text when it has none. */
  pathOf(file: File): string;
}

/** Channels are kept apart from anything else that may ever use Electron's IPC. */
export const CHANNEL_PREFIX = 'ota:';
