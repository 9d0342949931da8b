import { printable } from './printable.ts';
import { BuilderError, type ErrorData } from '../../shared/errors.ts';
import type { Translator } from '../../shared/messages/index.ts';
import type { BuildResult, CheckReport, OutputRequest } from '../../shared/model/job.ts';
import { endOutcomes, waitingOutcome, type Outcome } from '../../shared/model/outcome.ts';
import type {
  FinishedReport,
  ImageReport,
  ImageWarning,
  OtaImageReport,
} from '../../shared/model/image-report.ts';
import type { Progress } from '../../shared/model/progress.ts';
import { refreshPlanText, refreshText } from '../../shared/refresh-text.ts';
import type { DriveVerdict } from '../../shared/drive-verdict.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { Manner } from './args.ts';
import { describeDrive } from './drive.ts';
import { fitted } from './fitted.ts';
import { LaneTable, lanesOf, type Lane } from './lane-table.ts';
import type { Stream } from './stream.ts';

/** Tells people or programs what a command does: results on stdout, the rest on stderr. */
export class Reporter {
  readonly #manner: Manner;
  readonly translator: Translator;
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  #barShown = false;
  #phase: string | null = null;
  /** What has become of the outputs so far, and how far each is. */
  #outcomes: readonly Outcome[] = [];
  #progress: (Progress | null)[] = [];
  readonly #table: LaneTable;

  constructor(manner: Manner, translator: Translator, stdout: Stream, stderr: Stream) {
    this.#manner = manner;
    this.translator = translator;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#table = new LaneTable(stderr, translator);
  }

  get json(): boolean {
    return this.#manner.json;
  }

  /** What is to be made: an error is reported with what it leaves on drives. */
  expectOutputs(requests: readonly OutputRequest[]): void {
    this.#outcomes = requests.map(waitingOutcome);
    this.#progress = requests.map(() => null);
  }

