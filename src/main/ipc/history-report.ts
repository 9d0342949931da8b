import type { HistoryEntry } from '../../shared/history.ts';
import { localTime, utcOffset } from '../../shared/local-time.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { refreshText } from '../../shared/refresh-text.ts';

/** An entry of the history as plain text that can be mailed or kept; in the order of the report on the screen. */
export function historyReport(entry: HistoryEntry, translator: Translator): string {
  const { t, error, format } = translator;
  const fact = (name: string, value: string | null): string[] =>
    value === null || value === '' ? [] : [`${name}: ${value}`];
  const lines = [
    t('app.name'),
    t(`history.kind.${entry.kind}`),
    '',
    ...fact(t('record.result'), t(`history.result.${entry.result}`)),
    ...fact(t('record.time'), `${localTime(entry.startedAt)} (UTC${utcOffset(entry.startedAt)})`),
    ...fact(t('record.duration'), format.duration(entry.milliseconds / 1000)),
    ...fact(t('record.operator'), entry.operator),
    ...fact(t('record.host'), entry.host),
    '',
  ];
  for (const { ecuId, version, digest, signer } of entry.images)
    lines.push(
      `${ecuId}  ${version}`.trim(),
      ...fact(`  ${t('record.signer')}`, signer),
      ...fact(`  ${t('record.digest')}`, digest),
    );
  lines.push('');
  for (const outcome of entry.outcomes) {
    const place = [
      outcome.name,
      outcome.serial === null ? null : t('record.serial', { serial: outcome.serial }),
      outcome.port === null ? null : t('stick.port', { port: outcome.port }),
    ].filter((part) => part !== null);
    lines.push(`${t(`output.${outcome.kind}`)}: ${place.join(', ')}`);
    lines.push(`  ${t(`history.result.${outcome.result}`)}`);
    if (outcome.refresh !== undefined) lines.push(`  ${refreshText(outcome.refresh, translator)}`);
    if (outcome.faults > 0) lines.push(`  ${t('count.faults', { count: outcome.faults })}`);
    if (outcome.error !== null) {
      const { what, next } = error(outcome.error);
      lines.push(`  ${what}`, `  ${next}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
