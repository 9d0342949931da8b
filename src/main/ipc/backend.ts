import type { ErrorData } from '../../shared/errors.ts';
import type { ChosenImage, DriveList, FilePage, FileQuery, PlanPreview } from '../../shared/ipc.ts';
import type { CheckRequest } from '../jobs/index.ts';
import type { CaReport } from '../../shared/model/ca-report.ts';
import type { CheckOutcome } from '../../shared/model/check.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import type { BuildResult, OutputRequest } from '../../shared/model/job.ts';
import type { Manifest } from '../../shared/model/manifest.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { Progress } from '../../shared/model/progress.ts';
import type { VehicleBackend } from './vehicle-backend.ts';

export interface TrustOptions {
  readonly caDir: string | null;
}

export interface BuildOrder {
  readonly images: readonly ChosenImage[];
  readonly outputs: readonly OutputRequest[];
  readonly caDir: string | null;
}

/** What a job reports while it runs. */
export type JobEvent =
  /** The job has failed or was cancelled, and what is half-made is now removed. */
  | { readonly kind: 'removing' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** Of a build of several drives: how far one output is. */
  | { readonly kind: 'lane'; readonly output: number; readonly progress: Progress }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly Outcome[] }
  | { readonly kind: 'checks'; readonly checks: readonly CheckOutcome[] }
  | { readonly kind: 'notice'; readonly notice: ErrorData };

/**
 * What the app needs from the engine and the drives. It runs in a worker thread, so that the process
 * of the window never waits for it; everything that crosses is plain data. Images are known by the
 * ids that the window gave them.
 */
export interface Backend extends VehicleBackend {
  /** Images that paths stand for: a folder that holds some stands for all of them. */
  findImages(paths: readonly string[]): Promise<readonly string[]>;
  /** Reads headers and metadata, checks the signature; remembers the image under its id. */
  inspect(
    id: string,
    path: string,
    options: TrustOptions,
    onProgress: (news: { readonly done: number; readonly total: number }) => void,
    signal: AbortSignal,
  ): Promise<ImageReport>;
  /** Hashes the contents of an inspected image. */
  proveContents(
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
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<BuildResult>;
  /** Checks one subject after the other. Rejects only when it is cancelled. */
  check(
    request: CheckRequest,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<readonly CheckOutcome[]>;
  /** Gives up one output of the build that runs, by its position in the order. */
  stopOutput(output: number): Promise<null>;
  /** Calls `onDrives` at once and at every change, failures included, until aborted. */
  watchDrives(onDrives: (list: DriveList) => void, signal: AbortSignal): Promise<null>;
  /** What a listed drive says that it holds, as far as it can be read without more rights; else null. */
  readManifest(identity: DriveIdentity): Promise<Manifest | null>;
  eject(identity: DriveIdentity): Promise<null>;
  /** Resolves when nothing half-made is left of the jobs so far. */
  removed(): Promise<null>;
}
