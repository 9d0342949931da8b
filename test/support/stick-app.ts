/**
 * An app reduced to writing one image to one device, in a process of its own so that it can be
 * killed. Arguments: image, device, folder of bundled programs or `checkout`. Prints a line for each
 * step and each mebibyte that has reached the device. With DIALOG=closed in the environment the person
 * closes the password dialog.
 */
import { readFileSync } from 'node:fs';
import { resolveDevice } from '../../src/main/drives/resolve-device.ts';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { checkElevation } from '../../src/main/elevation/preflight.ts';
import { openStickTarget } from '../../src/main/elevation/stick-target.ts';
import {
  bundledEntries,
  checkoutEntries,
  findWriterProgram,
} from '../../src/main/elevation/writer-program.ts';
import { toErrorData } from '../../src/shared/errors.ts';
import { startCancellingAgent } from './cancelling-agent.ts';
import { writeStick } from './write-stick.ts';

const [imagePath = '', device = '', programs = 'checkout'] = process.argv.slice(2);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const entries = programs === 'checkout' ? checkoutEntries() : bundledEntries(programs);
  const program = findWriterProgram(entries);
  const { identity } = await resolveDevice(systemDrives, device);
  await checkElevation(program);
  if (process.env['DIALOG'] === 'closed') await startCancellingAgent();
  let told = 0;
  const target = await openStickTarget({
    ...{ identity, allowFixed: true, program },
    onProgress: (bytes) => {
      for (; told + 1 <= bytes / 1048576; told++) say(`written ${String(told + 1)}`);
    },
  });
  say('open');
  await writeStick(target, readFileSync(imagePath), say);
  await target.close();
  say('done');
} catch (error) {
  say(`failed ${JSON.stringify(toErrorData(error))}`);
  process.exitCode = 1;
}
