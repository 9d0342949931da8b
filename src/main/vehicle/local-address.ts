import { connect } from 'node:net';
import { builderError } from '../../shared/errors.ts';
import type { VehicleAddress } from './address.ts';

/** Milliseconds; what is beside this computer answers at once. */
const TIMEOUT = 10_000;

/**
 * The address of this computer that faces a vehicle: the one from which a connection to it goes out.
 * @throws `vehicle-unreachable`
 */
export function localAddressTowards(
  { host, port }: VehicleAddress,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host, port, signal, timeout: TIMEOUT });
  const fail = (reason: string, error?: Error): void =>
    reject(
      signal.aborted
        ? (signal.reason as Error)
        : builderError('vehicle-unreachable', { address: `${host}:${port}`, reason }, error),
    );
  socket.on('connect', () => resolve(socket.localAddress ?? ''));
  socket.on('timeout', () => fail('ETIMEDOUT'));
  socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error));
  return promise.finally(() => socket.destroy());
}