  /** Something has become of an output. Of a single drive the progress of the job says it. */
  outcomes(outcomes: readonly Outcome[]): void {
    const before = this.#outcomes;
    this.#outcomes = outcomes;
    this.#tellRefreshes(before, outcomes);
    const changed = this.#lanes.filter(({ index }) => {
      const { state, phase } = before[index] ?? {};
      return outcomes[index]?.state !== state || outcomes[index]?.phase !== phase;
    });
    if (changed.length > 0 && this.#drawsTable) this.#drawTable();
    else for (const lane of changed) this.#laneChanged(lane, outcomes[lane.index] as Outcome);
  }

  /** What each drive lacks, when it was looked at and before anything on it is changed. JSON has it in its events. */
  #tellRefreshes(before: readonly Outcome[], outcomes: readonly Outcome[]): void {
    for (const [index, { request, state, refresh }] of outcomes.entries()) {
      const isNew = refresh !== undefined && before[index]?.refresh === undefined;
      if (isNew && request.kind === 'drive' && state === 'running')
        this.notice(`${request.identity.path}: ${refreshPlanText(refresh, this.translator)}`);
    }
  }

  /** How far one output is. */
  laneProgress(index: number, progress: Progress): void {
    this.#progress[index] = progress;
    const lane = this.#lanes.find((each) => each.index === index);
    if (this.#manner.json && lane !== undefined)
      this.#event({ kind: 'progress', drive: lane.path, progress });
  }

  progress(progress: Progress): void {
    if (this.#lanesRun) {
      if (this.#drawsTable) this.#drawTable();
    } else if (this.#manner.json) this.#event({ kind: 'progress', progress });
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

  /** @param full of "inspect", which is asked for nothing else. */
  input(report: ImageReport, full: boolean): void {
    if (report.format === 'offline') this.#finished(report, full);
    else this.#image(report, full);
  }

  #image(report: OtaImageReport, full: boolean): void {
    if (this.#manner.json) {
      this.#event({ kind: 'image', report });
      return;
    }
    // A build's results are its outputs; only `inspect` is asked for the images.
    if (this.#manner.quiet && !full) return;
    const { t } = this.translator;
    const { signature, payloads } = report;
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
      this.#signer(report);
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
    this.#warnings(report, full);
  }

  #finished(report: FinishedReport, full: boolean): void {
    if (this.#manner.json) {
      this.#event({ kind: 'output', report });
      return;
    }
    if (this.#manner.quiet && !full) return;
    const { t, format } = this.translator;
    const { path, files, bytes, manifest, signature } = report;
    this.#result(
      t('cli.output', {
        ...{ file: path, files: t('count.files', { count: files }), bytes },
        made: format.dateTime(manifest.build_timestamp * 1000),
        signature: t(`signature.${signature.state}`),
      }),
    );
    for (const { ecu_id: ecuId, image_version: version } of manifest.image_meta)
      this.#result(
        `  ${version === '' ? t('cli.output.ecu', { ecuId }) : t('cli.output.version', { ecuId, version })}`,
      );
    if (full) this.#signer(report);
    this.#warnings(report, full);
    if (full) this.#result(`  ${t('cli.output.unproved')}`);
  }

  #signer({ signature }: ImageReport): void {
    const { t } = this.translator;
    if (signature.signer !== null)
      this.#result(`  ${t('cli.signer', { signer: signature.signer })}`);
    if (signature.validFrom !== null && signature.validTo !== null)
      this.#result(`  ${t('cli.valid', { from: signature.validFrom, to: signature.validTo })}`);
  }

  #warnings(
    { path, warnings }: { path: string; warnings: readonly ImageWarning[] },
    full: boolean,
  ): void {
    const { t, format } = this.translator;
    for (const { code, ...rest } of warnings) {
      const params = 'params' in rest ? rest.params : {};
      const say = t as (key: string, params: object) => string;
      const text = say(`warning.${code}`, params);
      if (full) this.#result(`  ${text}`);
      else this.notice(`  ${format.file(path)}: ${text}`);
    }
  }

  built(result: BuildResult): void {
    this.#endBar();
    this.#table.leave();
    if (this.#manner.json) {
      this.#event({ kind: 'done', result });
      return;
    }
    if (this.#manner.quiet) {
      this.#drives(result.outcomes.filter(({ state }) => state !== 'done'));
      return;
    }
    const { t, format } = this.translator;
    for (const { request, bytes } of result.outcomes)
      if (request.kind !== 'drive') this.#result(t('cli.saved', { path: request.path, bytes }));
    this.#drives(result.outcomes);
    if (result.outcomes.some(({ request }) => request.kind === 'drive'))
      this.#result(t('cli.do-not-format'));
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
    const outcomes = endOutcomes(this.#outcomes, new BuilderError(data));
    const drive = outcomes.find(({ request }) => request.kind === 'drive');
    if (this.#manner.json)
      this.#event({
        ...{ kind: 'failed', error: data },
        ...(outcomes.length > 0 && { outcomes }),
        ...(target !== null && { target }),
      });
    const { what, next } = this.translator.error(data);
    this.#line(this.#stderr, `${this.translator.t('cli.error')}: ${what}`);
    if (this.#lanes.length > 0) this.#drives(outcomes);
    else if (drive !== undefined) this.#line(this.#stderr, this.#leftOn(drive));
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

  /** The drives of a job with several; of a single one the progress of the job says all. */
  get #lanes(): readonly Lane[] {
    const lanes = lanesOf(this.#outcomes);
    return lanes.length > 1 ? lanes : [];
  }

  get #lanesRun(): boolean {
    return this.#lanes.some(({ index }) => this.#outcomes[index]?.state !== 'waiting');
  }

  get #drawsTable(): boolean {
    return !this.#manner.json && !this.#manner.quiet && this.#stderr.isTTY === true;
  }

  #laneChanged({ path }: Lane, outcome: Outcome): void {
    const { t, error } = this.translator;
    if (this.#manner.json) this.#event({ kind: 'outcome', drive: path, outcome });
    else if (!this.#manner.quiet) {
      const { state, phase } = outcome;
      const now = state === 'running' && phase !== null ? t(`phase.${phase}`) : t(`lane.${state}`);
      const why =
        outcome.error === null || state === 'cancelled' ? [] : [error(outcome.error).what];
      this.#line(this.#stderr, [path, now, ...why].join(': '));
    }
  }

  #drawTable(): void {
    this.#endBar();
    this.#table.draw(this.#outcomes, this.#progress);
  }

  /** A line for each drive: that it is complete, or why not and what that leaves on it. */
  #drives(outcomes: readonly Outcome[]): void {
    const { t } = this.translator;
    for (const outcome of outcomes) {
      const { request, state, ejected, error, refresh } = outcome;
      if (request.kind !== 'drive') continue;
      const { path } = request.identity;
      if (state === 'done') {
        this.#result(ejected ? t('cli.written', { path }) : t('cli.written.on', { path }));
        if (refresh !== undefined)
          this.#result(`  ${path}: ${refreshText(refresh, this.translator)}`);
        continue;
      }
      const { what, next } = this.translator.error(error ?? { code: 'cancelled', params: {} });
      this.#line(this.#stderr, `${path}: ${what} ${this.#leftOn(outcome)} ${next}`);
    }
  }

  #leftOn({ driveModified }: Outcome): string {
    return this.translator.t(driveModified ? 'failed.modified' : 'failed.unmodified');
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
    this.#table.leave();
    stream.write(`${printable(text)}\n`);
  }
}
