import {
  credentials,
  loadPackageDefinition,
  status as codes,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Client, GrpcObject, ServiceClientConstructor } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { isIPv6 } from 'node:net';
import { builderError } from '../../shared/errors.ts';
import type { StopAnswer, VehicleStatus } from '../../shared/model/vehicle.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import type { VehicleAddress } from './address.ts';
import { PROTOCOL, type WireOutcome, type WireStatus } from './protocol.ts';
import { toVehicleStatus } from './status.ts';

/** What one ECU is to install. `cookies`: a JSON object as text. */
export interface UpdateRequest {
  readonly ecuId: string;
  readonly version: string;
  readonly url: string;
  readonly cookies: string;
}

export interface UpdateAnswer {
  readonly ecuId: string;
  readonly answer: 'accepted' | 'busy' | 'refused';
}

/** The main ECU waits 6 s for the acknowledgement of each of its ECUs. Milliseconds. */
const COMMAND_TIMEOUT = 30_000;
const STATUS_TIMEOUT = 15_000;
const ABORT_TIMEOUT = 10_000;
/** An ECU that restarts is found again soon. Milliseconds. */
const MAX_BACKOFF = 2_000;
/** Of failures, E203 and the like come with a text of some KiB. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const ANSWERS = ['accepted', 'busy', 'refused'] as const;

/** The interface as gRPC and protobufjs take it. */
export function definePackage(): ReturnType<typeof fromJSON> {
  return fromJSON(PROTOCOL as Parameters<typeof fromJSON>[0], {
    longs: Number,
    defaults: true,
    arrays: true,
  });
}

/**
 * Speaks with the otaclient of a main ECU: gRPC without TLS and without a login, as it has it.
 * @example
 * const client = new VehicleClient({ host: '192.168.10.11', port: OTACLIENT_PORT });
 * console.log((await client.status()).ecus);
 * client.close();
 */
export class VehicleClient {
  readonly #client: Client;
  readonly #address: string;

  constructor({ host, port }: VehicleAddress) {
    this.#address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const loaded = loadPackageDefinition(definePackage())['OtaClientV2'] as GrpcObject;
    const Service = loaded['OtaClientService'] as ServiceClientConstructor;
    this.#client = new Service(this.#address, credentials.createInsecure(), {
      // A vehicle is never behind the proxy of an office.
      'grpc.enable_http_proxy': 0,
      'grpc.initial_reconnect_backoff_ms': 500,
      'grpc.max_reconnect_backoff_ms': MAX_BACKOFF,
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    });
  }

  /** @throws `vehicle-unreachable`, `vehicle-not-otaclient`, `cancelled`. */
  async status(signal?: AbortSignal): Promise<VehicleStatus> {
    const answer = await this.#call<WireStatus>('Status', {}, STATUS_TIMEOUT, signal);
    return toVehicleStatus(answer);
  }

  /** Triggers an update. @throws as {@link status}; then the vehicle may have taken it all the same. */
  async update(ecus: readonly UpdateRequest[], signal?: AbortSignal): Promise<UpdateAnswer[]> {
    const { ecus: answers } = await this.#call<{ ecus: readonly WireOutcome[] }>(
      ...(['Update', { ecus }, COMMAND_TIMEOUT, signal] as const),
    );
    return ecus.map(({ ecuId }) => {
      const own = answers.find((each) => each.ecuId === ecuId);
      return { ecuId, answer: ANSWERS[own?.result ?? 2] ?? 'refused' };
    });
  }

  /** Asks ECUs to stop an update. `unknown`: this otaclient has no such command. */
  async abort(ecuIds: readonly string[]): Promise<StopAnswer> {
    const ecus = ecuIds.map((ecuId) => ({ ecuId }));
    try {
      const answer = await this.#call<{ ecus: readonly WireOutcome[] }>(
        ...(['Abort', { ecus }, ABORT_TIMEOUT, undefined] as const),
      );
      return answer.ecus.every(({ result }) => result === 0) ? 'accepted' : 'refused';
    } catch (error) {
      const cause =
        error instanceof Error ? (error.cause as Partial<ServiceError> | undefined) : null;
      return cause?.code === codes.UNIMPLEMENTED ? 'unknown' : 'refused';
    }
  }

  close(): void {
    this.#client.close();
  }

  #call<Answer>(
    method: 'Status' | 'Update' | 'Abort',
    request: object,
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const call = (this.#client as unknown as Record<string, UnaryCall<Answer>>)[method]?.call(
      this.#client,
      request,
      // By the clock that gRPC compares it with: the monotonic one falls behind while this computer sleeps.
      { deadline: timeout + wallClock().getTime() },
      (error, answer) => {
        if (signal?.aborted === true) reject(signal.reason as Error);
        else if (error !== null || answer === undefined) reject(this.#explained(error));
        else resolve(answer);
      },
    );
    const cancel = (): void => call?.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    return promise.finally(() => signal?.removeEventListener('abort', cancel));
  }

  #explained(error: ServiceError | null): Error {
    const address = this.#address;
    const code = error?.code ?? codes.UNKNOWN;
    const isOther = code === codes.UNIMPLEMENTED || code === codes.INTERNAL;
    if (isOther) return builderError('vehicle-not-otaclient', { address }, error);
    return builderError('vehicle-unreachable', { address, reason: codes[code] }, error);
  }
}

type UnaryCall<Answer> = (
  request: object,
  options: { deadline: number },
  callback: (error: ServiceError | null, answer?: Answer) => void,
) => { cancel(): void };
