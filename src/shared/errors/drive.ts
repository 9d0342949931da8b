/** Why a drive may not be erased. `drive` is what a person calls it. */
export interface DriveExclusions {
  'drive-is-system': { drive: string };
  /** Where the system runs from could not be found out. */
  'drive-may-be-system': { drive: string };
  'drive-is-swap': { drive: string };
  'drive-mounted-elsewhere': { drive: string; mount: string };
  /** `holder`: the LVM, LUKS, RAID or loop device, mount or filesystem that uses it. */
  'drive-held': { drive: string; holder: string };
  'drive-is-internal': { drive: string };
  'drive-is-loop': { drive: string };
  'drive-read-only': { drive: string };
  'drive-empty-reader': { drive: string };
  /** Bytes. */
  'drive-too-small': { drive: string; size: number; needed: number };
}

/** Starting the elevated writer. */
export interface ElevationErrors {
  /** The person closed the password dialog. */
  'elevation-cancelled': Record<string, never>;
  /** Wrong password, or not allowed. */
  'elevation-refused': Record<string, never>;
  /** What the system lacks: `pkexec`, `polkit` or `agent`. */
  'elevation-missing': { what: 'pkexec' | 'polkit' | 'agent' };
  /** It was granted, but the writer did not come up. */
  'elevation-broken': { detail: string };
  /** The writer lies where root cannot read it: on a network share, or mounted for its user alone. */
  'elevation-unreadable': { path: string };
  /** The writer does not accept its job. */
  'writer-refused': { reason: string };
  /** The writer ended in the middle of its work. */
  'writer-lost': { drive: string };
}

/** Finding drives and writing to them. `drive` is what a person calls it. */
export interface DriveErrors extends DriveExclusions, ElevationErrors {
  'drive-not-found': { path: string };
  /** A file or folder was named where a device is meant. */
  'drive-not-a-device': { path: string };
  'drive-list-failed': { reason: string };
  /** The device at that place is not the one that was confirmed. */
  'drive-changed': { drive: string };
  /** An image, or the folder of a file to be, that was there until the drive was unmounted. */
  'path-on-drive': { path: string; drive: string };
  /** Two of the devices to open lie on one disk. */
  'drive-named-twice': { drive: string };
  'drive-unplugged': { drive: string };
  /** `user`: programs, mounts and devices that keep it busy; empty when none is found. */
  'drive-busy': { drive: string; user: string };
  'drive-unmount-failed': { drive: string; mount: string; user: string };
  /** EPERM of Windows: controlled folder access, BitLocker, or a policy on removable storage. */
  'drive-blocked-by-windows': { drive: string };
  /** EPERM of macOS: the person has not allowed removable volumes for the app. */
  'drive-blocked-by-macos': { drive: string };
  'drive-open-failed': { drive: string; reason: string };
  'drive-write-failed': { drive: string; offset: number; reason: string };
  'drive-read-failed': { drive: string; offset: number; reason: string };
  /** It said that a write was done and then read something else. */
  'drive-forgets': { drive: string; offset: number };
  /** `found`: what blkid finds beside what was written, or in its place. */
  'drive-hidden': { drive: string; found: string };
  /** The system's own tool does not say that it knows what was written. */
  'drive-recognition-failed': { drive: string; reason: string };
  /** It holds less than it says: bytes. */
  'drive-counterfeit': { drive: string; size: number; holds: number };
  /** A notice, not a failure: the device does not answer. */
  'drive-stalled': { drive: string; seconds: number };
  /** One of several drives did nothing for so long that the others would have waited for it. */
  'drive-stands-still': { drive: string; seconds: number };
  /** A notice, not a failure: what is on it is not affected, but it is not switched off. */
  'drive-eject-failed': { drive: string; reason: string };
}
