import type { ErrorData } from '../../shared/errors.ts';
import type {
  CheckSubject,
  ChosenImage,
  DriveList,
  FilePage,
  FileQuery,
  PlanPreview,
} from '../../shared/ipc.ts';
import type { CaReport } from '../../shared/model/ca-report.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import type { BuildResult, CheckReport, OutputRequest } from '../../shared/model/job.ts';
import type { Progress } from '../../shared/model/progress.ts';

export interface TrustOptions {
  readonly caDir: string | null;
}

export interface BuildOrder {
  readonly images: readonly ChosenImage[];
  readonly outputs: readonly OutputRequest[];
  readonly caDir: string | null;
}

/** What a job tells while it runs. */
export type JobNews =
  /** The job has failed or was cancelled, and what is half-made is now removed. */
  | { readonly kind: 'removing' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'notice'; readonly notice: ErrorData };

/**
 * What the app needs from the engine and the drives. It runs in a worker thread, so that the process
 * of the window never waits for it; everything that crosses is plain data. Images are known by the
 * ids that the window gave them.
 */
export interface Backend {
  /** Reads headers and metadata, checks the signature; remembers the image under its id. */
  inspect(
    id: string,
    path: string,
    options: TrustOptions,
    onProgress: (news: { readonly done: number; readonly total: number }) => void,
    signal: AbortSignal,
  ): Promise<ImageReport>;
  /** Hashes the contents of an inspected image. */
  checkContents(
    id: string,
    onProgress: (news: { readonly done: number; readonly total: number }) => void,
    signal: AbortSignal,
  ): Promise<null>;
  forget(id: string): Promise<null>;
  /** Reads a CA folder as every image that is read with it does. @throws `ca-unreadable` */
  checkCaFolder(dir: string): Promise<CaReport>;
  preview(images: readonly ChosenImage[]): Promise<PlanPreview>;
  files(query: FileQuery): Promise<FilePage>;
  build(
    order: BuildOrder,
    onNews: (news: JobNews) => void,
    signal: AbortSignal,
  ): Promise<BuildResult>;
  check(
    subject: CheckSubject,
    onNews: (news: JobNews) => void,
    signal: AbortSignal,
  ): Promise<CheckReport>;
  /** Calls `onDrives` at once and at every change, failures included, until aborted. */
  watchDrives(onDrives: (list: DriveList) => void, signal: AbortSignal): Promise<null>;
  eject(identity: DriveIdentity): Promise<null>;
  /** Resolves when nothing half-made is left of the jobs so far. */
  removed(): Promise<null>;
}
