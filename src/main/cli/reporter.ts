import { printable } from './printable.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { Translator } from '../../shared/messages/index.ts';
import type { BuildResult, CheckReport, OutputReport } from '../../shared/model/job.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import type { Progress } from '../../shared/model/progress.ts';
import type { DriveVerdict } from '../../shared/drive-verdict.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { Manner } from './args.ts';
import { describeDrive } from './drive.ts';
import { columnsOf } from './help.ts';
import type { Stream } from './stream.ts';

const BAR_COLUMNS = 24;
/** A shorter bar says nothing that the percentage does not. */
const BAR_COLUMNS_MIN = 6;
const GAP = '  ';

/** Tells people or programs what a command does: results on stdout, the rest on stderr. */
export class Reporter {
  readonly #manner: Manner;
  readonly translator: Translator;
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  #barShown = false;
  #phase: string | null = null;
  /** What becomes of the stick when the job fails now; null where none is written. */
  #stick: 'untouched' | 'touched' | null = null;

  constructor(manner: Manner, translator: Translator, stdout: Stream, stderr: Stream) {
    this.#manner = manner;
    this.translator = translator;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  get json(): boolean {
    return this.#manner.json;
  }

  /** A stick is to be written: an error is reported with what it leaves there. */
  expectStick(): void {
    this.#stick = 'untouched';
  }

  progress(progress: Progress): void {
    // The first phase that changes anything outside.
    if (this.#stick !== null && progress.phase === 'prepare') this.#stick = 'touched';
    if (this.#manner.json) this.#event({ kind: 'progress', progress });
    else if (this.#manner.quiet) return;
    else if (this.#stderr.isTTY === true) this.#bar(progress);
    else this.#phaseLine(progress);
  }

  warning(text: string): void {
    if (this.#manner.json) this.#event({ kind: 'warning', text });
    else this.#line(this.#stderr, `${this.translator.t('cli.warning')}: ${text}`);
  }

  notice(text: string): void {
    if (!this.#manner.json && !this.#manner.quiet) this.#line(this.#stderr, text);
  }

  image(report: ImageReport, full: boolean): void {
    if (this.#manner.json) {
      this.#event({ kind: 'image', report });
      return;
    }
    // A build's results are its outputs; only `inspect` is asked for the images.
    if (this.#manner.quiet && !full) return;
    const { t, format } = this.translator;
    const { signature, payloads, warnings } = report;
    const files = payloads.reduce((sum, payload) => sum + payload.files, 0);
    const bytes = payloads.reduce((sum, payload) => sum + payload.storedBytes, 0);
    this.#result(
      t('cli.image', {
        file: report.path,
        files: t('count.files', { count: files }),
        bytes,
        signature: t(`signature.${signature.state}`),
      }),
    );
    if (full) {
      if (signature.signer !== null)
        this.#result(`  ${t('cli.signer', { signer: signature.signer })}`);
      if (signature.validFrom !== null && signature.validTo !== null)
        this.#result(`  ${t('cli.valid', { from: signature.validFrom, to: signature.validTo })}`);
      for (const payload of payloads) {
        const { ecuId, releaseKey, version } = payload;
        if (ecuId !== null)
          this.#result(
            `  ${t('cli.payload-of', { ecuId, releaseKey: releaseKey ?? '', version: version ?? '' })}`,
          );
        const { directories, symlinks, hardLinkedFiles, blobs, compressedBlobs, unpackedBytes } =
          payload;
        const counts = t('cli.payload', {
          directories,
          symlinks,
          files: payload.files,
          links: hardLinkedFiles,
          blobs,
          compressed: compressedBlobs,
          unpacked: unpackedBytes,
        });
        this.#result(`  ${counts}`);
      }
    }
    for (const { code, ...rest } of warnings) {
      const params = 'params' in rest ? rest.params : {};
      const say = t as (key: string, params: object) => string;
      const text = say(`warning.${code}`, params);
      if (full) this.#result(`  ${text}`);
      else this.notice(`  ${format.file(report.path)}: ${text}`);
    }
  }

  output(report: OutputReport): void {
    if (this.#manner.json) {
      this.#event({ kind: 'output', report });
      return;
    }
    const { t, format } = this.translator;
    const { path, files, bytes, manifest } = report;
    const made = format.dateTime(manifest.build_timestamp * 1000);
    this.#result(
      t('cli.output', { file: path, files: t('count.files', { count: files }), bytes, made }),
    );
    for (const { ecu_id: ecuId, image_version: version } of manifest.image_meta)
      this.#result(
        `  ${version === '' ? t('cli.output.ecu', { ecuId }) : t('cli.output.version', { ecuId, version })}`,
      );
    this.#result(`  ${t('cli.output.unproved')}`);
  }

  built(result: BuildResult): void {
    this.#endBar();
    if (this.#manner.json) {
      this.#event({ kind: 'done', result });
      return;
    }
    if (this.#manner.quiet) return;
    const { t, format } = this.translator;
    for (const { request, bytes, ejected } of result.outputs)
      if (request.kind === 'drive') {
        const { path } = request.identity;
        this.#result(ejected ? t('cli.written', { path }) : t('cli.written.on', { path }));
        this.#result(t('cli.do-not-format'));
      } else {
        this.#result(t('cli.saved', { path: request.path, bytes }));
      }
    this.#result(
      t('cli.summary', {
        files: t('count.files', { count: result.summary.totalFiles }),
        images: t('count.images', { count: result.summary.manifest.image_meta.length }),
        bytes: result.summary.totalBytes,
        shared: result.summary.sharedBytes,
        seconds: format.duration(result.milliseconds / 1000),
      }),
    );
  }

  checked(report: CheckReport): void {
    this.#endBar();
    if (this.#manner.json) {
      this.#event({ kind: 'checked', report });
      return;
    }
    const { t } = this.translator;
    const { target, files, bytes, complete, faults, faultCount } = report;
    for (const { kind, path, detail } of faults)
      this.#line(this.#stderr, `${t(`fault.${kind}`)}: ${path}: ${detail}`);
    if (faultCount > faults.length) this.#line(this.#stderr, '…');
    if (!complete || this.#manner.quiet) return;
    const counted = t('count.files', { count: files });
    this.#result(t('cli.complete', { target, files: counted, bytes }));
  }

  /** @param target of a command for several: which one it is about. */
  error(data: ErrorData, cause: unknown, target: string | null = null): void {
    this.#endBar();
    const stick = this.#stick;
    if (this.#manner.json)
      this.#event({
        ...{ kind: 'failed', error: data },
        ...(stick === null ? {} : { stick }),
        ...(target === null ? {} : { target }),
      });
    const { what, next } = this.translator.error(data);
    this.#line(this.#stderr, `${this.translator.t('cli.error')}: ${what}`);
    if (stick !== null) this.#line(this.#stderr, this.translator.t(`failed.${stick}`));
    this.#line(this.#stderr, next);
    if (this.#manner.verbose)
      for (let each = cause; each instanceof Error; each = each.cause)
        for (const line of `${this.translator.t('cli.cause')}: ${each.stack ?? each.message}`.split(
          '\n',
        ))
          this.#line(this.#stderr, line);
  }

  /** After an error: what is not complete is still being removed. */
  removing(): void {
    if (this.#manner.json) this.#event({ kind: 'removing' });
    else this.notice(this.translator.t('cli.removing'));
  }

  drive(drive: Drive, verdict: DriveVerdict): void {
    if (this.#manner.json) {
      this.#event({ kind: 'drive', drive, verdict });
      return;
    }
    const { identity } = drive;
    this.#result(describeDrive(drive, identity.path, identity.size, this.translator));
    const said = verdict.usable
      ? this.translator.t('cli.drive.usable')
      : this.translator.error(verdict.reason).what;
    this.#result(`  ${said}`);
  }

  text(text: string): void {
    this.#stdout.write(text);
  }

  #phaseLine({ phase }: Progress): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#line(this.#stderr, this.translator.t(`phase.${phase}`));
  }

  #bar(progress: Progress): void {
    const { t, format } = this.translator;
    const { phase, bytesDone, bytesTotal, bytesPerSecond, secondsLeft } = progress;
    const parts = [t(`phase.${phase}`)];
    let bar: ((columns: number) => string) | null = null;
    if (bytesTotal !== null) {
      const fraction = bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal);
      bar = (columns) => {
        const filled = Math.floor(fraction * columns);
        return `[${'#'.repeat(filled)}${'-'.repeat(columns - filled)}]`;
      };
      parts.push(format.percent(fraction));
      if (secondsLeft !== null && secondsLeft > 0)
        parts.push(t('cli.left', { time: format.duration(secondsLeft) }));
      if (bytesPerSecond !== null) parts.push(format.bytesPerSecond(bytesPerSecond));
      parts.push(`${format.bytes(bytesDone)} / ${format.bytes(bytesTotal)}`);
    }
    if (this.#phase !== null && this.#phase !== phase) this.#stderr.write('\n');
    this.#phase = phase;
    this.#stderr.write(`\r\x1b[2K${fitted(parts, bar, this.#stderr.columns ?? 80)}`);
    this.#barShown = true;
  }

  #endBar(): void {
    if (this.#barShown) this.#stderr.write('\n');
    this.#barShown = false;
  }

  #event(event: object): void {
    this.#stdout.write(`${JSON.stringify(event)}\n`);
  }

  #result(text: string): void {
    this.#line(this.#stdout, text);
  }

  #line(stream: Stream, text: string): void {
    this.#endBar();
    stream.write(`${printable(text)}\n`);
  }
}

/**
 * As much as fits into a row: a longer one would wrap, and only its last row be cleared by the next.
 * The least important part is last, and is cut first.
 */
function fitted(
  parts: readonly string[],
  bar: ((columns: number) => string) | null,
  columns: number,
): string {
  const shown = [...parts];
  // The last column stays empty: writing there wraps in some terminals.
  const room = () => columns - 1 - columnsOf(shown.join(GAP));
  while (shown.length > 1 && room() < 0) shown.pop();
  const barColumns = Math.min(BAR_COLUMNS, room() - GAP.length - '[]'.length);
  if (bar !== null && barColumns >= BAR_COLUMNS_MIN) shown.splice(1, 0, bar(barColumns));
  return shown.join(GAP);
}
