import type { ImageContainer, InputFingerprint } from '../../../shared/model/image-report.ts';
import type { MemberDigests } from '../content/member-digests.ts';
import type { Member } from '../content/member-location.ts';

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
  /** Of the members' contents, where they were hashed when the input was opened. */
  readonly digests?: MemberDigests | null;
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
