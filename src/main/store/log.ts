import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../../shared/ipc.ts';
import { wallClock } from '../../shared/wall-clock.ts';

/** Bytes after which a new log file is begun; one older one is kept. */
const MAX_LOG = 2_000_000;

const LEVELS = ['error', 'info', 'debug'] as const;
type Level = Settings['logLevel'];

/** The program's log in one file, for finding out what happened. */
export class Log {
  readonly #file: string;
  #level: Level;
  #last: Promise<void> = Promise.resolve();

  constructor(file: string, level: Level) {
    this.#file = file;
    this.#level = level;
  }

  set level(level: Level) {
    this.#level = level;
  }

  /** Appends one line; a log that cannot be written never disturbs the work. */
  write(level: Level, event: string, detail?: unknown): void {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(this.#level)) return;
    const line = `${wallClock().toISOString()} ${level} ${event}${describe(detail)}\n`;
    this.#last = this.#last.then(() => this.#append(line)).catch(() => undefined);
  }

  /** Everything that is kept, oldest first. */
  async text(): Promise<string> {
    await this.#last;
    const parts = await Promise.all(
      [`${this.#file}.1`, this.#file].map((file) => readFile(file, 'utf8').catch(() => '')),
    );
    return parts.join('');
  }

  async #append(line: string): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    const size = await stat(this.#file).then(
      (stats) => stats.size,
      () => 0,
    );
    if (size + line.length > MAX_LOG) await rename(this.#file, `${this.#file}.1`);
    await appendFile(this.#file, line, { mode: 0o600 });
  }
}

function describe(detail: unknown): string {
  if (detail === undefined) return '';
  if (detail instanceof Error) {
    const cause = detail.cause === undefined ? '' : ` cause:${describe(detail.cause)}`;
    return ` ${JSON.stringify(detail.stack ?? detail.message)}${cause}`;
  }
  return ` ${JSON.stringify(detail)}`;
}
