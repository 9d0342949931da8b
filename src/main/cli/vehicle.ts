import { VehicleClient } from '../vehicle/client.ts';
import { watchVehicle } from '../vehicle/watch.ts';
import type { LiveOutput } from './live-output.ts';
import type { LookCommand } from './vehicle-arguments.ts';
import { VehicleOutput } from './vehicle-output.ts';

/** Tells what a vehicle's ECUs have and do: once, or until the person ends that. */
export async function runLook(
  { action, address }: LookCommand,
  { signal }: { readonly signal: AbortSignal },
  output: LiveOutput,
): Promise<void> {
  const client = new VehicleClient(address);
  const shown = new VehicleOutput(output);
  try {
    if (action === 'status') shown.see({ kind: 'status', status: await client.status(signal) });
    else for await (const sight of watchVehicle(client, signal)) shown.see(sight);
  } catch (error) {
    // Ctrl-C is how watching ends.
    if (action !== 'watch' || !signal.aborted) throw error;
  } finally {
    client.close();
  }
}
