/** Writing and checking outputs. */
export interface OutputErrors {
  'output-exists': { path: string };
  /** `folder`: the one that `path` was to be in. */
  'output-folder-missing': { path: string; folder: string };
  'output-folder-is-file': { path: string; folder: string };
  'output-folder-full': { path: string; folder: string };
  'output-link-to-nothing': { path: string };
  'output-in-image': { path: string; image: string };
  'output-path-too-long': { path: string };
  'output-read-only': { path: string };
  'output-unwritable': { path: string; reason: string };
  /** Controlled folder access, or a permission of the folder: Windows says the same of both. */
  'output-blocked-by-windows': { path: string };
  /** The person has not let the app into that folder or volume. */
  'output-blocked-by-macos': { path: string };
  'output-over-quota': { path: string };
  /** More than the filesystem, or a limit of the process (RLIMIT_FSIZE), allows in one file. */
  'output-file-too-large': { path: string };
  'output-too-large-for-fat': { path: string };
  /** What reads a pipe ended before all of it was written. */
  'stream-unread': { path: string };
  'output-no-space': { path: string; needed: number; free: number };
  'output-full': { path: string };
  'output-write-failed': { path: string; reason: string };
  'output-size-too-small': { path: string; needed: number; size: number };
  'output-name-too-long': { name: string; limit: number };
  'output-too-many-files': { limit: number };
  /** A finished filesystem that is read back. `what`: the structure, `reason`: what is wrong with it. */
  'filesystem-absent': { target: string };
  'filesystem-unsupported': { target: string; feature: string };
  'filesystem-damaged': { target: string; what: string; reason: string };
  'filesystem-limit': { target: string; what: string; limit: number };
  'filesystem-path-missing': { target: string; path: string };
  'verify-failed': { target: string; faults: number; first: string };
  'verify-incomplete': { target: string };
  'verify-not-an-image': { target: string };
  /** An OTA image, of which an offline OTA image can be built. */
  'verify-ota-image': { target: string };
}
