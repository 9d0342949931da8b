import { execFile } from 'node:child_process';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { cli, type CliResult } from '../support/cli.ts';
import type { FakeVehicle, FakeVehicleOptions } from '../support/fake-vehicle.ts';
import { makeImage, packImage, seededBytes } from '../support/image-factory.ts';
import type { Answer } from '../support/serve-client.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { testNeeding, tool } from '../support/tools.ts';
import { vehicleFor } from '../support/vehicle-for.ts';

/** What goes wrong between a vehicle and the computer that updates it. The vehicle downloads every file. */

const shared = sharedTmpFolder();
const IDS = ['a', 'b', 'c'];
const env = () => ({ XDG_CONFIG_HOME: shared(), HOME: shared() });

beforeAll(async () => {
  // The ECUs have most files in common.
  const files = Array.from({ length: 30 }, (_, at) => ({
    ...{ path: `/usr/lib/${at}`, content: seededBytes(at, 20_000, 'text'), compress: true },
  }));
  for (const [at, id] of IDS.entries()) {
    const own = { path: '/etc/id', content: seededBytes(100 + at, 400_000) };
    writeFileSync(join(shared(), `${id}.tar`), packImage(makeImage({ files: [...files, own] })));
  }
  const inputs = IDS.map((id) => `--image=${id}:${join(shared(), `${id}.tar`)}:2`);
  const { exit, stderr } = await cli([...inputs, '-o', join(shared(), 'out.tar')]);
  expect(exit, stderr).toBe(0);
});

type Event = Record<string, unknown> & { kind: string };

const startVehicle = (options: FakeVehicleOptions, ids = ['a']): Promise<FakeVehicle> =>
  vehicleFor(Object.fromEntries(ids.map((id) => [id, {}])), options).start();

/** Updates the ECUs of a vehicle. */
function update(
  vehicle: FakeVehicle,
  {
    image = join(shared(), 'out.tar'),
    args = [],
    onEvent = () => undefined,
  }: {
    readonly image?: string;
    readonly args?: readonly string[];
    readonly onEvent?: (event: Event) => void;
  } = {},
): Promise<CliResult> {
  const command = ['vehicle', 'update', `127.0.0.1:${vehicle.port}`, '--image', image];
  const fixed = ['--json', '--confirm-update', '--listen', '127.0.0.1:0'];
  const ecus = [...vehicle.ecus.keys()].map((id) => `--ecu=${id}`);
  return cli([...command, ...fixed, ...ecus, ...args], {
    env: env(),
    onEvent: (event) => onEvent(event),
  });
}

const eventsOf = ({ events }: CliResult, kind: string): Event[] =>
  (events as unknown as Event[]).filter((event) => event.kind === kind);
const diagnosesOf = (result: CliResult): unknown[] =>
  eventsOf(result, 'diagnosis').map(({ diagnosis }) => diagnosis);
const outcomesOf = (result: CliResult): string[] =>
  eventsOf(result, 'outcome').map(({ ecuId, outcome }) => {
    const { kind, reason = '' } = outcome as { kind: string; reason?: string };
    return `${String(ecuId)} ${kind} ${reason}`.trim();
  });

