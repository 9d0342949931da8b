import type { ServeEvent } from '../serve/events.ts';
import { Traffic } from '../serve/traffic.ts';
import type { LiveOutput } from './live-output.ts';

/** How often the traffic of each client is printed, while there is any. Milliseconds. */
const PERIOD = 2_000;

/** Tells what the server does: refusals at once, traffic now and then, each request with --verbose or --json. */
export class TrafficReporter {
  readonly traffic = new Traffic();
  readonly #output: LiveOutput;
  readonly #printed = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(output: LiveOutput) {
    this.#output = output;
  }

  /** @param inLines whether the traffic of each client is printed, too. */
  start(inLines: boolean): void {
    if (inLines) this.#timer = setInterval(() => this.#tellTraffic(), PERIOD);
  }

  readonly onEvent = (event: ServeEvent): void => {
    this.traffic.add(event);
    this.#output.event(event);
    const { t } = this.#output.translator;
    const reason = event.refusal === null ? null : t(`refusal.${event.refusal}`);
    const { client } = event;
    if (event.kind === 'refused') {
      if (event.untold > 0) this.#output.notice(t('serve.untold', { count: event.untold }));
      this.#output.notice(
        t('serve.refused', { client, reason: reason ?? '', detail: event.detail }),
      );
      return;
    }
    if (reason === null && !this.#output.manner.verbose) return;
    const { scheme, method, target, status, bytes, milliseconds } = event;
    const line = t('serve.request', {
      client,
      scheme,
      method,
      target,
      status,
      bytes,
      milliseconds,
    });
    this.#output.notice(reason === null ? line : `${line} (${reason})`);
  };

  stop(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#tellTraffic();
  }

  #tellTraffic(): void {
    const { t, format } = this.#output.translator;
    const { clients } = this.traffic;
    const changed = clients.filter(({ client, bytes }) => this.#printed.get(client) !== bytes);
    if (changed.length === 0) return;
    this.#output.event({ kind: 'traffic', clients });
    for (const { client, files, bytes } of changed) {
      const more = bytes - (this.#printed.get(client) ?? 0);
      this.#printed.set(client, bytes);
      const speed = format.bytesPerSecond((more * 1000) / PERIOD);
      const counted = t('count.files', { count: files });
      this.#output.notice(t('serve.traffic', { client, files: counted, bytes, speed }));
    }
  }
}
