import type { Refusal, ServeEvent } from './events.ts';
import { MAX_REFUSALS_LOGGED } from './limits.ts';

const PERIOD = 1_000;

/** Tells refusals, but no more than some in each second: ten thousand connections must not fill a disk with words. */
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
