import type { ImageContainer, InputFingerprint } from '../../../shared/model/image-report.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { ContentDigest } from '../content/digest.ts';
import type { MemberLocation } from '../content/member-location.ts';

/** Where a planned file's bytes come from. */
export type FileSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A member of an input: index into the plan's inputs and its place there. */
  | { readonly kind: 'member'; readonly input: number; readonly location: MemberLocation };

export interface PlannedFile {
  /** Path within the output with `/`, no leading `./`: `manifest.json`, `data/…`, `meta/0/…`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly source: FileSource;
  readonly contentDigest: ContentDigest;
}

export interface PlannedInput {
  readonly path: string;
  readonly container: ImageContainer;
  readonly fingerprint: InputFingerprint;
}

/**
 * Everything about the output, known before its first byte is written. Files stand in the order in
 * which their bytes are written: manifest.json, data/ in the order of the inputs' members, meta/.
 */
export interface BuildPlan {
  readonly manifest: Manifest;
  /** Unix seconds: the one modification time of every file and folder in the output. */
  readonly timestamp: number;
  /** Parents before children, without the root: `data`, `meta`, `meta/0`, … */
  readonly directories: readonly string[];
  /** Every input once, in the order in which emit reads them. */
  readonly inputs: readonly PlannedInput[];
  readonly files: readonly PlannedFile[];
}
