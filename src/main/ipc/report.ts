import type { JobSnapshot } from '../../shared/ipc.ts';
import type { CheckOutcome } from '../../shared/model/check.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { refreshText } from '../../shared/refresh-text.ts';
import { overallResult, type Outcome } from '../../shared/model/outcome.ts';

/** A finished job as plain text that can be mailed or printed. */
export function jobReport(job: JobSnapshot, translator: Translator): string {
  const { t, error, format } = translator;
  const lines: string[] = [t('app.name'), format.dateTime(job.startedAt), job.subject, ''];
  if (job.build !== null) {
    const { summary, images, milliseconds } = job.build;
    lines.push(t(`report.${headlineOf(job.outcomes)}`), '');
    for (const { ecu_id, image_version } of summary.manifest.image_meta) {
      lines.push(`${ecu_id}  ${image_version}`);
    }
    lines.push('');
    // Several payloads of one artifact are several entries.
    for (const image of new Map(images.map((image) => [image.path, image])).values()) {
      lines.push(image.path, `  ${t(`signature.${image.signature.state}`)}`);
      if (image.signature.signer !== null) lines.push(`  ${image.signature.signer}`);
    }
    lines.push('');
    lines.push(...job.outcomes.map((outcome) => outcomeLine(outcome, translator)));
    lines.push(
      t('count.files', { count: summary.totalFiles }),
      format.duration(milliseconds / 1000),
    );
  }
  for (const [i, check] of job.checks.entries())
    lines.push(job.names[i] ?? '', ...checkLines(check, translator), '');
  if (job.error !== null) {
    const { what, next } = error(job.error);
    lines.push(what, next, JSON.stringify(job.error));
    // Of a single output the error of the job says all.
    if (job.outcomes.length > 1)
      lines.push('', ...job.outcomes.map((outcome) => outcomeLine(outcome, translator)));
  }
  return `${lines.join('\n')}\n`;
}

function checkLines(
  { report, error: fault }: CheckOutcome,
  { t, error, faultDetail }: Translator,
): string[] {
  if (report === null) return fault === null ? [] : [error(fault).what, error(fault).next];
  return [
    report.complete ? t('check.complete') : t('check.incomplete'),
    ...(report.manifest?.image_meta ?? []).map((image) =>
      `${image.ecu_id}  ${image.image_version}`.trim(),
    ),
    t('count.faults', { count: report.faultCount }),
    ...report.faults.map(({ kind, path, detail }) =>
      [t(`fault.${kind}`), path, faultDetail(detail)].filter((part) => part !== '').join('  '),
    ),
  ];
}

function headlineOf(outcomes: readonly Outcome[]): 'verified' | 'saved' | 'partial' {
  const result = overallResult(outcomes);
  return result === 'verified' || result === 'saved' ? result : 'partial';
}

function outcomeLine(
  { request, state, bytes, error: fault, refresh }: Outcome,
  translator: Translator,
): string {
  const { t, error, format } = translator;
  const name =
    request.kind === 'drive'
      ? `${request.identity.model ?? ''} ${request.identity.serial ?? ''}`.trim()
      : request.path;
  const end = state === 'done' || fault === null ? format.bytes(bytes) : error(fault).what;
  const how = refresh === undefined ? '' : `, ${refreshText(refresh, translator)}`;
  return `${t(`output.${request.kind}`)}: ${name}, ${end}${how}`;
}
