import { readFile } from 'node:fs/promises';
import { driveSource } from '../../../src/main/drives/system-drives.ts';
import { resolveDevice } from '../../../src/main/drives/resolve-device.ts';
import { openStickTargets } from '../../../src/main/elevation/stick-target.ts';
import type { DriveTarget } from '../../../src/main/engine/target/drive-target.ts';
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
  /** Gets the bytes that have reached the stick. */
  readonly onWritten: (bytes: number) => void;
  readonly onPhase: (phase: Phase) => void;
  readonly beforeStart: () => Promise<void>;
}

/**
 * Writes the filesystem image at `imagePath` to every drive of the request, by one elevation, as a job writes a
 * layout. The error is that of the first drive that failed.
 */
export async function writeImage(
  imagePath: string,
  entries: WriterEntries,
  request: WriteRequest,
  hooks: WriteHooks,
): Promise<WriteResult> {
  const notices: ErrorData[] = [];
  try {
    const identities = await Promise.all(request.drive.split(',').map(identityOf));
    await hooks.beforeStart();
    const drives = identities.map((identity) => ({
      identity,
      allowFixed: request.allowFixed ?? false,
      onNotice: (notice: ErrorData) => notices.push(notice),
    }));
    const targets = openStickTargets(drives, { program: findWriterProgram(entries, 'write') });
    const written = targets.map(async (opening) => {
      const target = await opening;
      try {
        return await writeTo(target, (cached ??= await readFile(imagePath)), request, hooks);
      } finally {
        await target.close();
      }
    });
    await Promise.allSettled(written);
    const ejected = await Promise.all(written);
    return { error: null, notices, ejected: ejected.every(Boolean) };
  } catch (error) {
    return { error: toErrorData(error), notices, ejected: false };
  }
}

/** All but the first block, flush, read back and compare, then the block that makes it recognisable. */
async function writeTo(
  target: DriveTarget,
  bytes: Uint8Array,
  request: WriteRequest,
  hooks: WriteHooks,
): Promise<boolean> {
  const size = bytes.length;
  hooks.onPhase('prepare');
  await target.prepare([{ offset: 0, length: 64 * 1024 }]);
  hooks.onPhase('write');
  for (let offset = HELD_BACK; offset < size; offset += CHUNK) {
    const end = Math.min(size, offset + CHUNK);
    await target.write(offset, bytes.subarray(offset, end));
    hooks.onWritten(end - HELD_BACK - target.pending);
  }
  hooks.onPhase('flush');
  await target.flush();
  hooks.onWritten(size - HELD_BACK);
  hooks.onPhase('verify');
  for (let offset = HELD_BACK; offset < size; offset += CHUNK) {
    const expected = bytes.subarray(offset, Math.min(size, offset + CHUNK));
    if (Buffer.compare(await target.read(offset, expected.length), expected) !== 0)
      throw builderError('verify-failed', { target: target.name, faults: 1, first: '' });
  }
  hooks.onPhase('commit');
  await target.commit({ offset: 0, bytes: bytes.subarray(0, HELD_BACK) });
  return request.eject === true && (await target.eject());
}

async function identityOf(drive: string): Promise<DriveIdentity> {
  if (drive.startsWith('/dev/')) return (await resolveDevice(driveSource(), drive)).identity;
  const drives = await driveSource().list();
  const found = drives.find(({ identity }) => identity.serial === drive);
  if (found === undefined) throw builderError('drive-not-found', { path: drive });
  return found.identity;
}
