import type { ImageReport, ReleaseKey } from './image-report.ts';
import type { Manifest } from './manifest.ts';
import type { Outcome } from './outcome.ts';
import type { OutputRequest } from './output-request.ts';

export {
  MAX_DRIVES,
  type DriveRequest,
  type FileRequest,
  type OutputRequest,
} from './output-request.ts';

/** One image as the person chose it. */
export interface ImageRequest {
  /** Absolute path of an archive or folder. */
  readonly path: string;
  /** null: take every payload that the artifact names (newer format only). */
  readonly ecuId: string | null;
  /** Empty text: no version. null: the version named inside the image, else empty. */
  readonly version: string | null;
  /** Chooses between payloads of one ECU (newer format only). */
  readonly releaseKey: ReleaseKey | null;
}

export interface BuildRequest {
  readonly images: readonly ImageRequest[];
  readonly outputs: readonly OutputRequest[];
  readonly caDir: string | null;
  readonly checkSignature: boolean;
  /** Unix seconds; null: now (or SOURCE_DATE_EPOCH on the command line). */
  readonly timestamp: number | null;
}

/** What the plan says before anything is written. */
export interface PlanSummary {
  readonly manifest: Manifest;
  /** Sum of the images' stored bytes before sharing, bytes. */
  readonly requestedBytes: number;
  /** `requestedBytes` minus what is stored once for several images. */
  readonly sharedBytes: number;
  /** Bytes and number of all files in the output. */
  readonly totalBytes: number;
  readonly totalFiles: number;
}

export interface BuildResult {
  readonly summary: PlanSummary;
  readonly images: readonly ImageReport[];
  /** One for each output that was asked for, in that order. At least one drive is complete, where drives are. */
  readonly outcomes: readonly Outcome[];
  readonly milliseconds: number;
}

/** One fault that checking a finished output found. */
export interface CheckFault {
  readonly kind: 'missing' | 'corrupt' | 'unexpected' | 'size' | 'manifest' | 'structure';
  /** Path within the output. */
  readonly path: string;
  readonly detail: string;
}

export interface CheckReport {
  readonly target: string;
  readonly kind: 'tar' | 'folder' | 'img' | 'drive';
  readonly complete: boolean;
  readonly manifest: Manifest | null;
  readonly files: number;
  readonly bytes: number;
  /** At most 1,000; `faultCount` has the number. */
  readonly faults: readonly CheckFault[];
  readonly faultCount: number;
}
