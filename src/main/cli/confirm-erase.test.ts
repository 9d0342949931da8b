import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { toErrorData } from '../../shared/errors.ts';
import { translator } from '../../shared/messages/index.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { ResolvedDevice } from '../drives/resolve-device.ts';
import { confirmErase } from './confirm-erase.ts';

function device(model: string, size: number): ResolvedDevice {
  const identity = {
    ...{ path: '/dev/sdx', serial: '1', model, size, transport: 'usb' },
    ...{ deviceNumber: '8:16', generation: '7' },
  };
  const drive = { kind: 'usb', vendor: null, identity, labels: [], mounts: [], partitions: [] };
  return { drive: drive as unknown as Drive, identity, partition: null };
}

/** Asks on something that looks like a terminal, and types; how that ends, and what was shown. */
async function typed(
  text: string,
  devices: readonly ResolvedDevice[] = [device('Stick', 1)],
  signal = new AbortController().signal,
  refresh = false,
): Promise<{ end: string; shown: string }> {
  const terminal = () => Object.assign(new PassThrough(), { isTTY: true });
  const [stdin, stderr] = [terminal(), terminal()];
  let shown = '';
  stderr.setEncoding('utf8').on('data', (part: string) => (shown += part));
  const asked = confirmErase(devices, refresh, translator('en'), { stdin, stderr, signal });
  stdin.write(text);
  const end = await asked.then(
    () => 'confirmed',
    (error: unknown) => toErrorData(error).code,
  );
  return { end, shown };
}

test.each([
  ['Stick\r', 'confirmed'],
  ['stick\r', 'drive-not-confirmed'],
  ['\r', 'drive-not-confirmed'],
  ['\x04', 'drive-not-confirmed'],
  ['Sti\x03', 'cancelled'],
])('of the question whether to erase, %j is: %s', async (text, end) => {
  expect((await typed(text)).end).toBe(end);
});

test('where sticks are refreshed, the question says what is kept and what is lost', async () => {
  for (const devices of [[device('Stick', 1)], [device('One', 1), device('Two', 1)]]) {
    const { shown } = await typed('\x04', devices, undefined, true);
    expect(shown).toContain('updated to the new image. Everything else on');
    expect((await typed('\x04', devices)).shown).not.toContain('updated');
  }
});

const STICKS = [device('One', 64e9), device('Two', 64e9), device('Three', 64e9)];
const WITH_LARGE = [device('One', 64e9), device('Huge', 500e9), device('Vast', 1000e9)];

test.each([
  ['3\r', STICKS, 'confirmed'],
  ['2\r', STICKS, 'drive-not-confirmed'],
  ['One\r', STICKS, 'drive-not-confirmed'],
  ['\x04', STICKS, 'drive-not-confirmed'],
  ['\x03', STICKS, 'cancelled'],
  ['3\rHuge\rVast\r', WITH_LARGE, 'confirmed'],
  ['3\rHuge\rHuge\r', WITH_LARGE, 'drive-not-confirmed'],
  ['3\r\r', WITH_LARGE, 'drive-not-confirmed'],
  ['Huge\r', WITH_LARGE, 'drive-not-confirmed'],
])('of several drives, %j is: %#', async (text, devices, end) => {
  const answer = await typed(text, devices);
  expect(answer.end).toBe(end);
  for (const { drive } of devices) expect(answer.shown).toContain(drive.identity.model);
});

test('a cancel while it is asked ends the question', async () => {
  const cancel = new AbortController();
  const asked = typed('', STICKS, cancel.signal);
  cancel.abort();
  expect((await asked).end).toBe('cancelled');
});
