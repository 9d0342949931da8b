/** Writing and checking outputs. */
export interface OutputErrors {
  'output-exists': { path: string };
  'output-unwritable': { path: string; reason: string };
  'output-no-space': { path: string; needed: number; free: number };
  'output-full': { path: string };
  'output-write-failed': { path: string; reason: string };
  'output-size-too-small': { path: string; needed: number; size: number };
  'verify-failed': { target: string; faults: number; first: string };
  'verify-incomplete': { target: string };
  'verify-not-an-image': { target: string };
}
