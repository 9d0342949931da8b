import type { Translator } from './messages/index.ts';
import type { RefreshResult } from './model/outcome.ts';

/** What a refresh will come to, in words, before anything is changed; without a full stop. */
export function refreshPlanText(result: RefreshResult, { t, format }: Translator): string {
  if (result.kind === 'whole') return t(`refresh.whole.${result.reason}`);
  const { writtenBytes: written, keptBytes: kept } = result;
  // Nothing is new only where nothing is there.
  const part = written + kept === 0 ? 0 : written / (written + kept);
  return t('refresh.new', { percent: format.percent(part), written, kept });
}

/** What a refresh came to, in words; without a full stop, to follow other words. */
export function refreshText(result: RefreshResult, { t }: Translator): string {
  if (result.kind === 'whole') return t(`refresh.whole.${result.reason}`);
  return t('refresh.refreshed', { written: result.writtenBytes, kept: result.keptBytes });
}
