import type { CheckFault } from '../../../shared/model/job.ts';
import type { ContentDigest } from '../content/digest.ts';

/** What the metadata of one image asks the output for. */
export interface Expectation {
  /** Names below data/ with the size of what they unpack to, where the metadata tells it. */
  readonly blobs: ReadonlyMap<string, ContentDigest>;
  /** Paths below meta/<idx>/ that belong there. */
  readonly metafiles: ReadonlySet<string>;
  readonly faults: readonly CheckFault[];
}

export interface ExpectationOptions {
  readonly signal?: AbortSignal | undefined;
  /** false: skips signatures, for an image built without checking them. */
  readonly checkSignature: boolean;
}
