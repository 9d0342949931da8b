import type { CheckFault } from '../../../shared/model/job.ts';
import type { PayloadReport } from '../../../shared/model/image-report.ts';
import type { ContentDigest } from '../content/digest.ts';

/** What the metadata of one image asks the output for. */
export interface Expectation {
  /** Names below data/ with the size of what they unpack to, where the metadata tells it. */
  readonly blobs: ReadonlyMap<string, ContentDigest>;
  /** Paths below meta/<idx>/ that belong there. */
  readonly metafiles: ReadonlySet<string>;
  readonly faults: readonly CheckFault[];
  /** What the metadata says of the payload; null where it was not asked for, or cannot be read. */
  readonly counts: PayloadCounts | null;
}

/** Those figures of a payload that its metadata has, and not the files of the output. */
export type PayloadCounts = Pick<
  PayloadReport,
  'directories' | 'symlinks' | 'files' | 'persistents' | 'hardLinkedFiles' | 'unpackedBytes'
>;

export interface ExpectationOptions {
  readonly signal?: AbortSignal | undefined;
  /** false: skips signatures, for an image built without checking them. */
  readonly checkSignature: boolean;
  /** Whether {@link Expectation.counts} are wanted. */
  readonly count: boolean;
}
