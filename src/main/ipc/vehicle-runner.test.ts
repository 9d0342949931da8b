import { expect, test, vi } from 'vitest';
import { builderError } from '../../shared/errors.ts';
import type { EcuStatus } from '../../shared/model/vehicle.ts';
import type { VehicleRun } from '../../shared/model/vehicle-state.ts';
import type { Sight } from '../vehicle/watch.ts';
import type { AppUpdateOrder, VehicleBackend, VehicleEvent } from './vehicle-backend.ts';
import { VehicleRunner } from './vehicle-runner.ts';

function ecu(ecuId: string, change: Partial<EcuStatus> = {}): EcuStatus {
  return {
    ...{ ecuId, version: '1', clientVersion: '3.13.0', state: 'success', failureReason: '' },
    ...{ recoverable: true, progress: null },
    ...change,
  };
}

const sight = (...ecus: EcuStatus[]): Sight => ({
  kind: 'status',
  status: { ecuIds: ['a', 'b', 'quiet'], ecus },
});

const offered = (ecuId: string) => ({
  ...{ ecuId, version: '2', format: 'legacy' as const, releaseKey: null },
});

/** A runner with a backend whose calls the test answers. */
function running() {
  const watches: { see: (sight: Sight) => void; signal: AbortSignal }[] = [];
  const updates: {
    order: AppUpdateOrder;
    tell: (event: VehicleEvent) => void;
    signal: AbortSignal;
    end: PromiseWithResolvers<null>;
  }[] = [];
  const opened: { path: string; signal: AbortSignal; end: PromiseWithResolvers<never[]> }[] = [];
  const backend = {
    openVehicleImage(path, _onProgress, signal) {
      const end = Promise.withResolvers<never[]>();
      opened.push({ path, signal, end });
      return end.promise;
    },
    closeVehicleImage: () => Promise.resolve(null),
    watchVehicle(_address, see, signal) {
      watches.push({ see, signal });
      return Promise.withResolvers<null>().promise;
    },
    updateVehicle(order, tell, signal) {
      const end = Promise.withResolvers<null>();
      updates.push({ order, tell, signal, end });
      signal.addEventListener('abort', () => end.reject(builderError('cancelled', {})));
      return end.promise;
    },
  } as Partial<VehicleBackend> as VehicleBackend;
  const ended: VehicleRun[] = [];
  const runner = new VehicleRunner(backend, {
    onChange: () => undefined,
    onEnd: (run) => ended.push(run),
  });
  const open = async (...ids: string[]): Promise<void> => {
    runner.openImage('/image.tar');
    opened.at(-1)?.end.resolve(ids.map(offered) as never[]);
    await vi.waitFor(() => expect(runner.state.image?.state).toBe('ready'));
  };
  return { runner, watches, updates, opened, ended, open };
}

const order = { ecuIds: ['a'], network: null, way: 'own' } as const;

test('each ECU of the image is judged as soon as the vehicle is known, and anew as it changes', async () => {
  const { runner, watches, open } = running();
  await open('a', 'b', 'c');
  const refusals = () => runner.state.image?.ecus.map(({ refusal }) => refusal?.code ?? null);
  expect(refusals()).toEqual([null, null, null]);
  runner.connect('192.168.10.11');
  watches[0]?.see(sight(ecu('a'), ecu('b', { state: 'updating' })));
  expect(refusals()).toEqual([null, 'vehicle-ecu-busy', 'vehicle-ecu-unknown']);
  expect(runner.state.link).toMatchObject({ seen: true, silent: ['quiet'] });
  watches[0]?.see(sight(ecu('a'), ecu('b'), ecu('c')));
  expect(refusals()).toEqual([null, null, null]);
});

test('what the vehicle told stays while it does not answer', () => {
  const { runner, watches } = running();
  runner.connect('192.168.10.11');
  watches[0]?.see(sight(ecu('a')));
  const error = { code: 'vehicle-unreachable', params: { address: 'x', reason: 'y' } } as const;
  watches[0]?.see({ kind: 'unreachable', error });
  expect(runner.state.link).toMatchObject({ error, seen: true });
  expect(runner.state.link?.ecus).toHaveLength(1);
});

test('an address that is none is refused, and nothing is watched', () => {
  const { runner, watches } = running();
  expect(() => runner.connect('a b')).toThrow('usage-vehicle-address');
  expect(watches).toEqual([]);
});

