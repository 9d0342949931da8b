import { z } from 'zod';
import type { ErrorData } from './errors.ts';
import type { Language } from './messages/index.ts';
import type { Drive } from './model/drive.ts';
import type { ImageReport } from './model/image-report.ts';
import type { BuildResult, CheckReport, OutputRequest, PlanSummary } from './model/job.ts';
import type { Progress } from './model/progress.ts';

/**
 * The whole contract between window and main process. The window sends *commands* (one payload, one
 * answer) and receives *events*. Payloads come from a process that shows untrusted text, so each has
 * a schema that main checks; answers and events come from main and are only typed.
 */

/** Longest path that any supported system takes (Windows, extended). */
const PATH_MAX = 32_767;
/** More images than any vehicle has ECUs. */
export const IMAGES_MAX = 64;
/** Rows of the file table in one answer. */
export const PAGE_MAX = 500;

const path = z.string().min(1).max(PATH_MAX);
const id = z.uuid();
const none = z.undefined();

const driveIdentity = z.strictObject({
  path,
  serial: z.string().max(256).nullable(),
  model: z.string().max(256).nullable(),
  size: z.number().int().nonnegative(),
  transport: z.string().max(64).nullable(),
  deviceNumber: z.string().max(256),
  generation: z.string().max(256),
});

/** An image of the list by its id, with what the person entered. */
const chosenImage = z.strictObject({
  id,
  ecuId: z.string().max(255).nullable(),
  version: z.string().max(255).nullable(),
});
const chosenImages = z.array(chosenImage).min(1).max(IMAGES_MAX);
export type ChosenImage = z.infer<typeof chosenImage>;

const fileOutput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['tar', 'folder']), path }),
  z.strictObject({ kind: z.literal('img'), path, size: z.number().int().positive().nullable() }),
]);
const driveOutput = z.strictObject({ kind: z.literal('drive'), identity: driveIdentity });
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
export const settingsSchema = settings;

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
  limit: z.number().int().min(1).max(PAGE_MAX),
});
export type FileQuery = z.infer<typeof fileQuery>;

const checkSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('path'), path }),
  z.strictObject({ kind: z.literal('drive'), identity: driveIdentity }),
]);
export type CheckSubject = z.infer<typeof checkSubject>;

/** One row of the preview's file table. */
export interface FileRow {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface FilePage {
  /** Rows that match the search, of which `rows` is a part. */
  readonly matches: number;
  readonly rows: readonly FileRow[];
}

export interface PlanPreview {
  readonly summary: PlanSummary;
  /** Bytes that a stick needs at least. */
  readonly driveBytes: number;
}

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
export interface JobSnapshot {
  readonly id: string;
  readonly kind: 'build' | 'check';
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly outputs: readonly OutputRequest[];
  /** Name of the drive or path, for people. */
  readonly subject: string;
  readonly state: 'running' | 'cancelling' | 'done' | 'failed';
  /** Whether the drive may already have been changed. */
  readonly touched: boolean;
  readonly progress: Progress | null;
  readonly notices: readonly ErrorData[];
  readonly build: BuildResult | null;
  readonly check: CheckReport | null;
  readonly error: ErrorData | null;
}

export interface HistoryEntry {
  readonly id: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly milliseconds: number;
  readonly images: readonly { readonly ecuId: string; readonly version: string }[];
  readonly outputs: readonly {
    readonly kind: OutputRequest['kind'];
    /** Path of a file; model of a drive. */
    readonly name: string;
    readonly serial: string | null;
  }[];
  /** `saved`: written from checked contents, but not read back. */
  readonly result: 'verified' | 'saved' | 'cancelled' | 'failed';
  readonly error: ErrorData | null;
}

export interface AppStart {
  readonly version: string;
  readonly platform: string;
  /** What `system` means as language. */
  readonly systemLanguage: Language;
  readonly settings: Settings;
  readonly job: JobSnapshot | null;
  readonly drives: readonly Drive[];
  /** Files that the app was started with. */
  readonly openedFiles: readonly string[];
}

interface Command<Payload extends z.ZodType, Result> {
  readonly payload: Payload;
  /** Only a type: `undefined` at run time. */
  readonly result?: Result;
}

function command<Result>() {
  return <Payload extends z.ZodType>(payload: Payload): Command<Payload, Result> => ({ payload });
}

export const commands = {
  'app.start': command<AppStart>()(none),
  'app.licences': command<string>()(none),
  /** The person agreed to close while a job runs. */
  'app.close': command<null>()(none),

  'settings.change': command<Settings>()(settings.partial()),
  /** null: the person chose none. */
  'settings.chooseCaFolder': command<Settings | null>()(none),

  'images.choose': command<readonly string[]>()(
    z.strictObject({ kind: z.enum(['files', 'folder']) }),
  ),
  /** Answers at once; `image` events follow. */
  'images.add': command<null>()(z.strictObject({ id, path })),
  'images.remove': command<null>()(z.strictObject({ id })),

  'plan.preview': command<PlanPreview>()(z.strictObject({ images: chosenImages })),
  'plan.files': command<FilePage>()(fileQuery),

  /** null: the person chose none. */
  'output.choose': command<string | null>()(
    z.strictObject({ kind: z.enum(['tar', 'img', 'folder']) }),
  ),

  /** Answers with the job's id; `job` events follow. */
  'job.build': command<string>()(
    z.strictObject({ images: chosenImages, outputs: z.array(chosenOutput).min(1).max(2) }),
  ),
  'job.check': command<string>()(checkSubject),
  'job.chooseCheck': command<string | null>()(z.strictObject({ kind: z.enum(['file', 'folder']) })),
  'job.cancel': command<null>()(z.strictObject({ id })),
  /** Forgets a finished job. */
  'job.dismiss': command<null>()(z.strictObject({ id })),
  /** Shows an output of the last build in the system's file manager. */
  'job.show': command<null>()(z.strictObject({ id, path })),
  'job.saveReport': command<string | null>()(z.strictObject({ id })),

  'drive.eject': command<null>()(z.strictObject({ identity: driveIdentity })),

  'history.list': command<readonly HistoryEntry[]>()(none),
  'history.export': command<string | null>()(none),
  'log.save': command<string | null>()(none),
} as const;

export type CommandName = keyof typeof commands;
export type PayloadOf<C extends CommandName> = z.infer<(typeof commands)[C]['payload']>;
export type ResultOf<C extends CommandName> =
  (typeof commands)[C] extends Command<z.ZodType, infer Result> ? Result : never;

/** Answer of every command: errors are data. */
export type Answer<Result> = { readonly ok: Result } | { readonly error: ErrorData };

/** What main tells the window unasked. */
export interface Events {
  image: { readonly id: string; readonly event: ImageEvent };
  drives: readonly Drive[];
  job: JobSnapshot | null;
  opened: readonly string[];
  /** The window is to be closed while a job runs. */
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
