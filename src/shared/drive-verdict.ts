import type { ErrorData } from './errors.ts';
import type { DriveExclusions } from './errors/drive.ts';
import { driveName, type Drive, type DrivePartition } from './model/drive.ts';

export type DriveReason = ErrorData<keyof DriveExclusions>;

/** `reason` is worded by the catalogue of errors, so that a list and a refusal say the same. */
export type DriveVerdict =
  { readonly usable: true } | { readonly usable: false; readonly reason: DriveReason };

export interface DriveRules {
  /** Allow fixed drives and loop devices. System disks stay excluded. */
  readonly allowFixed: boolean;
  /** Bytes that the output needs; 0 when not known yet. */
  readonly minimumSize: number;
  /** `read`: nothing is erased, so that built-in, loop and write-protected drives will do. */
  readonly access?: 'read' | 'write';
}

/**
 * Folders where desktops mount what a person plugs in: `/media/<user>/<name>` and
 * `/run/media/<user>/<name>`, not everything below /media. macOS and Windows tell system disks by other means.
 */
const REMOVABLE_MEDIA = /^(\/(run\/)?media\/[^/]+\/[^/]|\/Volumes\/|[A-Z]:\\)/;

/** Mount points that make a disk part of the running system, themselves and everything below. */
const SYSTEM_MOUNT = /^\/(boot|efi|usr|var|home|etc|nix|gnu|run\/live|cdrom|System|private)(\/|$)/;

/**
 * Whether a drive (or one partition of it) may be erased, or read: it is unmounted for either. The rules look at
 * the whole disk also when a partition is meant: a partition of a system disk is never a target. Pure; the
 * list shows its result to the person, and the elevated writer judges again by itself.
 */
export function judgeDrive(
  drive: Drive,
  rules: DriveRules,
  partition: DrivePartition | null = null,
): DriveVerdict {
  const reason = exclusion(drive, rules, partition);
  return reason === null ? { usable: true } : { usable: false, reason };
}

function exclusion(
  drive: Drive,
  rules: DriveRules,
  partition: DrivePartition | null,
): DriveReason | null {
  const name = driveName(drive);
  const mounts = drive.mounts.map((mount) => mount.path);
  const system = mounts.find((path) => path === '/' || SYSTEM_MOUNT.test(path));
  if (system !== undefined || drive.system === true)
    return { code: 'drive-is-system', params: { drive: name } };
  if (drive.swaps.length > 0) return { code: 'drive-is-swap', params: { drive: name } };
  const elsewhere = drive.mounts.find(({ path, pinned }) => pinned || !isRemovableFolder(path));
  if (elsewhere !== undefined)
    return { code: 'drive-mounted-elsewhere', params: { drive: name, mount: elsewhere.path } };
  const holder = drive.holders[0];
  if (holder !== undefined) return { code: 'drive-held', params: { drive: name, holder } };
  if (drive.system === 'maybe') return { code: 'drive-may-be-system', params: { drive: name } };
  const size = partition?.size ?? drive.identity.size;
  if (size === 0) return { code: 'drive-empty-reader', params: { drive: name } };
  if (rules.access === 'read') return null;
  if (drive.kind === 'fixed' && !rules.allowFixed)
    return { code: 'drive-is-internal', params: { drive: name } };
  if (drive.kind === 'loop' && !rules.allowFixed)
    return { code: 'drive-is-loop', params: { drive: name } };
  if (drive.readOnly) return { code: 'drive-read-only', params: { drive: name } };
  if (size < rules.minimumSize)
    return { code: 'drive-too-small', params: { drive: name, size, needed: rules.minimumSize } };
  return null;
}

/** `..` would lead out of the folder that the prefix names. */
function isRemovableFolder(path: string): boolean {
  return REMOVABLE_MEDIA.test(path) && !path.split('/').includes('..');
}