test('news of a vehicle that is not watched any more are not taken', () => {
  const { runner, watches } = running();
  runner.connect('192.168.10.11');
  runner.connect('192.168.10.12');
  expect(watches[0]?.signal.aborted).toBe(true);
  watches[0]?.see(sight(ecu('a')));
  expect(runner.state.link).toMatchObject({ address: '192.168.10.12', seen: false });
});

test('an image that another one took the place of changes nothing any more', async () => {
  const { runner, opened } = running();
  runner.openImage('/first.tar');
  runner.openImage('/second.tar');
  expect(opened[0]?.signal.aborted).toBe(true);
  opened[0]?.end.reject(builderError('cancelled', {}));
  await Promise.resolve();
  expect(runner.state.image).toMatchObject({ path: '/second.tar', state: 'verifying' });
});

test('without a verified image and a vehicle there is no update', async () => {
  const { runner, updates, open } = running();
  expect(() => runner.update(order)).toThrow();
  await open('a');
  expect(() => runner.update(order)).toThrow();
  expect(updates).toEqual([]);
});

test('while an update runs, neither image nor vehicle nor update can be another one', async () => {
  const { runner, watches, updates, open } = running();
  await open('a');
  runner.connect('192.168.10.11');
  watches[0]?.see(sight(ecu('a')));
  runner.update(order);
  // The update looks at the vehicle by itself.
  expect(watches[0]?.signal.aborted).toBe(true);
  for (const change of [
    () => runner.openImage('/other'),
    () => runner.closeImage(),
    () => runner.connect('192.168.10.12'),
    () => runner.disconnect(),
    () => runner.update(order),
    () => runner.dismiss(),
  ])
    expect(change).toThrow('an update runs');
  updates[0]?.tell({ kind: 'outcome', ecuId: 'a', outcome: { kind: 'updated' } });
  updates[0]?.end.resolve(null);
  await runner.ended;
  expect(runner.state.run).toMatchObject({ state: 'done', ecus: [{ from: '1', to: '2' }] });
  // It is watched again.
  expect(watches).toHaveLength(2);
  runner.dismiss();
  expect(runner.state.run).toBeNull();
});

test.each([
  ['own', 'self', true],
  ['off', 'off', true],
  // The vehicle's settings name the port.
  ['upper', 'off', false],
] as const)('for a proxy %s TLS is %s, and any port will do: %s', async (way, tls, anyPort) => {
  const { runner, watches, updates, open } = running();
  await open('a');
  runner.connect('192.168.10.11');
  watches[0]?.see(sight(ecu('a')));
  runner.update({ ...order, way, network: '192.168.10.2' });
  expect(updates[0]?.order).toMatchObject({
    ...{ address: { host: '192.168.10.11', port: 50_051 }, ecuIds: ['a'], anyPort },
    serve: { address: '192.168.10.2', port: 8443, tls, cookie: 'random' },
  });
});

test('an update that is stopped is no failure; one that cannot begin is', async () => {
  const { runner, watches, updates, ended, open } = running();
  await open('a');
  runner.connect('192.168.10.11');
  watches[0]?.see(sight(ecu('a')));
  runner.update(order);
  updates[0]?.tell({ kind: 'stopped', answer: 'accepted' });
  runner.stop();
  expect(updates[0]?.signal.aborted).toBe(true);
  await runner.ended;
  expect(ended).toMatchObject([{ state: 'stopped', error: null, stopAnswer: 'accepted' }]);
  runner.update(order);
  updates[1]?.end.reject(builderError('vehicle-refused', { ecuIds: 'a' }));
  await runner.ended;
  expect(ended[1]).toMatchObject({ state: 'failed', error: { code: 'vehicle-refused' } });
});

test('after the worker died, the image is verified and the vehicle watched again', async () => {
  const { runner, watches, updates, opened, open } = running();
  await open('a');
  runner.connect('192.168.10.11');
  watches[0]?.see(sight(ecu('a')));
  runner.update(order);
  updates[0]?.end.reject(new Error('the worker ended'));
  runner.readAgain();
  await vi.waitFor(() => expect(opened).toHaveLength(2));
  expect(runner.state).toMatchObject({ run: { state: 'failed' }, image: { state: 'verifying' } });
});
