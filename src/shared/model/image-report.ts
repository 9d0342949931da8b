/**
 * What inspection found out about one input. Plain data: it crosses worker and IPC borders.
 */
import type { Manifest } from './manifest.ts';

/** `legacy`: tar archive of ota-metadata ("version 1 metadata"). `v1`: ZIP of ota-image-builder. */
export type ImageFormat = 'legacy' | 'v1';

/**
 * How the image is stored, found by content and never by name. `img`: files of an ext4 filesystem, which only
 * a finished image has.
 */
export const IMAGE_CONTAINERS = [
  ...(['folder', 'tar', 'gzip', 'zstd', 'xz', 'bzip2', 'zip'] as const),
  'img',
] as const;
export type ImageContainer = (typeof IMAGE_CONTAINERS)[number];

/** Identity of the input at inspection time; a difference means that it must be inspected again. */
export interface InputFingerprint {
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** Milliseconds since the epoch, with a fraction where the filesystem has one. */
  readonly mtimeMs: number;
  /** Inode number as decimal text (it may exceed 2^53). */
  readonly inode: string;
}

/** `anchored`: chain ends in a given CA. `unanchored`: valid, but no CA was given. `unchecked`: asked not to check. */
export type SignatureState = 'anchored' | 'unanchored' | 'unchecked';

export interface SignatureReport {
  readonly state: SignatureState;
  /** Subject of the signing certificate, for people (one line); null when unchecked and unreadable. */
  readonly signer: string | null;
  /** Name of the CA chain (`<chain>.root.pem`) that anchors the signature. */
  readonly chain: string | null;
  /** ISO 8601 dates of the signing certificate's validity. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

/** For whom a payload of the newer format is: development or production vehicles. */
export type ReleaseKey = 'dev' | 'prd';

/** One ECU's files within an image. A legacy image has exactly one payload. */
export interface PayloadReport {
  /** ECU id named inside the image; null for legacy images, which name none. */
  readonly ecuId: string | null;
  readonly releaseKey: ReleaseKey | null;
  /** Version named inside the image, if any. */
  readonly version: string | null;
  readonly directories: number;
  readonly symlinks: number;
  /** Regular files by path, hard links counted each. */
  readonly files: number;
  readonly persistents: number;
  /** Paths that share their inode with another path. */
  readonly hardLinkedFiles: number;
  /** Distinct blobs that the payload needs in the output's data folder. */
  readonly blobs: number;
  /** How many of `blobs` are stored zstd-compressed. */
  readonly compressedBlobs: number;
  /** Sum of the sizes of `blobs` as stored, in bytes. */
  readonly storedBytes: number;
  /** Sum of the unpacked sizes of all regular files, hard-linked content counted once; bytes. */
  readonly unpackedBytes: number;
}

/** Things worth telling that do not stop a build. */
export type ImageWarning =
  | { readonly code: 'signature-unanchored' }
  | { readonly code: 'signature-unchecked' }
  | { readonly code: 'certificate-expires-soon'; readonly params: { readonly validTo: string } }
  | { readonly code: 'unlisted-members'; readonly params: { readonly count: number } }
  | { readonly code: 'sizes-not-listed'; readonly params: { readonly count: number } }
  /** Entries of index.json of kinds that vehicles pass over; `types` for people. */
  | {
      readonly code: 'entries-unknown';
      readonly params: { readonly count: number; readonly types: string };
    };

/** What is known of every input. */
interface InputReport {
  /** Absolute path as given by the person. */
  readonly path: string;
  readonly container: ImageContainer;
  readonly fingerprint: InputFingerprint;
  /**
   * SHA-256 of the file that is signed (`metadata.jwt`, `index.jwt`), which vouches for all others: images of one
   * digest are the same, however they are packed. Of a finished image: of its `manifest.json`.
   */
  readonly digest: string;
  readonly signature: SignatureReport;
  readonly payloads: readonly PayloadReport[];
  readonly warnings: readonly ImageWarning[];
}

/** An OTA image, of which an offline OTA image can be built. */
export interface OtaImageReport extends InputReport {
  readonly format: ImageFormat;
}

/**
 * A finished offline OTA image, which is written as it is and alone. Its payloads are those of its manifest, in
 * that order; its signature has the weakest state, and the shortest validity, of all images in it.
 */
export interface FinishedReport extends InputReport {
  readonly format: 'offline';
  readonly container: 'tar' | 'folder' | 'img';
  readonly manifest: Manifest;
  /** Number and bytes of the files that it holds. */
  readonly files: number;
  readonly bytes: number;
}

export type ImageReport = OtaImageReport | FinishedReport;
