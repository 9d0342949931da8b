import type { Translator } from './messages/index.ts';
import type { RefreshResult } from './model/outcome.ts';

/** What a refresh came to, in words; without a full stop, to follow other words. */
export function refreshText(result: RefreshResult, { t }: Translator): string {
  if (result.kind === 'whole') return t(`refresh.whole.${result.reason}`);
  return t('refresh.refreshed', { written: result.writtenBytes, kept: result.keptBytes });
}
