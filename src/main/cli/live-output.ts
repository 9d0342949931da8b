import type { Translator } from '../../shared/messages/index.ts';
import type { Manner } from './args.ts';
import { printable } from './printable.ts';
import type { Stream } from './stream.ts';

/** What commands that run until they are ended say: an event a line, or texts for people. */
export class LiveOutput {
  readonly manner: Manner;
  readonly translator: Translator;
  readonly #stdout: Stream;
  readonly #stderr: Stream;

  constructor(manner: Manner, translator: Translator, stdout: Stream, stderr: Stream) {
    this.manner = manner;
    this.translator = translator;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** With --json, and nothing else. */
  event(event: object): void {
    if (this.manner.json) this.#stdout.write(`${JSON.stringify(event)}\n`);
  }

  /** A result: on standard output, unless events are there. */
  result(text = ''): void {
    if (!this.manner.json) this.#stdout.write(`${printable(text)}\n`);
  }

  /** What happens: on standard error, unless --quiet or --json is given. */
  notice(text: string): void {
    if (!this.manner.json && !this.manner.quiet) this.#stderr.write(`${printable(text)}\n`);
  }

  warning(text: string): void {
    if (this.manner.json) this.event({ kind: 'warning', text });
    else this.#stderr.write(`${printable(`${this.translator.t('cli.warning')}: ${text}`)}\n`);
  }
}
