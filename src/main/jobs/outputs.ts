import { dirname } from 'node:path';
import { access, constants, stat, statfs } from '../files/files.ts';
import { builderError } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { FileRequest, OutputRequest } from '../../shared/model/job.ts';
import { FolderOutput } from '../engine/emit/folder-output.ts';
import { LayoutOutput } from '../engine/emit/layout-output.ts';
import type { Output } from '../engine/emit/output.ts';
import { removeAbandoned } from '../engine/emit/remove-abandoned.ts';
import {
  layoutExt4Steps,
  refreshExt4Steps,
  smallestExt4SizeSteps,
  type Ext4Request,
} from '../engine/ext4/layout/layout-ext4.ts';
import type { BlobPlaces } from '../engine/content/blob-places.ts';
import { toOutputError } from '../engine/fs-error.ts';
import type { Layout } from '../engine/layout/layout.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { volumeOf } from '../engine/plan/volume.ts';
import { layoutTarSteps } from '../engine/tar/layout/layout-tar.ts';
import { FileTarget } from '../engine/target/file.ts';
import { hasHoles } from '../engine/target/filesystem.ts';
import { runYielding, type Steps } from '../engine/event-loop.ts';
import { isStream, openStream, StreamTarget } from '../engine/target/stream.ts';
import type { JobContext } from './context.ts';
import { STDOUT } from './output-places.ts';

/** Image files are this much larger than need be, so that a little can be added. */
const IMAGE_SPARE = 0.05;
const MEBIBYTE = 1024 * 1024;

/** Makes room first: what killed jobs have left where these outputs are to be is removed. */
export async function removeAbandonedBeside(
  requests: readonly OutputRequest[],
  signal: AbortSignal,
): Promise<void> {
  const folders = requests.flatMap((request) => {
    if (request.kind === 'drive') return [];
    // An empty folder that is to become an output may hold what was begun in it.
    return request.kind === 'folder'
      ? [dirname(request.path), request.path]
      : [dirname(request.path)];
  });
  for (const folder of new Set(folders)) await removeAbandoned(folder, signal);
}

export interface FileOutput {
  readonly request: FileRequest;
  readonly output: Output;
  /** Bytes that it spans. */
  readonly bytes: number;
  /**
   * Bytes that it takes on a filesystem with blocks of that many bytes, whose files have holes or not; null: on
   * none, it is a stream.
   */
  readonly room: ((blockSize: number, holes: boolean) => number) | null;
}

/**
 * The output for a file request, not yet prepared.
 * @throws `output-size-too-small` for an image file that cannot hold the plan.
 */
export async function fileOutput(
  request: FileRequest,
  plan: Plan,
  { openStdout, signal }: Pick<JobContext, 'openStdout' | 'signal'>,
): Promise<FileOutput> {
  const { path } = request;
  if (request.kind === 'folder')
    return {
      request,
      output: new FolderOutput(path, plan),
      bytes: plan.summary.totalBytes,
      room: (blockSize) => roomOfFiles(plan, blockSize),
    };
  const steps =
    request.kind === 'img'
      ? filesystemLayout(plan, path, request.size ?? comfortableSize)
      : layoutTarSteps(plan);
  const layout = await runYielding(steps, signal);
  const { size: bytes, bytesWritten: occupied } = layout;
  const stream = path === STDOUT ? openStdout : undefined;
  if (stream !== undefined || (await isStream(path))) {
    const open = stream ?? ((closing: AbortSignal) => openStream(path, closing));
    const target = new StreamTarget(path, bytes, open, signal);
    return { request, output: new LayoutOutput(layout, target), bytes, room: null };
  }
  const target = new FileTarget(path, bytes, { occupied, sparse: request.kind === 'img' });
  const room = (_blockSize: number, holes: boolean): number => (holes ? occupied : bytes);
  return { request, output: new LayoutOutput(layout, target), bytes, room };
}

function comfortableSize(needed: number): number {
  return Math.ceil((needed * (1 + IMAGE_SPARE)) / MEBIBYTE) * MEBIBYTE;
}

/** Every file begins a new block, which hundreds of thousands of small ones make felt. */
function roomOfFiles({ files, directories }: Plan, blockSize: number): number {
  let blocks = directories.length;
  for (const { size } of files) blocks += Math.ceil(size / blockSize);
  return blocks * blockSize;
}

/**
 * Asked before anything is made: outputs on one filesystem must fit together.
 * @throws `output-no-space`, `output-unwritable` where the folder of an output may not be written, and the
 * other errors of {@link toOutputError}.
 */
export async function assertRoom(outputs: readonly FileOutput[]): Promise<void> {
  const neededOn = new Map<number, number>();
  for (const { request, room } of outputs) {
    const { path, kind } = request;
    if (room === null) continue;
    try {
      // A folder that is there may be a filesystem of its own.
      const isThere = kind === 'folder' && (await stat(path).catch(() => null)) !== null;
      const folder = isThere ? path : dirname(path);
      await access(folder, constants.W_OK);
      const [{ dev }, { bavail, bsize, type }] = await Promise.all([stat(folder), statfs(folder)]);
      const needed = (neededOn.get(dev) ?? 0) + room(bsize, hasHoles(type));
      neededOn.set(dev, needed);
      const free = bavail * bsize;
      if (free < needed) throw builderError('output-no-space', { path, needed, free });
    } catch (error) {
      throw toOutputError(path, error);
    }
  }
}

/** Reported before a password is asked for. @throws `drive-too-small` */
export function* assertDriveSize({ model, path, size }: DriveIdentity, plan: Plan): Steps<void> {
  const needed = yield* smallestExt4SizeSteps({ ...plan, ...(yield* volumeOf(plan)) });
  if (size < needed) throw builderError('drive-too-small', { drive: model ?? path, size, needed });
}

/** The plan as a filesystem of that {@link Ext4Request.size}. @throws `output-size-too-small` */
export function* filesystemLayout(
  plan: Plan,
  target: string,
  size: Ext4Request['size'],
): Steps<Layout> {
  const { directories, files, timestamp } = plan;
  const volume = yield* volumeOf(plan);
  return yield* layoutExt4Steps({ target, size, directories, files, timestamp, ...volume });
}

/** As {@link filesystemLayout}, around files that the drive has already. @returns as {@link refreshExt4Steps} */
export function* refreshedLayout(
  plan: Plan,
  target: string,
  size: number,
  places: BlobPlaces,
): Steps<Layout | null> {
  const { directories, files, timestamp } = plan;
  const volume = yield* volumeOf(plan);
  return yield* refreshExt4Steps({
    ...{ target, size, directories, files, timestamp, places },
    ...volume,
  });
}
