/**
 * An app reduced to writing one image to the only drive that is no system disk, and ejecting it. Arguments:
 * image. Prints what happened as one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { openStickTarget } from '../../src/main/elevation/stick-target.ts';
import { checkoutEntries, findWriterProgram } from '../../src/main/elevation/writer-program.ts';
import { toErrorData } from '../../src/shared/errors.ts';
import { writeStick } from './write-stick.ts';

const [image = ''] = process.argv.slice(2);
const notices: string[] = [];
try {
  const drives = await systemDrives.list();
  const identity = drives.find(({ system }) => !system)?.identity;
  if (identity === undefined) throw new Error('no drive');
  const target = await openStickTarget({
    ...{ identity, allowFixed: false, program: findWriterProgram(checkoutEntries(), 'write') },
    onNotice: ({ code }) => notices.push(code),
  });
  await writeStick(target, readFileSync(image));
  const ejected = await target.eject();
  await target.close();
  process.stdout.write(JSON.stringify({ ejected, notices }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: toErrorData(error), notices }));
}
