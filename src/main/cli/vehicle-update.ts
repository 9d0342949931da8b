import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { builderError } from '../../shared/errors.ts';
import type { JobContext } from '../jobs/index.ts';
import { VehicleClient } from '../vehicle/client.ts';
import { diagnose, type Diagnosis } from '../vehicle/diagnosis.ts';
import type { EcuOutcome } from '../vehicle/ecu-tracker.ts';
import { failureMeaning } from '../vehicle/failure.ts';
import { localAddressTowards } from '../vehicle/local-address.ts';
import { preflight, selectOffered, type PlannedUpdate } from '../vehicle/preflight.ts';
import { runUpdate } from '../vehicle/run-update.ts';
import type { Sight } from '../vehicle/watch.ts';
import { askLine } from './ask-line.ts';
import type { LiveOutput } from './live-output.ts';
import { openServer, proveImage, type OpenServer, type ProvedImage } from './open-server.ts';
import { printable } from './printable.ts';
import type { Reporter } from './reporter.ts';
import type { Stream } from './stream.ts';
import { TrafficReporter } from './traffic-reporter.ts';
import type { UpdateCommand } from './vehicle-arguments.ts';
import { VehicleOutput } from './vehicle-output.ts';

interface Around {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  readonly stderr: Stream;
  readonly signal: AbortSignal;
}

/** Updates ECUs of a vehicle from a finished image that this computer serves, and stays until they are done. */
export async function runVehicleUpdate(
  command: UpdateCommand,
  around: Around,
  context: JobContext,
  { reporter, output }: { readonly reporter: Reporter; readonly output: LiveOutput },
): Promise<void> {
  const client = new VehicleClient(command.address);
  try {
    // Whether there is a vehicle at all is known at once; verifying takes minutes.
    await client.status(around.signal);
    const proved = await proveImage(resolve(around.cwd, command.image), context, reporter);
    try {
      await update(command, around, { client, proved, output });
    } finally {
      await proved.close();
    }
  } finally {
    client.close();
  }
}

async function update(
  command: UpdateCommand,
  around: Around,
  { client, proved, output }: { client: VehicleClient; proved: ProvedImage; output: LiveOutput },
): Promise<void> {
  const { signal } = around;
  const offered = selectOffered(proved.served.catalogue.images, command.ecuIds);
  const before = await client.status(signal);
  const planned = preflight(offered, before);
  tellPlan(planned, output);
  const address = command.serve.address ?? (await localAddressTowards(command.address, signal));
  const traffic = new TrafficReporter(output);
  const options = { ...command.serve, address };
  const server = await openServer(proved, options, around, output, traffic.onEvent);
  try {
    tellServer(server, output);
    if (!command.confirmed) await confirm(planned, around, output);
    const requests = server.updates.filter(({ ecuId }) =>
      offered.some((each) => each.ecuId === ecuId),
    );
    const told = new UpdateOutput(output, traffic);
    const outcomes = await runUpdate({
      ...{ client, requests, before: before.ecus, signal },
      onAccepted: (isCertain) => told.accepted(isCertain),
      onSight: (sight) => told.see(sight),
      onOutcome: (ecuId, outcome) => {
        told.end(ecuId, outcome, requests.find((each) => each.ecuId === ecuId)?.version ?? '');
      },
      onStopped: (answer) => {
        output.event({ kind: 'stopped', answer });
        output.notice(output.translator.t(`vehicle.stopped.${answer}`));
      },
    });
    refuseFailures(outcomes);
    output.result(output.translator.t('vehicle.done'));
  } finally {
    await server.close();
    traffic.stop();
  }
}

function tellPlan(planned: readonly PlannedUpdate[], output: LiveOutput): void {
  const { t } = output.translator;
  output.event({ kind: 'plan', ecus: planned });
  output.result(t('vehicle.will-update'));
  for (const { ecuId, from, to } of planned)
    output.result(`  ${t('vehicle.from-to', { ecuId, from: from || t('vehicle.none'), to })}`);
}

