import { createServer, type AddressInfo } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { VehicleStatus } from '../../src/shared/model/vehicle.ts';
import { cli } from '../support/cli.ts';
import { vehicleFor } from '../support/vehicle-for.ts';

type Event = Record<string, unknown> & { kind: string; status?: VehicleStatus };

const UPDATE = {
  ...{ update_firmware_version: '2.0', update_start_timestamp: 1_700_000_000 },
  ...{ total_files_num: 200, total_download_files_size: 5_000_000_000, downloading_errors: 3 },
  ...{ phase: 'DOWNLOADING_OTA_FILES', downloaded_bytes: 1_250_000_000, processed_files_num: 7 },
};

test('status tells version, client, state, phase, progress and failure of every ECU', async () => {
  const vehicle = await vehicleFor({
    main: { state: 'UPDATING', update: UPDATE },
    sub: { state: 'FAILURE', failureType: 'UNRECOVERABLE', failureReason: 'E307: no space\nmore' },
    quiet: { silent: true },
  }).start();
  const address = `127.0.0.1:${vehicle.port}`;
  const { exit, stdout, stderr } = await cli(['vehicle', 'status', address]);
  expect(exit, stderr).toBe(0);
  expect(stdout.trim().split('\n')).toEqual([
    'main: version 1.0, otaclient 3.13.0, updating, downloading, 25%',
    'sub: version 1.0, otaclient 3.13.0, failed',
    '  E307: no space',
    '  The ECU has no space left for the image: free some, and update it again.',
    'quiet: does not answer',
  ]);
  const { events } = await cli(['vehicle', 'status', address, '--json']);
  const { status } = events[0] as unknown as Event;
  expect(status?.ecuIds).toEqual(['main', 'sub', 'quiet']);
  expect(status?.ecus).toEqual([
    {
      ...{ ecuId: 'main', version: '1.0', clientVersion: '3.13.0', state: 'updating' },
      ...{ failureReason: '', recoverable: true },
      progress: {
        ...{ version: '2.0', started: 1_700_000_000, phase: 'downloading', files: 200 },
        ...{ downloadBytes: 5_000_000_000, downloadedBytes: 1_250_000_000, downloadErrors: 3 },
        processedFiles: 7,
      },
    },
    {
      ...{ ecuId: 'sub', version: '1.0', clientVersion: '3.13.0', state: 'failure' },
      ...{ failureReason: 'E307: no space\nmore', recoverable: false, progress: null },
    },
  ]);
});

test('watch tells every change, and goes on when the vehicle comes back from a restart', async () => {
  const vehicle = await vehicleFor({ main: {} }).start();
  const ended = new AbortController();
  const seen: string[] = [];
  const { exit } = await cli(['vehicle', 'watch', `127.0.0.1:${vehicle.port}`, '--json'], {
    signal: ended.signal,
    onEvent(event) {
      const { kind, status } = event as unknown as Event;
      seen.push(status?.ecus[0]?.version ?? kind);
      if (seen.length === 1) vehicle.stop();
      else if (kind === 'unreachable') {
        vehicle.ecu('main').version = '2.0';
        void vehicle.start();
      } else ended.abort();
    },
  });
  expect(exit).toBe(0);
  expect(seen).toEqual(['1.0', 'unreachable', '2.0']);
});

test('where nobody answers, status says so', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const { exit, code } = await cli(['vehicle', 'status', `127.0.0.1:${port}`, '--json']);
  expect([exit, code]).toEqual([1, 'vehicle-unreachable']);
});

test('a web server is no vehicle', async () => {
  const server = createHttpServer((_, response) => response.end('x')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { exit, code } = await cli(['vehicle', 'status', `127.0.0.1:${port}`, '--json']);
  expect(exit).toBe(1);
  expect(['vehicle-unreachable', 'vehicle-not-otaclient']).toContain(code);
});

test.each([
  [['vehicle'], 'usage-option'],
  [['vehicle', 'look', '127.0.0.1'], 'usage-option'],
  [['vehicle', 'status'], 'usage-vehicle-address'],
  [['vehicle', 'status', 'a b'], 'usage-vehicle-address'],
  [['vehicle', 'status', 'unix:/tmp/x'], 'usage-vehicle-address'],
  [['vehicle', 'status', 'dns:///x'], 'usage-vehicle-address'],
  [['vehicle', 'status', '127.0.0.1:70000'], 'usage-vehicle-address'],
  [['vehicle', 'status', '127.0.0.1', 'more'], 'usage-option'],
])('%j is a wrong argument: %s', async (args, code) => {
  expect(await cli([...args, '--json'])).toMatchObject({ exit: 22, code });
});
