import { expect, test } from 'vitest';
import type { Backend } from './backend.ts';
import { vehicleHandlers } from './vehicle-handlers.ts';
import type { VehicleRequest, VehicleRunner } from './vehicle-runner.ts';

const backend = {
  networks: () => Promise.resolve([{ name: 'enp3s0', address: '192.168.10.2' }]),
} as Partial<Backend> as Backend;

test('an update is served at an address that this computer has, and at no other', async () => {
  const updates: VehicleRequest[] = [];
  const vehicle = {
    update: (request: VehicleRequest) => updates.push(request),
  } as unknown as VehicleRunner;
  const update = vehicleHandlers({ backend, vehicle })['vehicle.update'];
  const request = { ecuIds: ['a'], way: 'own' as const };
  await update({ ...request, network: null });
  await update({ ...request, network: '192.168.10.2' });
  expect(updates.map(({ network }) => network)).toEqual([null, '192.168.10.2']);
  for (const network of ['0.0.0.0', '::', '192.168.10.3'])
    await expect(update({ ...request, network })).rejects.toThrow('serve-address-unavailable');
  expect(updates).toHaveLength(2);
});