function tellServer({ address, port, scheme, updates }: OpenServer, output: LiveOutput): void {
  output.event({ kind: 'serving', address, port, scheme, updates });
  const at = { address: `${address}:${port}`, scheme };
  output.result(output.translator.t('vehicle.proxy', at));
}

/** @throws `vehicle-not-confirmed` */
async function confirm(
  planned: readonly PlannedUpdate[],
  { stdin, stderr, signal }: Around,
  { translator }: LiveOutput,
): Promise<void> {
  const ecuIds = planned.map(({ ecuId }) => ecuId).join(' ');
  const prompt = printable(translator.t('vehicle.confirm', { ecuIds }));
  const answer = await askLine(prompt, stdin, stderr, signal);
  const typed = answer?.split(/[\s,]+/).filter((word) => word !== '');
  if (typed?.sort().join(' ') !== ecuIds.split(' ').sort().join(' '))
    throw builderError('vehicle-not-confirmed', {});
}

/** Tells how an update goes on: ECUs, what is probably in the way, and how it ended for each. */
class UpdateOutput {
  readonly #output: LiveOutput;
  readonly #vehicle: VehicleOutput;
  readonly #traffic: TrafficReporter;
  readonly #said = new Set<Diagnosis>();
  #began = performance.now();
  #requests = 0;
  #lastRequest = performance.now();

  constructor(output: LiveOutput, traffic: TrafficReporter) {
    this.#output = output;
    this.#vehicle = new VehicleOutput(output);
    this.#traffic = traffic;
  }

  accepted(isCertain: boolean): void {
    this.#began = performance.now();
    this.#lastRequest = this.#began;
    this.#output.event({ kind: 'triggered', isCertain });
    const { t } = this.#output.translator;
    this.#output.notice(t(isCertain ? 'vehicle.triggered' : 'vehicle.unanswered'));
  }

  see(sight: Sight): void {
    this.#vehicle.see(sight);
    const { facts } = this.#traffic.traffic;
    const now = performance.now();
    if (facts.requests !== this.#requests) this.#lastRequest = now;
    this.#requests = facts.requests;
    const ecus = sight.kind === 'status' ? sight.status.ecus : [];
    const found = diagnose({
      ...{ facts, ecus: ecus.length, since: (now - this.#began) / 1000 },
      quiet: (now - this.#lastRequest) / 1000,
      downloading: ecus.some(
        ({ progress, state }) => state === 'updating' && progress?.phase === 'downloading',
      ),
    });
    for (const diagnosis of found) {
      if (this.#said.has(diagnosis)) continue;
      this.#said.add(diagnosis);
      this.#output.event({ kind: 'diagnosis', diagnosis });
      this.#output.notice(this.#output.translator.t(`diagnosis.${diagnosis}`));
    }
  }

  end(ecuId: string, outcome: EcuOutcome, version: string): void {
    const { t } = this.#output.translator;
    this.#output.event({ kind: 'outcome', ecuId, outcome });
    if (outcome.kind === 'updated') {
      this.#output.result(t('vehicle.updated', { ecuId, version }));
      return;
    }
    const { reason, detail } = outcome;
    this.#output.result(t('vehicle.failed', { ecuId, reason: t(`outcome.${reason}`) }));
    if (reason !== 'failure') return;
    this.#output.result(`  ${detail.split('\n')[0] ?? ''}`);
    this.#output.result(`  ${t(`failure.${failureMeaning(detail)}`)}`);
  }
}

/** @throws `vehicle-update-failed` */
function refuseFailures(outcomes: ReadonlyMap<string, EcuOutcome>): void {
  const failed = [...outcomes].filter(([, { kind }]) => kind === 'failed');
  if (failed.length === 0) return;
  const ecuIds = failed.map(([ecuId]) => ecuId).join(', ');
  throw builderError('vehicle-update-failed', { ecuIds });
}
