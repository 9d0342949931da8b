import type { Refusal, ServeEvent } from './events.ts';
import { MAX_REFUSALS_LOGGED } from './limits.ts';

const PERIOD = 1_000;

/** Logs a limited number of refusals each second, so that an attack with many connections cannot fill the disk. */
export class RefusalLog {
  readonly #onEvent: (event: ServeEvent) => void;
  readonly #timer: NodeJS.Timeout;
  #logged = 0;
  #untold = 0;

  constructor(onEvent: (event: ServeEvent) => void) {
    this.#onEvent = onEvent;
    this.#timer = setInterval(() => (this.#logged = 0), PERIOD).unref();
  }

  add(client: string, refusal: Refusal, detail: string): void {
    if (this.#logged >= MAX_REFUSALS_LOGGED) {
      this.#untold++;
      return;
    }
    this.#logged++;
    this.#onEvent({ kind: 'refused', client, refusal, detail, untold: this.#untold });
    this.#untold = 0;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
