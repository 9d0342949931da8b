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

/** By what an image can be recognised later, and by whom it was signed. */
export interface ImageSignature {
  /** SHA-256, in hex, of the signed token (`metadata.jwt`, `index.jwt`), which vouches for all of the image. */
  readonly digest: string | null;
  /** Subject of the signing certificate; whether a CA anchors it is another question. */
  readonly signer: string | null;
}

export interface BuildResult {
  readonly summary: PlanSummary;
  /** Of each image, in the order of the manifest. */
  readonly signatures: readonly ImageSignature[];
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
  /** Of each image of the manifest, in its order, as far as they can be read. */
  readonly signatures: readonly ImageSignature[];
  readonly files: number;
  readonly bytes: number;
  /** At most 1,000; `faultCount` has the number. */
  readonly faults: readonly CheckFault[];
  readonly faultCount: number;
}
