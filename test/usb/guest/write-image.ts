import { readFile } from 'node:fs/promises';
import { driveSource } from '../../../src/main/drives/system-drives.ts';
import { resolveDevice } from '../../../src/main/drives/resolve-device.ts';
import { openStickTarget, type StickTarget } from '../../../src/main/elevation/stick-target.ts';
import {
  findWriterProgram,
  type WriterEntries,
} from '../../../src/main/elevation/writer-program.ts';
import { builderError, toErrorData, type ErrorData } from '../../../src/shared/errors.ts';
import type { DriveIdentity } from '../../../src/shared/model/drive.ts';
import type { Phase, WriteRequest, WriteResult } from './protocol.ts';

const CHUNK = 1024 * 1024;

/** The first block carries the superblock with the label. Bytes. */
const HELD_BACK = 4096;

/** Reading it from the host takes an emulated machine longer than writing it to a stick. */
let cached: Uint8Array | null = null;

export interface WriteHooks {
  readonly onProgress: (bytes: number) => void;
  readonly onPhase: (phase: Phase) => void;
  readonly beforeStart: () => Promise<void>;
}

/**
 * Writes the filesystem image at `imagePath` as a job writes a layout: all but the first block, flush,
 * read back and compare, then the block that makes it recognisable.
 */
export async function writeImage(
  imagePath: string,
  entries: WriterEntries,
  request: WriteRequest,
  hooks: WriteHooks,
): Promise<WriteResult> {
  const notices: ErrorData[] = [];
  let target: StickTarget | null = null;
  let ejected = false;
  let error: ErrorData | null = null;
  try {
    const identity = await identityOf(request.drive);
    await hooks.beforeStart();
    target = await openStickTarget({
      identity,
      allowFixed: request.allowFixed ?? false,
      program: findWriterProgram(entries),
      onProgress: hooks.onProgress,
      onNotice: (notice) => notices.push(notice),
    });
    const bytes = (cached ??= await readFile(imagePath));
    const size = bytes.length;
    hooks.onPhase('prepare');
    await target.prepare([{ offset: 0, length: 64 * 1024 }]);
    hooks.onPhase('write');
    for (let offset = HELD_BACK; offset < size; offset += CHUNK)
      await target.write(offset, bytes.subarray(offset, Math.min(size, offset + CHUNK)));
    hooks.onPhase('flush');
    await target.flush();
    hooks.onPhase('verify');
    for (let offset = HELD_BACK; offset < size; offset += CHUNK) {
      const expected = bytes.subarray(offset, Math.min(size, offset + CHUNK));
      if (Buffer.compare(await target.read(offset, expected.length), expected) !== 0)
        throw builderError('verify-failed', { target: target.name, faults: 1, first: '' });
    }
    hooks.onPhase('commit');
    await target.commit({ offset: 0, bytes: bytes.subarray(0, HELD_BACK) });
    if (request.eject === true) ejected = await target.eject();
  } catch (thrown) {
    error = toErrorData(thrown);
  } finally {
    await target?.close();
  }
  return { error, notices, ejected };
}

async function identityOf(drive: string): Promise<DriveIdentity> {
  if (drive.startsWith('/dev/')) return (await resolveDevice(driveSource(), drive)).identity;
  const drives = await driveSource().list();
  const found = drives.find(({ identity }) => identity.serial === drive);
  if (found === undefined) throw builderError('drive-not-found', { path: drive });
  return found.identity;
}
