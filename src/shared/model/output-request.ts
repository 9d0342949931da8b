import type { DriveIdentity } from './drive.ts';

export type OutputRequest =
  | { readonly kind: 'tar' | 'folder'; readonly path: string }
  /** `size` in bytes; null: the smallest that fits plus 5 %. */
  | { readonly kind: 'img'; readonly path: string; readonly size: number | null }
  | DriveRequest;

export interface DriveRequest {
  readonly kind: 'drive';
  readonly identity: DriveIdentity;
  readonly allowFixed: boolean;
  readonly eject: boolean;
  /** Write only what the drive does not hold already, where that is possible. Absent: write it as a whole. */
  readonly refresh?: boolean | undefined;
}

/** A file or folder. */
export type FileRequest = Exclude<OutputRequest, DriveRequest>;

/** Drives of one job: a large hub has as many sockets, and memory for so many is still bounded. */
export const MAX_DRIVES = 16;
