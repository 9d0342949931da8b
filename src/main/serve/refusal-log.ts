import type { Refusal, ServeEvent } from './events.ts';
import { MAX_REFUSALS_TOLD } from './limits.ts';

const PERIOD = 1_000;

/** Tells refusals, but no more than some in each second: ten thousand connections must not fill a disk with words. */
export class RefusalLog {
  readonly #onEvent: (event: ServeEvent) => void;
  readonly #timer: NodeJS.Timeout;
  #told = 0;
  #untold = 0;

  constructor(onEvent: (event: ServeEvent) => void) {
    this.#onEvent = onEvent;
    this.#timer = setInterval(() => (this.#told = 0), PERIOD).unref();
  }

  add(client: string, refusal: Refusal, detail: string): void {
    if (this.#told >= MAX_REFUSALS_TOLD) {
      this.#untold++;
      return;
    }
    this.#told++;
    this.#onEvent({ kind: 'refused', client, refusal, detail, untold: this.#untold });
    this.#untold = 0;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
