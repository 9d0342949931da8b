/** What makes a drive this drive; a path alone never does. */
export interface DriveIdentity {
  /** Device path at the time of listing, e.g. /dev/sdb. */
  readonly path: string;
  /** Whole-disk serial or WWN; null where the hardware tells none. */
  readonly serial: string | null;
  readonly model: string | null;
  /** Bytes. */
  readonly size: number;
  readonly transport: string | null;
  /** `major:minor` (Linux), disk number (Windows), BSD name (macOS). */
  readonly deviceNumber: string;
  /** Changes whenever the device is plugged again (Linux: diskseq). */
  readonly generation: string;
}

/**
 * How a drive is attached, as far as safety is concerned. `fixed` is everything that a person does not
 * plug in and out: SATA, NVMe, virtio, eMMC and whatever does not tell.
 */
export type DriveKind = 'usb' | 'sd' | 'loop' | 'fixed';

/** A partition of a drive that can be a target of its own. */
export interface DrivePartition {
  readonly path: string;
  readonly deviceNumber: string;
  /** Bytes. */
  readonly size: number;
  /** Filesystem label; null if there is none. */
  readonly label: string | null;
}

/** A mounted filesystem, at whatever depth of partitions, LVM, LUKS, RAID, overlays or loops it lies. */
export interface DriveMount {
  /** Mount point; `/dev/sdb1` etc. is `device`. */
  readonly path: string;
  readonly device: string;
  /** The system or its administrator has put it there, so that it is not ours to unmount. */
  readonly pinned: boolean;
}

/** One whole disk as the operating system describes it, facts only; judgeDrive() draws conclusions. */
export interface Drive {
  readonly identity: DriveIdentity;
  readonly kind: DriveKind;
  readonly vendor: string | null;
  /** Where it is plugged in, as the system counts its sockets (`2-1.4`); null where it does not tell. */
  readonly port: string | null;
  readonly readOnly: boolean;
  readonly partitions: readonly DrivePartition[];
  /** Filesystem labels on it, the disk's own first. */
  readonly labels: readonly string[];
  readonly mounts: readonly DriveMount[];
  /** Devices and files on it that serve as swap. */
  readonly swaps: readonly string[];
  /** Active users other than mounts: device mapper (LVM, LUKS), RAID, loops, filesystems out of sight. */
  readonly holders: readonly string[];
  /**
   * true: the operating system itself says that it runs or starts from this disk. `maybe`: where it runs
   * from could not be found out, and this disk may be it.
   */
  readonly system: boolean | 'maybe';
}

/** Above this size in bytes a model must be typed: sticks this large are rare, backup disks not. */
const UNUSUALLY_LARGE = 256_000_000_000;

/** Whether a drive is so large that it is hardly meant to become a stick for vehicles. */
export function isUnusuallyLarge({ size }: Pick<DriveIdentity, 'size'>): boolean {
  return size > UNUSUALLY_LARGE;
}

/** What a person calls a drive: maker and model, else its path. */
export function driveName(drive: Pick<Drive, 'identity' | 'vendor'>): string {
  const { model, path } = drive.identity;
  if (model === null) return path;
  const { vendor } = drive;
  return vendor === null || model.toLowerCase().startsWith(vendor.toLowerCase())
    ? model
    : `${vendor} ${model}`;
}

/**
 * The identity of one partition: serial, model, transport and generation are those of its disk,
 * because the kernel tells none for partitions.
 */
export function partitionIdentity(drive: Drive, partition: DrivePartition): DriveIdentity {
  const { path, deviceNumber, size } = partition;
  return { ...drive.identity, path, deviceNumber, size };
}

/** true when both name the same device, plugged in once: every field must agree. */
export function sameIdentity(a: DriveIdentity, b: DriveIdentity): boolean {
  return (
    a.path === b.path &&
    a.serial === b.serial &&
    a.model === b.model &&
    a.size === b.size &&
    a.transport === b.transport &&
    a.deviceNumber === b.deviceNumber &&
    a.generation === b.generation
  );
}

/**
 * true: most likely one stick, also when it was plugged in again: one that tells a serial is known by it. Of
 * one that tells none only the same place says so, as long as it is plugged in.
 */
export function isSameStick(a: DriveIdentity, b: DriveIdentity): boolean {
  if (a.serial === null || b.serial === null) return sameIdentity(a, b);
  return a.serial === b.serial && a.model === b.model;
}

/**
 * true: nothing that is written on a stick or in its electronics tells it from another one of the list, so that
 * only the socket does.
 */
export function isAmbiguous(drive: Drive, drives: readonly Drive[]): boolean {
  return drives.some(
    (other) =>
      !sameIdentity(other.identity, drive.identity) &&
      other.identity.serial === drive.identity.serial &&
      other.identity.size === drive.identity.size &&
      driveName(other) === driveName(drive),
  );
}

/**
 * true: both lie on one disk, because they are the same device, a disk and its partition, or two partitions.
 * Partitions carry the generation of their disk, which the system gives to one disk only; macOS tells it by the
 * name (`disk4s1` is a part of `disk4`).
 */
export function onOneDisk(a: DriveIdentity, b: DriveIdentity): boolean {
  if (a.path === b.path || a.deviceNumber === b.deviceNumber) return true;
  const [diskOfA, diskOfB] = [a, b].map(({ deviceNumber }) => /^disk\d+/.exec(deviceNumber)?.[0]);
  if (diskOfA !== undefined || diskOfB !== undefined) return diskOfA === diskOfB;
  return a.generation !== '' && a.generation === b.generation;
}

/** The drive, and the partition of it if `identity` is one's; null when it is no longer that device. */
export function findDrive(
  drives: readonly Drive[],
  identity: DriveIdentity,
): { readonly drive: Drive; readonly partition: DrivePartition | null } | null {
  for (const drive of drives) {
    if (sameIdentity(drive.identity, identity)) return { drive, partition: null };
    for (const partition of drive.partitions) {
      if (sameIdentity(partitionIdentity(drive, partition), identity)) return { drive, partition };
    }
  }
  return null;
}
