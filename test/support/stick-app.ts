/**
 * An app reduced to writing one image to one device or several, in a process of its own so that it can be
 * killed. Arguments: image, devices with commas between them, folder of bundled programs or `checkout`. Prints
 * a line for each step and each mebibyte that has reached a device; of several devices with the number of the
 * device first, from 1. With DIALOG=closed in the environment the person closes the password dialog; with
 * ACCESS=read the first device is only read.
 */
import { readFileSync } from 'node:fs';
import { resolveDevice, type ResolvedDevice } from '../../src/main/drives/resolve-device.ts';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { assertElevation } from '../../src/main/elevation/preflight.ts';
import { openStickReader } from '../../src/main/elevation/stick-reader.ts';
import { openStickTargets } from '../../src/main/elevation/stick-target.ts';
import type { DriveTarget } from '../../src/main/engine/target/drive-target.ts';
import {
  bundledEntries,
  checkoutEntries,
  findWriterProgram,
  type WriterProgram,
} from '../../src/main/elevation/writer-program.ts';
import { toErrorData } from '../../src/shared/errors.ts';
import { startCancellingAgent } from './cancelling-agent.ts';
import { writeStick } from './write-stick.ts';

const [imagePath = '', devices = '', programs = 'checkout'] = process.argv.slice(2);
const paths = devices.split(',');
const access = process.env['ACCESS'] === 'read' ? 'read' : 'write';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const entries = programs === 'checkout' ? checkoutEntries() : bundledEntries(programs);
  const program = findWriterProgram(entries, access);
  const resolved = await Promise.all(paths.map((path) => resolveDevice(systemDrives, path)));
  await assertElevation(program);
  if (process.env['DIALOG'] === 'closed') await startCancellingAgent();
  if (access === 'read') {
    await readFirst(program, resolved[0]);
  } else {
    const drives = resolved.map(({ identity }) => ({ identity, allowFixed: true }));
    await Promise.all(openStickTargets(drives, { program }).map(writeOne));
  }
} catch (error) {
  fail(say, error);
}

async function readFirst(program: WriterProgram, device?: ResolvedDevice): Promise<void> {
  if (device === undefined) throw new Error('no device');
  const reader = await openStickReader({ identity: device.identity, allowFixed: true, program });
  try {
    say(`read ${String((await reader.read(0, reader.blockSize)).length)}`);
  } finally {
    await reader.close();
  }
  say('done');
}

async function writeOne(opening: Promise<DriveTarget>, index: number): Promise<void> {
  const sayHere = sayOf(index);
  try {
    const target = await opening;
    sayHere('open');
    try {
      await writeStick(target, readFileSync(imagePath), sayHere);
    } finally {
      await target.close();
    }
    sayHere('done');
  } catch (error) {
    fail(sayHere, error);
  }
}

function sayOf(index: number): (line: string) => void {
  return (line) => say(paths.length === 1 ? line : `${String(index + 1)} ${line}`);
}

function fail(sayHere: (line: string) => void, error: unknown): void {
  sayHere(`failed ${JSON.stringify(toErrorData(error))}`);
  process.exitCode = 1;
}
