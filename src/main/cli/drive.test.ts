import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { translator } from '../../shared/messages/index.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { confirmErase } from './drive.ts';

const identity = {
  ...{ path: '/dev/sdx', serial: '1', model: 'Stick', size: 1, transport: 'usb' },
  ...{ deviceNumber: '8:16', generation: '7' },
};
const drive = { kind: 'usb', vendor: null, identity, labels: [], mounts: [], partitions: [] };

/** Asks on something that looks like a terminal, and types; how that ends. */
async function typed(text: string): Promise<string> {
  const terminal = () => Object.assign(new PassThrough(), { isTTY: true });
  const input = terminal();
  const asked = confirmErase(
    { drive: drive as unknown as Drive, identity, partition: null },
    translator('en'),
    input,
    terminal().resume(),
    new AbortController().signal,
  );
  input.write(text);
  return asked.then(
    () => 'confirmed',
    (error: unknown) => (error as { code: string }).code,
  );
}

test.each([
  ['Stick\r', 'confirmed'],
  ['stick\r', 'drive-not-confirmed'],
  ['\r', 'drive-not-confirmed'],
  ['\x04', 'drive-not-confirmed'],
  ['Sti\x03', 'cancelled'],
])('of the question whether to erase, %j is: %s', async (text, outcome) => {
  expect(await typed(text)).toBe(outcome);
});