/** A cable to a port that is known later. Its connections are reset after some bytes, a few times. */
async function cable({ cuts, after }: { readonly cuts: number; readonly after: number }) {
  const state = { port: 0, cuts: 0 };
  const server = createServer((near) => {
    const far = connect(state.port, '127.0.0.1');
    let passed = 0;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far] as Socket[]) socket.on('error', end).on('close', end);
    near.pipe(far);
    far.on('data', (piece: Buffer) => {
      passed += piece.length;
      if (state.cuts < cuts && passed > after) {
        state.cuts++;
        near.resetAndDestroy();
        far.resetAndDestroy();
      } else near.write(piece);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { port, state };
}

test.each([
  ['at the first bytes', 0, 6],
  ['in the middle of files', 3_000, 12],
])('a cable that is cut %s is survived', async (_, after, cuts) => {
  const { port, state } = await cable({ cuts, after });
  const network = { kind: 'http' as const, retries: 20, cable: () => port };
  const vehicle = await startVehicle({ network });
  const result = await update(vehicle, {
    onEvent(event) {
      if (event.kind === 'serving') state.port = event['port'] as number;
    },
  });
  expect(outcomesOf(result)).toEqual(['a updated']);
  expect(state.cuts).toBe(cuts);
});

/** A copy of the image, and how its medium is pulled and put back. */
function medium() {
  const image = join(tmpFolder(), 'out.tar');
  const bytes = readFileSync(join(shared(), 'out.tar'));
  writeFileSync(image, bytes);
  return {
    image,
    // The same file, whose bytes cannot be read any more.
    pull: () => truncateSync(image, 4096),
    put: () => writeFileSync(image, bytes),
  };
}

test('a stick that is pulled is said so, and the update fails', async () => {
  const stick = medium();
  const vehicle = await startVehicle({
    onPhase(_ecu, phase) {
      if (phase === 'DOWNLOADING_OTA_FILES') stick.pull();
    },
  });
  const result = await update(vehicle, { image: stick.image });
  expect([result.exit, result.code]).toEqual([1, 'vehicle-update-failed']);
  expect(outcomesOf(result)).toEqual(['a failed failure']);
  expect(diagnosesOf(result)).toContain('unreadable');
  expect(statSync(stick.image).size).toBe(4096);
});

test('a medium that can be read again is read again, and the update goes on', async () => {
  const disk = medium();
  const vehicle = await startVehicle({
    network: { kind: 'http', retries: 100 },
    onPhase(_ecu, phase) {
      if (phase === 'DOWNLOADING_OTA_FILES') disk.pull();
    },
  });
  const result = await update(vehicle, {
    image: disk.image,
    onEvent(event) {
      if (event['refusal'] === 'unreadable') disk.put();
    },
  });
  expect(outcomesOf(result)).toEqual(['a updated']);
  expect(diagnosesOf(result)).toContain('unreadable');
});

test.each<[string, FakeVehicleOptions, string]>([
  ['asks for an older image', { remembers: { contentHash: '0'.repeat(32) } }, 'not-found'],
  ['sends an older cookie', { remembers: { cookie: 'offline-ota=0' } }, 'cookie'],
])('a vehicle that %s is not updated, and it is said what to look at', async (...about) => {
  const [, options, diagnosis] = about;
  const vehicle = await startVehicle(options);
  const result = await update(vehicle);
  expect([result.exit, result.code]).toEqual([1, 'vehicle-update-failed']);
  expect(outcomesOf(result)).toEqual(['a failed failure']);
  expect(diagnosesOf(result)).toContain(diagnosis);
});

testNeeding(
  [tool('curl')],
  'a vehicle that does not trust the CA is not updated, and it is said so',
  async () => {
    // Node's client looks at a certificate after the handshake; a vehicle's, and curl, within it.
    const vehicle: FakeVehicle = await startVehicle({
      network: { kind: 'https', ca: '' },
      async onPhase(_ecu, phase) {
        if (phase !== 'DOWNLOADING_OTA_FILES') return;
        const url = vehicle.requests[0]?.url ?? '';
        const asked = promisify(execFile)('curl', [
          '--silent',
          '--show-error',
          '--noproxy',
          '*',
          url,
        ]);
        await expect(asked).rejects.toThrow(/certificate/i);
      },
    });
    const result = await update(vehicle, { args: ['--tls-self'] });
    expect([result.exit, result.code]).toEqual([1, 'vehicle-update-failed']);
    expect(outcomesOf(result)).toEqual(['a failed failure']);
    expect(diagnosesOf(result)).toContain('tls-failed');
  },
);

test.each([
  ['keeps files', true, []],
  ['keeps nothing', false, ['cache-off']],
] as const)('sub-ECUs through a proxy that %s are updated', async (_, keeps, diagnoses) => {
  const cache = new Map<string, Promise<Answer>>();
  const network = { kind: 'proxy' as const, ...(keeps ? { cache } : {}) };
  const vehicle = await startVehicle({ network }, IDS);
  const result = await update(vehicle);
  expect(outcomesOf(result)).toEqual(IDS.map((id) => `${id} updated`));
  expect(diagnosesOf(result)).toEqual(diagnoses);
});

test('a computer that slept during the update says so, and gives no ECU up', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const looked = Promise.withResolvers<undefined>();
  const vehicle = await startVehicle({
    async onPhase(_ecu, phase) {
      if (phase !== 'APPLYING_UPDATE') return;
      vi.setSystemTime(Date.now() + 3 * 3600 * 1000);
      await looked.promise;
    },
  });
  const result = await update(vehicle, {
    onEvent(event) {
      if (event['diagnosis'] === 'asleep') looked.resolve(undefined);
    },
  });
  expect(outcomesOf(result)).toEqual(['a updated']);
  expect(diagnosesOf(result)).toEqual(['asleep']);
});
