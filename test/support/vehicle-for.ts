import { onTestFinished } from 'vitest';
import { FakeVehicle } from './fake-vehicle.ts';

/** A vehicle that is stopped when the test ends. */
export function vehicleFor(...made: ConstructorParameters<typeof FakeVehicle>): FakeVehicle {
  const vehicle = new FakeVehicle(...made);
  onTestFinished(() => vehicle.stop());
  return vehicle;
}
