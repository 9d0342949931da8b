import { readFile } from 'node:fs/promises';
import { openSync, writeSync, closeSync } from 'node:fs';
import { openStickTarget } from '../../src/main/elevation/stick-target.ts';
import { checkoutEntries, findWriterProgram } from '../../src/main/elevation/writer-program.ts';
import { describeTarget, SUITE_SIZE } from '../support/target-suite.ts';
import { attachLoop } from '../support/loop.ts';
import { describeNeeding, needsLoopDevices } from '../support/tools.ts';

describeNeeding([needsLoopDevices()], 'the elevated writer, over a loop device', () => {
  describeTarget('stick', async () => {
    const device = attachLoop({
      size: SUITE_SIZE,
      fill: (file) => {
        const descriptor = openSync(file, 'r+');
        writeSync(descriptor, new Uint8Array(SUITE_SIZE).fill(0xaa));
        closeSync(descriptor);
      },
    });
    const { identity } = await device.resolve();
    const target = await openStickTarget({
      ...{ identity, allowFixed: true },
      program: findWriterProgram(checkoutEntries(), 'write'),
    });
    return {
      target,
      contents: async () => {
        device.detach();
        return new Uint8Array(await readFile(device.file));
      },
      dispose: () => {
        device.release();
        return Promise.resolve();
      },
    };
  });
});
