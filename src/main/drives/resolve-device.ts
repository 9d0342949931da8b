import { realpath, stat } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import {
  partitionIdentity,
  type Drive,
  type DriveIdentity,
  type DrivePartition,
} from '../../shared/model/drive.ts';
import type { DriveSource } from './drive-source.ts';

export interface ResolvedDevice {
  readonly drive: Drive;
  /** null: the whole disk is meant. */
  readonly partition: DrivePartition | null;
  /** Of the partition if one is meant, else of the disk. */
  readonly identity: DriveIdentity;
}

/**
 * Finds what a person named on the command line: a disk, a partition, or a link to one such as
 * /dev/disk/by-id/…. Throws `drive-not-found`, and `drive-not-a-device` for plain files and folders.
 */
export async function resolveDevice(source: DriveSource, path: string): Promise<ResolvedDevice> {
  const real = await deviceAt(path);
  for (const drive of await source.list()) {
    if (drive.identity.path === real) return { drive, partition: null, identity: drive.identity };
    const partition = drive.partitions.find((candidate) => candidate.path === real);
    if (partition !== undefined)
      return { drive, partition, identity: partitionIdentity(drive, partition) };
  }
  throw builderError('drive-not-found', { path });
}

async function deviceAt(path: string): Promise<string> {
  // Windows names devices, e.g. \\.\PhysicalDrive1, outside the file system.
  if (path.startsWith('\\\\.\\')) return path;
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    throw builderError('drive-not-found', { path }, error);
  }
  const stats = await stat(real);
  if (stats.isFile() || stats.isDirectory()) throw builderError('drive-not-a-device', { path });
  return real;
}
