import type { ImageContainer } from '../../../shared/model/image-report.ts';

/** Bytes of a sparse member: `length` at `offset` of the decoded input, `from` within the member. */
export interface DataRun {
  readonly from: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * Where a member's content is stored. `extent`: at this byte offset of the *decoded* input (the file
 * itself for tar, zip and image file, the decompressed stream for a compressed tar). `sparse`: as runs from this
 * offset on, ascending in both, with zeros between them. `file`: in a file of its own (absolute path),
 * when the input is a folder.
 */
export type MemberLocation =
  | { readonly kind: 'extent'; readonly offset: number }
  | { readonly kind: 'sparse'; readonly offset: number; readonly runs: readonly DataRun[] }
  | { readonly kind: 'file'; readonly path: FilePath };

/** Bytes where a name in it is not UTF-8: Node would turn those of a text into others. */
export type FilePath = string | Buffer;

export interface Member {
  /** Content bytes. */
  readonly size: number;
  readonly location: MemberLocation;
}

/** An input by its absolute path, and how it is stored. */
export interface StoredInput {
  readonly path: string;
  readonly container: ImageContainer;
}

/** Whether members stand in the file as they are: any of its bytes can be read at any time. */
export function isPositioned(
  container: ImageContainer,
): container is Extract<ImageContainer, 'tar' | 'zip' | 'img'> {
  return container === 'tar' || container === 'zip' || container === 'img';
}

/** Whether runs cover a file of `size` bytes without a hole. */
export function isWhole(runs: readonly DataRun[], size: number): boolean {
  let end = 0;
  for (const { from, length } of runs) {
    if (from !== end) return false;
    end += length;
  }
  return end === size;
}

/** Where reading a member begins in the decoded input; null: in a file of its own. */
export function locationOffset(location: MemberLocation): number | null {
  return location.kind === 'file' ? null : location.offset;
}
