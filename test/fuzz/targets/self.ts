import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { builderError } from '../../../src/shared/errors.ts';
import type { FuzzTarget } from '../target.ts';

/** Each breaks one promise at some inputs, to show that the harness sees it. */
function breaking(name: string, run: FuzzTarget['run']): FuzzTarget {
  return {
    name: `self-${name}`,
    faults: [],
    inputs: () => fc.nat(1000).map((number) => Buffer.from([number & 0xff, number >> 8])),
    run: (input, folder) => (input.readUInt16LE() < 500 ? undefined : run(input, folder)),
  };
}

const held: Buffer[] = [];

export const selfTargets: readonly FuzzTarget[] = [
  breaking('well', () => {
    throw builderError('archive-truncated', { file: 'x' });
  }),
  breaking('untyped', () => {
    throw new TypeError('cannot read properties of undefined');
  }),
  breaking('internal', () => {
    throw builderError('internal', { detail: 'x' });
  }),
  breaking('slow', () => {
    for (const end = process.cpuUsage().user + 2_500_000; process.cpuUsage().user < end;);
  }),
  breaking('hang', () => {
    for (;;);
  }),
  breaking('crash', () => process.abort()),
  breaking('memory', () => {
    // Too much after a few inputs: some machines take more than the time of one for so many pages.
    held.push(Buffer.alloc(100 * 1024 * 1024, 1));
  }),
  breaking('escape', (_, folder) => {
    try {
      writeFileSync(join(folder, '../offline-ota-fuzz-escaped'), 'x');
    } catch (error) {
      // As the product tells a failed write.
      const reason = (error as NodeJS.ErrnoException).code ?? '';
      throw builderError('output-unwritable', { path: folder, reason });
    }
  }),
];
