/** What was asked for makes no sense, was cancelled, or is a defect of ours. */
export interface RequestErrors {
  cancelled: Record<string, never>;
  internal: { detail: string };
  /** Settings or history of the app, which begins without. */
  'stored-unreadable': { path: string; reason: string };
  /** `reason`: of the system, or the names of settings that are none. */
  'fixed-settings-unreadable': { path: string; reason: string };
  /** An administrator has fixed it in that file. */
  'setting-fixed': { path: string };
  /** A file that was to be imported as a set of images. */
  'set-unreadable': { path: string };
  'ecu-id-duplicate': { ecuId: string };
  'ecu-id-invalid': { ecuId: string };
  /** An image that does not name its ECU itself. */
  'ecu-id-missing': { file: string };
  'image-argument-malformed': { argument: string };
  /** A path of Windows without an ECU ID before it. */
  'usage-image-drive-letter': { argument: string };
  'usage-no-image': Record<string, never>;
  'usage-no-output': Record<string, never>;
  /** The folder in which the command was started has been deleted. */
  'usage-current-folder-gone': Record<string, never>;
  'usage-no-path': Record<string, never>;
  'usage-confirm-without-drive': Record<string, never>;
  'drive-not-confirmed': { drive: string };
  'usage-too-many-drives': { most: number };
  'usage-output-kind': { path: string };
  /** One output is another, or lies within it. */
  'usage-outputs-overlap': { path: string; other: string };
  /** A disk, or another device, was given with -o. */
  'usage-output-device': { path: string };
  /** A pipe takes a tar archive only. */
  'usage-stream-kind': { path: string };
  'usage-stdout-terminal': Record<string, never>;
  /** Events and the archive would both go to standard output. */
  'usage-stdout-json': Record<string, never>;
  /** A device was given where `inspect` looks at files and folders. */
  'usage-inspect-device': { path: string };
  'usage-size-without-image': Record<string, never>;
  'usage-option': { detail: string };
}
