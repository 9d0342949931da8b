import type { ImageContainer, InputFingerprint } from '../../../shared/model/image-report.ts';

/** Bytes of a sparse member: `length` at `offset` of the decoded input, `from` within the member. */
export interface DataRun {
  readonly from: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * Where a member's content stands. `extent`: at this byte offset of the *decoded* input (the file
 * itself for tar and zip, the decompressed stream for a compressed tar). `sparse`: as runs from this
 * offset on, ascending in both, with zeros between them. `file`: in a file of its own (absolute path),
 * when the input is a folder.
 */
export type MemberPlace =
  | { readonly kind: 'extent'; readonly offset: number }
  | { readonly kind: 'sparse'; readonly offset: number; readonly runs: readonly DataRun[] }
  | { readonly kind: 'file'; readonly path: FilePath };

/** Bytes where a name in it is not UTF-8: Node would turn those of a text into others. */
export type FilePath = string | Buffer;

export interface Member {
  /** Content bytes. */
  readonly size: number;
  readonly place: MemberPlace;
}

/** Where reading a member begins in the decoded input; null: in a file of its own. */
export function placeOffset(place: MemberPlace): number | null {
  return place.kind === 'file' ? null : place.offset;
}

/**
 * An input seen as a set of regular files, whatever they mean: the port between containers (tar, zip,
 * folder) and image formats. Opened once for inspection; emit needs nothing of it but the places.
 */
export interface ImageInput {
  /** Absolute path. */
  readonly path: string;
  readonly container: ImageContainer;
  readonly fingerprint: InputFingerprint;
  /**
   * Every regular file by its name: relative, `/` between parts, no `./`, no `..`, no empty part.
   * Hard links are resolved: they have the place of what they link to. Of equal names the last counts
   * (as in tar extraction); a zip with equal names is refused.
   */
  readonly members: ReadonlyMap<string, Member>;
  /** Names of what is neither a regular file nor a folder: symbolic links, devices. Never followed. */
  readonly others: ReadonlySet<string>;
  /**
   * Contents of the named members, which must exist. Cheap for positioned inputs; a compressed one is
   * decoded again for what was not kept, so ask for many at once.
   * Throws `archive-limit` where a member is larger than `maxBytes`.
   */
  readMany(
    names: readonly string[],
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Map<string, Uint8Array>>;
}
