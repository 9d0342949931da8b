/**
 * For a process of its own: what the drive list says of each device that is named, and what the writer says
 * when it is asked to open it for writing, with --allow-fixed. As JSON, one object for each.
 */
import { readFileSync } from 'node:fs';
import { resolveDevice } from '../../src/main/drives/resolve-device.ts';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { openStickTarget } from '../../src/main/elevation/stick-target.ts';
import { checkoutEntries } from '../../src/main/elevation/writer-program.ts';
import { judgeDrive } from '../../src/shared/drive-verdict.ts';
import { toErrorData } from '../../src/shared/errors.ts';

/** What is printed for one device. */
export interface Tried {
  readonly path: string;
  readonly listed: string;
  readonly writer: string;
  /** Mount points afterwards. */
  readonly mounts: readonly string[];
}

/** The writer of this checkout, also where a package with another one is installed. */
const program = {
  ...{ kind: 'own' as const, runtime: process.execPath, entries: checkoutEntries() },
  copyWriter: false,
};

const results: Tried[] = [];
for (const path of process.argv.slice(2)) {
  const { drive, partition, identity } = await resolveDevice(systemDrives, path);
  const verdict = judgeDrive(drive, { allowFixed: true, minimumSize: 0 }, partition);
  const writer = await openStickTarget({ identity, allowFixed: true, program }).then(
    async (target) => {
      await target.close();
      return 'opened';
    },
    (error: unknown) => toErrorData(error).code,
  );
  const table = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const mounts = table.map((line) => line.split(' ')[4] ?? '');
  results.push({ path, listed: verdict.usable ? 'usable' : verdict.reason.code, writer, mounts });
}
process.stdout.write(JSON.stringify(results));
