import { BuilderError } from '../../shared/errors.ts';
import { judgeDrive, type DriveRules } from '../../shared/drive-verdict.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { driveName, type Drive } from '../../shared/model/drive.ts';
import type { Access } from '../../shared/writer-protocol.ts';
import { driveSource } from '../drives/system-drives.ts';
import { stat } from '../files/files.ts';
import { resolveDevice, type ResolvedDevice } from '../drives/resolve-device.ts';
import { assertElevation } from '../elevation/preflight.ts';
import { openStickReader, type StickReader } from '../elevation/stick-reader.ts';
import { openStickTargets } from '../elevation/stick-target.ts';
import { ownEntries, findWriterProgram } from '../elevation/writer-program.ts';
import { assertDrivesDiffer, openedTogether, type JobContext } from '../jobs/index.ts';

/**
 * Finds the drives that were named and makes sure that each may be erased and that the writer can be
 * started, before anything else is done.
 * @throws `drive-…`, `elevation-…`.
 */
export async function chooseDrives(
  paths: readonly string[],
  allowFixed: boolean,
): Promise<ResolvedDevice[]> {
  const devices: ResolvedDevice[] = [];
  for (const path of paths) devices.push(await resolveUsable(path, { allowFixed, minimumSize: 0 }));
  assertDrivesDiffer(devices.map(({ identity }) => identity));
  return devices;
}

async function resolveUsable(path: string, rules: DriveRules): Promise<ResolvedDevice> {
  const device = await resolveDevice(driveSource(), path);
  const verdict = judgeDrive(device.drive, rules, device.partition);
  if (!verdict.usable) throw new BuilderError(verdict.reason);
  await assertElevation(writerProgram(rules.access ?? 'write'));
  return device;
}

/** true for what names a device rather than a file or folder. */
export async function isDevice(path: string): Promise<boolean> {
  if (path.startsWith('\\\\.\\')) return true;
  const stats = await stat(path).catch(() => null);
  return stats !== null && (stats.isBlockDevice() || stats.isCharacterDevice());
}

/** Opens the drive that was named for reading, built-in or not. @throws as {@link chooseDrive} */
export async function openNamedDrive(path: string, signal: AbortSignal): Promise<StickReader> {
  const { identity } = await resolveUsable(path, {
    ...{ access: 'read', allowFixed: false, minimumSize: 0 },
  });
  return openStickReader({ identity, allowFixed: false, program: writerProgram('read'), signal });
}

/** The job's way to drives, through elevated writers. */
export function drivesOpener(
  signal: AbortSignal,
  onNotice: (notice: BuilderError['data']) => void,
): NonNullable<JobContext['openDrives']> {
  return (requests) => {
    const drives = requests.map(({ identity, allowFixed }) => ({ identity, allowFixed, onNotice }));
    return openedTogether(openStickTargets(drives, { program: writerProgram('write'), signal }));
  };
}

function writerProgram(access: Access) {
  return findWriterProgram(ownEntries(), access);
}

/** One line of facts by which a person knows the drive. */
export function describeDrive(drive: Drive, path: string, size: number, { t }: Translator): string {
  return t('cli.drive', {
    path,
    name: driveName(drive),
    size,
    serial: drive.identity.serial ?? t('cli.none'),
    labels: drive.labels.join(', ') || t('cli.none'),
  });
}
