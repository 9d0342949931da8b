import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { builderError } from '../../shared/errors.ts';
import {
  failureMeaning,
  type Diagnosis,
  type EcuOutcome,
  type PlannedUpdate,
} from '../../shared/model/vehicle.ts';
import type { JobContext } from '../jobs/index.ts';
import type { OpenServer } from '../serve/open-server.ts';
import { proveImage, type ProvedImage } from '../serve/prove-image.ts';
import { VehicleClient } from '../vehicle/client.ts';
import { updateVehicle, type UpdateEvent } from '../vehicle/update-vehicle.ts';
import { askLine } from './ask-line.ts';
import type { LiveOutput } from './live-output.ts';
import { printable } from './printable.ts';
import type { Reporter } from './reporter.ts';
import { resolvedOptions, tellServer } from './server-output.ts';
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
    const path = resolve(around.cwd, command.image);
    const proved = await proveImage(path, context, (report) => reporter.checked(report));
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
  const { cwd, env, signal } = around;
  const traffic = new TrafficReporter(output);
  const told = new UpdateOutput(output);
  const order = { ...command, serve: resolvedOptions(command.serve, cwd) };
  const outcomes = await updateVehicle(proved.served, client, order, {
    ...{ env, signal, onRequest: traffic.onEvent, facts: () => traffic.traffic.facts },
    onPlan(planned) {
      told.planned = planned;
      tellPlan(planned, output);
    },
    onServer: (server) => tellAddress(server, output),
    confirm: async (planned) => {
      if (!command.confirmed) await confirm(planned, around, output);
    },
    onEvent: (event) => told.take(event),
  });
  refuseFailures(outcomes);
  output.result(output.translator.t('vehicle.done'));
}

function tellPlan(planned: readonly PlannedUpdate[], output: LiveOutput): void {
  const { t } = output.translator;
  output.event({ kind: 'plan', ecus: planned });
  output.result(t('vehicle.will-update'));
  for (const { ecuId, from, to } of planned)
    output.result(`  ${t('vehicle.from-to', { ecuId, from: from || t('vehicle.none'), to })}`);
}

function tellAddress(server: OpenServer, output: LiveOutput): void {
  tellServer(server, output);
  const { address, port, scheme } = server;
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
  planned: readonly PlannedUpdate[] = [];
  readonly #output: LiveOutput;
  readonly #vehicle: VehicleOutput;
  readonly #said = new Set<Diagnosis>();

  constructor(output: LiveOutput) {
    this.#output = output;
    this.#vehicle = new VehicleOutput(output);
  }

  take(event: UpdateEvent): void {
    const { t } = this.#output.translator;
    switch (event.kind) {
      case 'status':
      case 'unreachable':
        this.#vehicle.see(event);
        return;
      case 'diagnoses':
        for (const diagnosis of event.found) this.#diagnose(diagnosis);
        return;
      case 'triggered':
        this.#output.event(event);
        this.#output.notice(t(event.isCertain ? 'vehicle.triggered' : 'vehicle.unanswered'));
        return;
      case 'stopped':
        this.#output.event(event);
        this.#output.notice(t(`vehicle.stopped.${event.answer}`));
        return;
      case 'outcome':
        this.#output.event(event);
        this.#end(event.ecuId, event.outcome);
    }
  }

  /** Once; a person does not read the same advice every second. */
  #diagnose(diagnosis: Diagnosis): void {
    if (this.#said.has(diagnosis)) return;
    this.#said.add(diagnosis);
    this.#output.event({ kind: 'diagnosis', diagnosis });
    this.#output.notice(this.#output.translator.t(`diagnosis.${diagnosis}`));
  }

  #end(ecuId: string, outcome: EcuOutcome): void {
    const { t } = this.#output.translator;
    if (outcome.kind === 'updated') {
      const version = this.planned.find((each) => each.ecuId === ecuId)?.to ?? '';
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
