import { readdir, stat } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { OutputRequest } from '../../shared/model/job.ts';
import { FolderOutput } from '../engine/emit/folder-output.ts';
import { LayoutOutput } from '../engine/emit/layout-output.ts';
import type { Output } from '../engine/emit/output.ts';
import { layoutExt4, smallestExt4Size } from '../engine/ext4/layout/layout-ext4.ts';
import type { Layout } from '../engine/layout/layout.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { volumeOf } from '../engine/plan/volume.ts';
import { layoutTar } from '../engine/tar/layout.ts';
import { FileTarget } from '../engine/target/file.ts';

export type FileRequest = Exclude<OutputRequest, { kind: 'drive' }>;

/** Image files are this much larger than need be, so that a little can be added. */
const IMAGE_SPARE = 0.05;
const MEBIBYTE = 1024 * 1024;

/**
 * Rejects with `output-exists` where a file output is already there; asked before any work is done.
 * An empty folder may become a folder output.
 */
export async function checkOutputsAbsent(requests: readonly OutputRequest[]): Promise<void> {
  for (const request of requests) {
    if (request.kind === 'drive') continue;
    const { path, kind } = request;
    const stats = await stat(path).catch(() => null);
    if (stats === null) continue;
    const usable = kind === 'folder' && stats.isDirectory() && (await readdir(path)).length === 0;
    if (!usable) throw builderError('output-exists', { path });
  }
}

/**
 * The output for a file request, not yet prepared, and its bytes.
 * @throws `output-size-too-small` for an image file that cannot hold the plan.
 */
export function fileOutput(request: FileRequest, plan: Plan): { output: Output; bytes: number } {
  switch (request.kind) {
    case 'folder':
      return { output: new FolderOutput(request.path, plan), bytes: plan.summary.totalBytes };
    case 'tar': {
      const layout = layoutTar(plan);
      const target = new FileTarget(request.path, layout.size);
      return { output: new LayoutOutput(layout, target), bytes: layout.size };
    }
    case 'img': {
      const needed = smallestExt4Size({ ...plan, ...volumeOf(plan) });
      const spare = Math.ceil((needed * (1 + IMAGE_SPARE)) / MEBIBYTE) * MEBIBYTE;
      const layout = filesystemLayout(plan, request.path, request.size ?? spare);
      const target = new FileTarget(request.path, layout.size, Math.min(needed, layout.size));
      return { output: new LayoutOutput(layout, target), bytes: layout.size };
    }
  }
}

/** Told before a password is asked for. @throws `drive-too-small` */
export function checkDriveSize({ model, path, size }: DriveIdentity, plan: Plan): void {
  const needed = smallestExt4Size({ ...plan, ...volumeOf(plan) });
  if (size < needed) throw builderError('drive-too-small', { drive: model ?? path, size, needed });
}

/** The plan as a filesystem that spans `size` bytes. @throws `output-size-too-small` */
export function filesystemLayout(plan: Plan, target: string, size: number): Layout {
  const { directories, files, timestamp } = plan;
  return layoutExt4({ target, size, directories, files, timestamp, ...volumeOf(plan) });
}
