import { Readable, Writable } from 'node:stream';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../src/main/cli/run.ts';
import { ownIdentity } from '../../src/main/serve/own-authority.ts';
import { OTACLIENT_PORT } from '../../src/main/vehicle/address.ts';
import { VehicleClient } from '../../src/main/vehicle/client.ts';
import { cli, type CliResult } from '../support/cli.ts';
import type { FakeVehicle, FakeVehicleOptions, Network } from '../support/fake-vehicle.ts';
import { SERVED_SAMPLES } from '../support/serving.ts';
import { sharedTmpFolder } from '../support/tmp.ts';
import { vehicleFor } from '../support/vehicle-for.ts';

const shared = sharedTmpFolder();
const image = (name: string) => join(shared(), `${name}.tar`);
const env = () => ({ XDG_CONFIG_HOME: shared(), HOME: shared() });
const authority = () => join(shared(), 'offline-ota-image-builder', 'vehicle-ca');

beforeAll(async () => {
  for (const [name, args] of Object.entries(SERVED_SAMPLES)) {
    const { exit, stderr } = await cli([...args, '-o', image(name)]);
    expect(exit, stderr).toBe(0);
  }
});

type Event = Record<string, unknown> & { kind: string };

/** Updates a vehicle from an image; the port is any that is free. */
function updating(
  vehicle: FakeVehicle,
  name: string,
  args: readonly string[] = [],
  options: { signal?: AbortSignal; onEvent?: (event: Event) => void } = {},
): Promise<CliResult> {
  const fixed = ['--json', '--confirm-update', '--listen', '127.0.0.1:0'];
  const command = ['vehicle', 'update', `127.0.0.1:${vehicle.port}`, '--image', image(name)];
  const { onEvent, signal } = options;
  return cli([...command, ...fixed, ...args], {
    env: env(),
    ...(signal === undefined ? {} : { signal }),
    ...(onEvent === undefined ? {} : { onEvent: (event) => onEvent(event) }),
  });
}

const eventsOf = ({ events }: CliResult, kind: string): Event[] =>
  (events as unknown as Event[]).filter((event) => event.kind === kind);
const outcomesOf = (result: CliResult): Record<string, string> =>
  Object.fromEntries(
    eventsOf(result, 'outcome').map(({ ecuId, outcome }) => {
      const { kind, reason } = outcome as { kind: string; reason?: string };
      return [String(ecuId), reason === undefined ? kind : `${kind} ${reason}`];
    }),
  );

const startVehicle = (ids: readonly string[], options: FakeVehicleOptions = {}) =>
  vehicleFor(Object.fromEntries(ids.map((id) => [id, {}])), options).start();

test.each([
  ['legacy', 'http', ['p1', 'p2', 'p3']],
  ['v1', 'proxy', ['autoware', 'main_ecu']],
  ['mixed', 'https', ['autoware', 'main_ecu', 'p1']],
] as const)('%s over %s: every ECU gets and proves its files', async (name, kind, ids) => {
  const network: Network =
    kind === 'https'
      ? {
          kind,
          ca: readFileSync((await ownIdentity(authority(), '127.0.0.1')).authorityPath, 'utf8'),
        }
      : { kind };
  const vehicle = await startVehicle(ids, { network });
  const result = await updating(vehicle, name, [
    ...(kind === 'https' ? ['--tls-self'] : []),
    ...ids.map((id) => `--ecu=${id}`),
  ]);
  expect(result.exit, result.stderr).toBe(0);
  expect(outcomesOf(result)).toEqual(Object.fromEntries(ids.map((id) => [id, 'updated'])));
  expect(vehicle.requests.map(({ ecu_id }) => ecu_id)).toEqual(ids);
  for (const { ecu_id, version, cookies, url } of vehicle.requests) {
    expect(vehicle.ecu(ecu_id).version).toBe(version);
    expect(JSON.parse(cookies)).toEqual({ 'offline-ota': expect.any(String) as string });
    expect(url).toMatch(/^https?:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/\d\/$/);
  }
});

test('an ECU that restarts in the end is waited for', async () => {
  const vehicle = await startVehicle(['p1', 'other'], { restarts: true });
  const result = await updating(vehicle, 'legacy', ['--ecu', 'p1']);
  expect(result.exit, result.stderr).toBe(0);
  expect(outcomesOf(result)).toEqual({ p1: 'updated' });
  expect(vehicle.requests).toHaveLength(1);
});

test.each([
  'accepted',
  'INITIALIZING',
  'PROCESSING_METADATA',
  'CALCULATING_DELTA',
  'DOWNLOADING_OTA_FILES',
  'APPLYING_UPDATE',
  'PROCESSING_POSTUPDATE',
  'FINALIZING_UPDATE',
])('a connection that is cut at %s, and comes back, ends nothing', async (at) => {
  const vehicle: FakeVehicle = await startVehicle(['p1'], {
    async onPhase(_, phase) {
      if (phase !== at) return;
      vehicle.stop();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await vehicle.start();
    },
  });
  const result = await updating(vehicle, 'legacy', ['--ecu', 'p1']);
  expect(result.exit, result.stderr).toBe(0);
  expect(outcomesOf(result)).toEqual({ p1: 'updated' });
});

