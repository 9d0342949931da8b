import type { EcuStatus, VehicleStatus } from '../../shared/model/vehicle.ts';
import { failureMeaning, phaseFraction } from '../../shared/model/vehicle.ts';
import { Speeds } from '../vehicle/speed.ts';
import type { Sight } from '../vehicle/watch.ts';
import type { LiveOutput } from './live-output.ts';

/** Tells what is seen of a vehicle: events with every change, lines when they change. */
export class VehicleOutput {
  readonly #output: LiveOutput;
  readonly #speeds = new Speeds();
  readonly #told = new Map<string, string>();
  #event = '';
  #away = false;

  constructor(output: LiveOutput) {
    this.#output = output;
  }

  see(sight: Sight): void {
    const event = JSON.stringify(sight);
    if (event !== this.#event) this.#output.event(sight);
    this.#event = event;
    const { translator } = this.#output;
    if (sight.kind === 'unreachable') {
      const { params } = sight.error;
      const reason = 'reason' in params ? params.reason : sight.error.code;
      if (!this.#away) this.#output.notice(translator.t('vehicle.away', { reason }));
      this.#away = true;
      return;
    }
    if (this.#away) this.#output.notice(translator.t('vehicle.back'));
    this.#away = false;
    this.#tell(sight.status);
  }

  #tell({ ecuIds, ecus }: VehicleStatus): void {
    const { t } = this.#output.translator;
    const lines = new Map(ecus.map((ecu) => [ecu.ecuId, this.#linesOf(ecu)]));
    for (const ecuId of ecuIds)
      if (!lines.has(ecuId)) lines.set(ecuId, t('vehicle.silent', { ecuId }));
    if (lines.size === 0) lines.set('', t('vehicle.no-ecu'));
    for (const [ecuId, text] of lines) {
      if (this.#told.get(ecuId) === text) continue;
      this.#told.set(ecuId, text);
      for (const line of text.split('\n')) this.#output.result(line);
    }
  }

  #linesOf(ecu: EcuStatus): string {
    const { t, format } = this.#output.translator;
    const { ecuId, version, clientVersion, state, failureReason, progress } = ecu;
    const none = t('vehicle.none');
    const parts = [t(`ecu-state.${state}`)];
    const { bytesPerSecond, secondsLeft } = this.#speeds.of(ecu, performance.now() / 1000);
    if ((state === 'updating' || state === 'client-updating') && progress !== null) {
      parts.push(t(`update-phase.${progress.phase}`));
      const fraction = phaseFraction(progress);
      if (fraction !== null) parts.push(format.percent(fraction));
      if (bytesPerSecond !== null) parts.push(format.bytesPerSecond(bytesPerSecond));
      if (secondsLeft !== null) parts.push(t('cli.left', { time: format.duration(secondsLeft) }));
    }
    const said = { version: version || none, client: clientVersion || none };
    const line = t('vehicle.ecu', { ecuId, ...said, state: parts.join(', ') });
    const failed = state === 'failure' || state === 'rollback-failure';
    if (!failed || failureReason === '') return line;
    const [reason = ''] = failureReason.split('\n');
    return `${line}\n  ${reason}\n  ${t(`failure.${failureMeaning(failureReason)}`)}`;
  }
}
