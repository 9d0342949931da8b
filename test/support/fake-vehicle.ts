import { loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { GrpcObject, sendUnaryData, ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { join } from 'node:path';
import {
  ENCODINGS,
  fetchPath,
  playLegacyClient,
  playV1Client,
  vehicleAgent,
  type Way,
} from './serve-client.ts';

/** How the vehicle reaches the server that its request names. */
export type Network = Pick<Way, 'kind' | 'ca' | 'retries' | 'cache'> & {
  /** A port of loopback in the place of the server's: a cable that can be cut. */
  readonly cable?: () => number;
};

export interface FakeEcu {
  id: string;
  version: string;
  client: string;
  state: string;
  /** Known to the main ECU, and does not answer. */
  silent: boolean;
  failureType: string;
  failureReason: string;
  update: Record<string, string | number> | null;
}

interface RequestEcu {
  readonly ecu_id: string;
  readonly version: string;
  readonly url: string;
  readonly cookies: string;
}

export interface FakeVehicleOptions {
  readonly network?: Network;
  /** Whether it goes away after the update, as a restarting main ECU. */
  readonly restarts?: boolean;
  /** Whether it knows `Abort`. */
  readonly aborts?: boolean;
  /** Called before each phase; may wait, or change what comes. */
  readonly onPhase?: (ecu: FakeEcu, phase: string) => Promise<void> | void;
  /** In the place of the version that was asked for. */
  readonly boots?: string;
  /** What it has remembered of an earlier request, in the place of what it is told. */
  readonly remembers?: { readonly cookie?: string; readonly contentHash?: string };
}

const PHASES_BEFORE = [
  'INITIALIZING',
  'PROCESSING_METADATA',
  'CALCULATING_DELTA',
  'DOWNLOADING_OTA_FILES',
];
const PHASES_AFTER = ['APPLYING_UPDATE', 'PROCESSING_POSTUPDATE', 'FINALIZING_UPDATE'];

/**
 * A vehicle with otaclient's gRPC interface and states. It downloads every file of an update and compares every hash.
 * Written from the description of the interface.
 */
export class FakeVehicle {
  readonly ecus = new Map<string, FakeEcu>();
  readonly requests: RequestEcu[] = [];
  readonly aborted: string[] = [];
  port = 0;
  #server: Server | null = null;
  readonly #options: FakeVehicleOptions;

  constructor(ecus: Readonly<Record<string, Partial<FakeEcu>>>, options: FakeVehicleOptions = {}) {
    this.#options = options;
    for (const [id, ecu] of Object.entries(ecus))
      this.ecus.set(id, {
        ...{ id, version: '1.0', client: '3.13.0', state: 'SUCCESS', silent: false },
        ...{ failureType: 'NO_FAILURE', failureReason: '', update: null },
        ...ecu,
      });
  }

  /** Listens on loopback, after a stop at the same port. */
  async start(): Promise<this> {
    const definition = loadSync(join(import.meta.dirname, 'otaclient-v2.proto'), {
      ...{ keepCase: true, enums: String, longs: Number, defaults: true },
    });
    const loaded = loadPackageDefinition(definition)['OtaClientV2'] as GrpcObject;
    const { service } = loaded['OtaClientService'] as ServiceClientConstructor;
    const server = new Server();
    server.addService(service, {
      Status: (_: unknown, done: sendUnaryData<object>) => done(null, this.#status()),
      Update: ({ request }: { request: { ecu: RequestEcu[] } }, done: sendUnaryData<object>) =>
        done(null, { ecu: request.ecu.map((ecu) => this.#take(ecu)) }),
      Abort: (
        { request }: { request: { ecu: { ecu_id: string }[] } },
        done: sendUnaryData<object>,
      ) => {
        if (this.#options.aborts === false) done({ code: status.UNIMPLEMENTED });
        else done(null, { ecu: request.ecu.map(({ ecu_id }) => this.#abort(ecu_id)) });
      },
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
    this.port = await promise;
    this.#server = server;
    return this;
  }

  stop(): void {
    this.#server?.forceShutdown();
    this.#server = null;
  }

  ecu(id: string): FakeEcu {
    const ecu = this.ecus.get(id);
    if (ecu === undefined) throw new Error(`no ECU ${id}`);
    return ecu;
  }

  #status(): object {
    const answering = [...this.ecus.values()].filter(({ silent }) => !silent);
    return {
      available_ecu_ids: [...this.ecus.keys()],
      ecu_v2: answering.map((ecu) => ({
        ...{ ecu_id: ecu.id, firmware_version: ecu.version, otaclient_version: ecu.client },
        ...{ ota_status: ecu.state, failure_type: ecu.failureType },
        failure_reason: ecu.failureReason,
        ...(ecu.update === null ? {} : { update_status: ecu.update }),
      })),
    };
  }

  #take(request: RequestEcu): object {
    this.requests.push(request);
    const ecu = this.ecus.get(request.ecu_id);
    const result =
      ecu === undefined || ecu.silent
        ? 'UNRECOVERABLE'
        : ['UPDATING', 'CLIENT_UPDATING'].includes(ecu.state)
          ? 'RECOVERABLE'
          : 'NO_FAILURE';
    if (ecu !== undefined && result === 'NO_FAILURE') void this.#install(ecu, request);
    return { ecu_id: request.ecu_id, result };
  }

  #abort(id: string): object {
    this.aborted.push(id);
    this.ecu(id).state = 'ABORTED';
    return { ecu_id: id, result: 'NO_FAILURE' };
  }

  async #install(ecu: FakeEcu, request: RequestEcu): Promise<void> {
    // What it told before lingers for a moment after the acceptance.
    await this.#phase(ecu, 'accepted');
    Object.assign(ecu, { state: 'UPDATING', failureReason: '', failureType: 'NO_FAILURE' });
    ecu.update = {
      ...{ update_firmware_version: request.version, update_start_timestamp: Date.now() },
      ...{ phase: 'INITIALIZING', total_files_num: 100, total_download_files_size: 1000 },
    };
    // Accepted, and then it hangs until it is restarted.
    if (request.cookies === '') return;
    try {
      const cookies = parseCookies(request.cookies);
      for (const phase of PHASES_BEFORE) await this.#phase(ecu, phase);
      await this.#download(ecu, request, cookies);
      for (const phase of PHASES_AFTER) await this.#phase(ecu, phase);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const failureReason = /^E\d{3}/.test(reason) ? reason : `E101: ${reason}`;
      if (ecu.state === 'UPDATING')
        Object.assign(ecu, { state: 'FAILURE', failureType: 'RECOVERABLE', failureReason });
      return;
    }
    if (ecu.state !== 'UPDATING') return;
    if (this.#options.restarts === true) {
      this.stop();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await this.start();
    }
    Object.assign(ecu, { state: 'SUCCESS', version: this.#options.boots ?? request.version });
  }

  async #phase(ecu: FakeEcu, phase: string): Promise<void> {
    if (phase !== 'accepted' && ecu.update !== null) ecu.update['phase'] = phase;
    await this.#options.onPhase?.(ecu, phase);
    if (phase !== 'accepted' && ecu.state !== 'UPDATING') throw new Error('stopped');
  }

  /** Asks by the rules of a client: `oci-layout` first, which tells the format. */
  async #download(ecu: FakeEcu, { url }: RequestEcu, cookie: string): Promise<void> {
    const { network = { kind: 'http' }, remembers = {} } = this.#options;
    const { port, pathname: told } = new URL(url);
    const { contentHash } = remembers;
    const pathname =
      contentHash === undefined ? told : told.replace(/^\/[0-9a-f]+/, `/${contentHash}`);
    const agent = vehicleAgent(network.kind);
    const served = network.cable?.() ?? Number(port);
    const way: Way = { port: served, cookie: remembers.cookie ?? cookie, agent, ...network };
    try {
      const { status: found } = await fetchPath(way, `${pathname}oci-layout`);
      const encoding = ENCODINGS[0]?.[1] ?? String;
      const { faults } =
        found === 200
          ? await playV1Client(way, pathname, ecu.id)
          : await playLegacyClient(way, pathname, encoding);
      if (ecu.update !== null) ecu.update['downloaded_bytes'] = 1000;
      if (faults.length > 0) throw new Error(`E203: ${faults[0] ?? ''}`);
    } finally {
      agent.destroy();
    }
  }
}

function parseCookies(text: string): string {
  try {
    const cookies = Object.entries(JSON.parse(text) as Record<string, string>);
    return cookies.map(([name, value]) => `${name}=${value}`).join('; ');
  } catch {
    throw new Error('E204: cookies are no JSON');
  }
}
