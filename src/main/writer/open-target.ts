import { builderError } from '../../shared/errors.ts';
import { judgeDrive } from '../../shared/drive-verdict.ts';
import { driveName, findDrive } from '../../shared/model/drive.ts';
import { systemDrives } from '../drives/system-drives.ts';
import type { BlockDevice } from './block-device.ts';
import type { WriterJob } from '../../shared/writer-protocol.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import { toDriveError } from './device-errors.ts';

/**
 * Finds the job's device among the drives that the system itself lists, judges it, unmounts it and
 * opens it for this process alone, for what the job says and no more. The app has done all but the last
 * before; but between its look and ours a device may have been replaced, and the sender of the job may not
 * be the app.
 */
export async function openTarget(
  job: WriterJob,
  platform: WriterPlatform,
  scratch: Uint8Array,
): Promise<{ target: WriterTarget; device: BlockDevice }> {
  const target = await findTarget(job, platform);
  const hidden = (await platform.usersOutOfSight?.(target)) ?? '';
  if (hidden !== '') throw builderError('drive-busy', { drive: target.name, user: hidden });
  await platform.unmount(target);
  if (job.access === 'write') await platform.clear(target);
  let device: BlockDevice;
  try {
    device = await platform.open(target, scratch);
  } catch (error) {
    throw await toDriveError(error, { kind: 'open' }, target, platform);
  }
  try {
    // Once more, now that no other program can claim it: it is still the same, and nothing came to use it.
    const opened = await findTarget(job, platform);
    const mustBeFree = opened.partition === null && !platform.mayStayMounted;
    const mount = mustBeFree ? opened.drive.mounts[0] : undefined;
    const user = mount?.path ?? (await platform.othersWriting(opened));
    if (user !== '') throw builderError('drive-busy', { drive: target.name, user });
    return { target: opened, device };
  } catch (error) {
    await device.close();
    throw error;
  }
}

async function findTarget(
  { identity, allowFixed, access }: WriterJob,
  platform: WriterPlatform,
): Promise<WriterTarget> {
  const drives = await systemDrives.list();
  const found = findDrive(drives, identity);
  if (found === null) {
    const there = drives
      .flatMap(({ identity: disk, partitions }) => [disk, ...partitions])
      .some(({ path }) => path === identity.path);
    throw there
      ? builderError('drive-changed', { drive: identity.model ?? identity.path })
      : builderError('drive-not-found', { path: identity.path });
  }
  const { drive, partition } = found;
  const target = { name: driveName(drive), identity, drive, partition, access };
  const verdict = judgeDrive(drive, { access, allowFixed, minimumSize: 0 }, partition);
  if (verdict.usable) return target;
  // A program that can be closed says more than a filesystem that it has mounted out of sight.
  const held = verdict.reason.code === 'drive-held';
  const programs = held ? ((await platform.programsOf?.(target)) ?? '') : '';
  if (programs !== '') throw builderError('drive-busy', { drive: target.name, user: programs });
  throw builderError(verdict.reason.code, verdict.reason.params);
}
