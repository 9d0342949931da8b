import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '../../src/main/cli/run.ts';
import type { ErrorData } from '../../src/shared/errors.ts';
import type { BuildResult, CheckReport } from '../../src/shared/model/job.ts';
import type { FinishedReport, ImageReport } from '../../src/shared/model/image-report.ts';
import type { Outcome } from '../../src/shared/model/outcome.ts';
import type { Progress } from '../../src/shared/model/progress.ts';

export const SAMPLES = join(import.meta.dirname, '../fixtures/samples');

/** The samples as the first builder's expected result was made of them. */
export const SAMPLE_IMAGES = [
  `--image=p1:${join(SAMPLES, 'p1_image.tgz')}:ver_20230808`,
  `--image=p2:${join(SAMPLES, 'p2_image.tar.zst')}:ver_20230809`,
  `--image=p3:${join(SAMPLES, 'p3_nozst_image.tar.xz')}`,
];

export type CliEvent =
  /** `drive`: of a build to several, which one it is about. */
  | { readonly kind: 'progress'; readonly progress: Progress; readonly drive?: string }
  /** Of a build to several drives: one of them has entered another state or phase. */
  | { readonly kind: 'outcome'; readonly drive: string; readonly outcome: Outcome }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'image'; readonly report: ImageReport }
  | { readonly kind: 'output'; readonly report: FinishedReport }
  | { readonly kind: 'done'; readonly result: BuildResult }
  | { readonly kind: 'checked'; readonly report: CheckReport }
  | { readonly kind: 'removing' }
  | {
      readonly kind: 'failed';
      readonly error: ErrorData;
      /** What has become of each output; absent where the job had not come to them. */
      readonly outcomes?: readonly Outcome[];
      /** Of a command for several targets. */
      readonly target?: string;
    };

export interface CliResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `--json`. */
  readonly events: readonly CliEvent[];
  /** How it ended: the last of them, but for `removing`, which may follow where putting away takes long. */
  readonly last: CliEvent | undefined;
  /** Code of the `failed` event, or null. */
  readonly code: ErrorData['code'] | null;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Makes stderr look like a terminal. */
  readonly terminal?: boolean;
  /** Of `--json`, while the command runs. */
  readonly onEvent?: (event: CliEvent) => void;
}

/** Runs the command line within this process. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd = process.cwd(), env = {}, signal = new AbortController().signal } = options;
  const { onEvent } = options;
  const stdout = new Collector(false);
  // The reporter writes one whole event at a time.
  if (onEvent !== undefined) stdout.onText = (text) => onEvent(JSON.parse(text) as CliEvent);
  const stderr = new Collector(options.terminal ?? false);
  const exit = await run(argv, { stdout, stderr, stdin: Readable.from([]), env, cwd, signal });
  const events = argv.includes('--json')
    ? stdout.text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as CliEvent)
    : [];
  const failed = events.find((event) => event.kind === 'failed');
  return {
    exit,
    stdout: stdout.text,
    stderr: stderr.text,
    events,
    last: events.findLast(({ kind }) => kind !== 'removing'),
    code: failed?.error.code ?? null,
  };
}

class Collector extends Writable {
  readonly isTTY: boolean;
  readonly columns = 80;
  text = '';
  onText: (text: string) => void = () => undefined;

  constructor(isTTY: boolean) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string | Buffer, _: BufferEncoding, done: () => void): void {
    const text = chunk.toString();
    this.text += text;
    this.onText(text);
    done();
  }
}

/** Everything below a folder, hidden names too; empty where it does not exist. */
export function listAll(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** Writes bytes into a file of a folder; gives its path. */
export function put(folder: string, name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