test('an ECU that comes back with another version is not updated', async () => {
  const vehicle = await startVehicle(['p1'], { boots: '0.9' });
  const result = await updating(vehicle, 'legacy', ['--ecu', 'p1']);
  expect([result.exit, result.code]).toEqual([1, 'vehicle-update-failed']);
  expect(outcomesOf(result)).toEqual({ p1: 'failed other-version' });
});

test('a vehicle that asks over HTTPS where there is no certificate is diagnosed', async () => {
  const vehicle = await startVehicle(['p1'], { network: { kind: 'https', ca: '' } });
  const result = await updating(vehicle, 'legacy', ['--ecu', 'p1']);
  expect([result.exit, result.code]).toEqual([1, 'vehicle-update-failed']);
  expect(outcomesOf(result)).toEqual({ p1: 'failed failure' });
  expect(eventsOf(result, 'diagnosis')).toEqual([{ kind: 'diagnosis', diagnosis: 'tls-off' }]);
});

test('of several ECUs those that fail are told, and the others are updated', async () => {
  const vehicle: FakeVehicle = await startVehicle(['p1', 'p2', 'p3'], {
    onPhase(ecu, phase) {
      if (ecu.id === 'p2' && phase === 'APPLYING_UPDATE') throw new Error('E307: no space');
    },
  });
  const result = await updating(vehicle, 'legacy');
  expect([result.exit, result.code]).toEqual([1, 'vehicle-update-failed']);
  expect(outcomesOf(result)).toEqual({ p1: 'updated', p2: 'failed failure', p3: 'updated' });
});

test.each([
  [true, 'accepted', ['p1']],
  [false, 'unknown', []],
])('Ctrl-C stops the update where the vehicle can (%s)', async (aborts, answer, aborted) => {
  const ended = new AbortController();
  const vehicle = await startVehicle(['p1'], {
    aborts,
    onPhase: (_, phase) =>
      phase === 'APPLYING_UPDATE' ? new Promise((resolve) => setTimeout(resolve, 3000)) : undefined,
  });
  const result = await updating(vehicle, 'legacy', ['--ecu', 'p1'], {
    signal: ended.signal,
    onEvent(event) {
      if (JSON.stringify(event).includes('"phase":"applying"')) ended.abort();
    },
  });
  expect([result.exit, result.code]).toEqual([130, 'cancelled']);
  expect(eventsOf(result, 'stopped')).toEqual([{ kind: 'stopped', answer }]);
  expect(vehicle.aborted).toEqual(aborted);
});

test.each([
  ['an ECU that the vehicle lacks', 'legacy', { p1: {}, p2: {} }, 'vehicle-ecu-unknown'],
  [
    'an ECU that does not answer',
    'legacy',
    { p1: {}, p2: {}, p3: { silent: true } },
    'vehicle-ecu-unknown',
  ],
  [
    'an ECU that updates',
    'legacy',
    { p1: {}, p2: { state: 'UPDATING' }, p3: {} },
    'vehicle-ecu-busy',
  ],
  [
    'a payload for production',
    'v1',
    { autoware: {}, main_ecu: {}, sub_ecu: {} },
    'vehicle-release-key',
  ],
  [
    'an old client for an OTA image v1',
    'v1',
    { autoware: {}, main_ecu: { client: '3.8.6' }, sub_ecu: {} },
    'vehicle-client-too-old',
  ],
])('%s is refused before anything is asked for', async (_, name, ecus, code) => {
  const vehicle = await vehicleFor(ecus).start();
  const result = await updating(vehicle, name);
  expect([result.exit, result.code]).toEqual([1, code]);
  expect(vehicle.requests).toEqual([]);
});

test.each([
  ['p3 p1,p2\n', 0],
  ['p1 p2\n', 1],
  ['\n', 1],
  ['', 1],
])('without --confirm-update the ECU ids are to be typed: %j', async (typed, exit) => {
  const vehicle = await startVehicle(['p1', 'p2', 'p3']);
  const [stdout, stderr] = [new Collector(), new Collector()];
  const args = ['vehicle', 'update', `127.0.0.1:${vehicle.port}`, '--image', image('legacy')];
  const signal = new AbortController().signal;
  const stdin = Readable.from(typed === '' ? [] : [typed]);
  const around = { stdout, stderr, stdin, env: env(), cwd: shared(), signal };
  expect(await run([...args, '--listen', '127.0.0.1:0'], around), stderr.text).toBe(exit);
  expect(stdout.text).toContain('p1: from 1.0 to ver_20230808');
  expect(vehicle.requests).toHaveLength(exit === 0 ? 3 : 0);
});

class Collector extends Writable {
  text = '';
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

test('the vehicle of these tests hangs on empty cookies, as real ones do', async () => {
  const vehicle = await startVehicle(['p1']);
  const client = new VehicleClient({ host: '127.0.0.1', port: vehicle.port });
  const request = { ecuId: 'p1', version: '2', url: 'http://127.0.0.1:1/', cookies: '' };
  expect(await client.update([request])).toEqual([{ ecuId: 'p1', answer: 'accepted' }]);
  expect(await client.update([request])).toEqual([{ ecuId: 'p1', answer: 'busy' }]);
  expect(await client.update([{ ...request, ecuId: 'x' }])).toEqual([
    { ecuId: 'x', answer: 'refused' },
  ]);
  expect((await client.status()).ecus[0]?.state).toBe('updating');
  client.close();
  expect(OTACLIENT_PORT).toBe(50_051);
});
