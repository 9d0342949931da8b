import { builderError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { VehicleStatus } from '../../shared/model/vehicle.ts';
import {
  isUpdating,
  NO_VEHICLE,
  type VehicleImage,
  type VehicleLink,
  type VehicleRun,
  type VehicleState,
  type VehicleWay,
} from '../../shared/model/vehicle-state.ts';
import { DEFAULT_PORT } from '../serve/options.ts';
import { readVehicleAddress } from '../vehicle/address.ts';
import { judgeEcu, type Offered } from '../vehicle/preflight.ts';
import { Speeds } from '../vehicle/speed.ts';
import type { Sight } from '../vehicle/watch.ts';
import type { VehicleBackend, VehicleEvent } from './vehicle-backend.ts';

interface Watcher {
  onChange(state: VehicleState): void;
  /** Once for each update. */
  onEnd(run: VehicleRun): void;
}

export interface VehicleRequest {
  readonly ecuIds: readonly string[];
  /** null: the address that leads to the vehicle. */
  readonly network: string | null;
  readonly way: VehicleWay;
}

/** The image, the vehicle and the update of the vehicle screen: one of each. */
export class VehicleRunner {
  readonly #backend: VehicleBackend;
  readonly #watcher: Watcher;
  readonly #speeds = new Speeds();
  #state: VehicleState = NO_VEHICLE;
  #offered: readonly Offered[] = [];
  #status: VehicleStatus | null = null;
  #opening: AbortController | null = null;
  #watching: AbortController | null = null;
  #updating: AbortController | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(backend: VehicleBackend, watcher: Watcher) {
    this.#backend = backend;
    this.#watcher = watcher;
  }

  get state(): VehicleState {
    return this.#state;
  }

  /** Says how it is now. */
  tell(): void {
    this.#watcher.onChange(this.#state);
  }

  get isRunning(): boolean {
    return isUpdating(this.#state);
  }

  /** Resolves when no update runs. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Verifies an image, in the place of the one that was chosen. */
  openImage(path: string): void {
    this.#refuseWhileUpdating();
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    this.#offered = [];
    const image: VehicleImage = {
      ...{ path, state: 'verifying', progress: null, ecus: [], error: null },
    };
    this.#set({ image });
    const change = (changes: Partial<VehicleImage>): void => {
      const { image: now } = this.#state;
      if (this.#opening === opening && now !== null) this.#set({ image: { ...now, ...changes } });
    };
    this.#backend
      .openVehicleImage(path, (progress) => change({ progress }), opening.signal)
      .then(
        (offered) => {
          if (this.#opening !== opening) return;
          this.#offered = offered;
          change({ state: 'ready', ecus: this.#judged() });
        },
        (error: unknown) => change({ state: 'failed', error: toErrorData(error) }),
      );
  }

  closeImage(): void {
    this.#refuseWhileUpdating();
    this.#opening?.abort();
    this.#opening = null;
    this.#offered = [];
    void this.#backend.closeVehicleImage().catch(() => null);
    this.#set({ image: null });
  }

  /** The worker that had the image is another one now. */
  readAgain(): void {
    // An update that ran there fails first.
    void this.#ended.then(() => {
      const { image } = this.#state;
      if (image !== null) this.openImage(image.path);
      this.#watch();
    });
  }

  /** @throws `usage-vehicle-address` */
  connect(text: string): void {
    this.#refuseWhileUpdating();
    readVehicleAddress(text);
    this.#status = null;
    this.#set({ link: { address: text, seen: false, ecus: [], silent: [], error: null } });
    this.#watch();
  }

  disconnect(): void {
    this.#refuseWhileUpdating();
    this.#watching?.abort();
    this.#status = null;
    this.#set({ link: null });
  }

  update({ ecuIds, network, way }: VehicleRequest): void {
    this.#refuseWhileUpdating();
    const { image, link } = this.#state;
    if (image?.state !== 'ready' || link === null)
      throw builderError('internal', { detail: 'nothing to update' });
    const address = readVehicleAddress(link.address);
    const controller = new AbortController();
    this.#updating = controller;
    // The update looks at the vehicle itself.
    this.#watching?.abort();
    this.#set({ run: this.#newRun(ecuIds, way) });
    const tls = way === 'own' ? ('self' as const) : ('off' as const);
    const serve = { address: network, port: DEFAULT_PORT, tls, cookie: 'random' as const };
    const order = { address, ecuIds, serve, anyPort: way !== 'upper' };
    const end = (changes: Partial<VehicleRun>): void => {
      this.#updating = null;
      this.#change(changes);
      const { run } = this.#state;
      if (run !== null) this.#watcher.onEnd(run);
      this.#watch();
    };
    this.#ended = this.#backend
      .updateVehicle(order, (event) => this.#take(event), controller.signal)
      .then(
        () => end({ state: 'done' }),
        (error: unknown) => end(ending(toErrorData(error))),
      );
  }

  /** Asks the vehicle to stop; the serving ends in any case. */
  stop(): void {
    if (this.#state.run?.state !== 'running') return;
    this.#change({ state: 'stopping' });
    this.#updating?.abort();
  }

  dismiss(): void {
    this.#refuseWhileUpdating();
    this.#set({ run: null });
  }

  #newRun(ecuIds: readonly string[], way: VehicleWay): VehicleRun {
    const ecus = ecuIds.map((ecuId) => ({
      ecuId,
      from: this.#status?.ecus.find((ecu) => ecu.ecuId === ecuId)?.version ?? '',
      to: this.#offered.find((offered) => offered.ecuId === ecuId)?.version ?? '',
      outcome: null,
    }));
    return {
      ...{ state: 'running', way, ecus, server: null, triggered: false, diagnoses: [] },
      ...{ sentBytes: 0, stopAnswer: null, error: null },
    };
  }

  #watch(): void {
    this.#watching?.abort();
    const { link } = this.#state;
    if (link === null) return;
    const watching = new AbortController();
    this.#watching = watching;
    this.#backend
      .watchVehicle(
        readVehicleAddress(link.address),
        (sight) => {
          if (this.#watching === watching && !watching.signal.aborted) this.#see(sight);
        },
        watching.signal,
      )
      .catch((error: unknown) => {
        if (this.#watching === watching && !watching.signal.aborted)
          this.#changeLink({ error: toErrorData(error) });
      });
  }

  #take(event: VehicleEvent): void {
    const { run } = this.#state;
    if (run === null) return;
    switch (event.kind) {
      case 'status':
      case 'unreachable':
        this.#see(event);
        return;
      case 'plan':
        this.#change({ ecus: event.ecus.map((ecu) => ({ ...ecu, outcome: null })) });
        return;
      case 'server':
        this.#change({ server: { address: event.address, port: event.port } });
        return;
      case 'triggered':
        this.#change({ triggered: true });
        return;
      case 'diagnoses':
        this.#change({ diagnoses: event.found });
        return;
      case 'traffic':
        this.#change({ sentBytes: event.bytes });
        return;
      case 'stopped':
        this.#change({ stopAnswer: event.answer });
        return;
      case 'outcome': {
        const { ecuId, outcome } = event;
        this.#change({
          ecus: run.ecus.map((ecu) => (ecu.ecuId === ecuId ? { ...ecu, outcome } : ecu)),
        });
      }
    }
  }

  #see(sight: Sight): void {
    if (sight.kind === 'unreachable') {
      this.#changeLink({ error: sight.error });
      return;
    }
    const { status } = sight;
    this.#status = status;
    const now = performance.now() / 1000;
    const answering = status.ecus.map(({ ecuId }) => ecuId);
    this.#changeLink({
      ...{ seen: true, error: null },
      ecus: status.ecus.map((ecu) => ({ status: ecu, speed: this.#speeds.of(ecu, now) })),
      silent: status.ecuIds.filter((ecuId) => !answering.includes(ecuId)),
    });
  }

  #judged(): VehicleImage['ecus'] {
    const status = this.#status;
    return this.#offered.map((offered) => ({
      ...{ ecuId: offered.ecuId, version: offered.version },
      refusal: status === null ? null : judgeEcu(offered, status),
    }));
  }

  #refuseWhileUpdating(): void {
    if (this.isRunning) throw builderError('internal', { detail: 'an update runs' });
  }

  #change(changes: Partial<VehicleRun>): void {
    const { run } = this.#state;
    if (run !== null) this.#set({ run: { ...run, ...changes } });
  }

  #changeLink(changes: Partial<VehicleLink>): void {
    const { link } = this.#state;
    if (link !== null) this.#set({ link: { ...link, ...changes } });
  }

  #set(changes: Partial<VehicleState>): void {
    this.#state = { ...this.#state, ...changes };
    const { image } = this.#state;
    if (image?.state === 'ready' && 'link' in changes)
      this.#state = { ...this.#state, image: { ...image, ecus: this.#judged() } };
    this.#watcher.onChange(this.#state);
  }
}

function ending(error: ErrorData): Partial<VehicleRun> {
  return error.code === 'cancelled' ? { state: 'stopped' } : { state: 'failed', error };
}
