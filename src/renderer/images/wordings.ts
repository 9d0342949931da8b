import type { Translator } from '../../shared/messages/index.ts';
import type { ImageWarning } from '../../shared/model/image-report.ts';
import type { Undo } from '../state/model.ts';

export function warningText(warning: ImageWarning, t: Translator['t']): string {
  switch (warning.code) {
    case 'signature-unanchored':
    case 'signature-unchecked':
      return t(`warning.${warning.code}`);
    case 'certificate-expires-soon':
      return t('warning.certificate-expires-soon', warning.params);
    case 'entries-unknown':
      return t('warning.entries-unknown', warning.params);
    case 'unlisted-members':
    case 'sizes-not-listed':
      return t(`warning.${warning.code}`, warning.params);
  }
}

/** What happened to the list, that can be taken back. */
export function undoText({ what }: Undo, t: Translator['t']): string {
  if (what === 'removed' || what === 'opened') return t(`images.undo.${what}`);
  const [one, ...more] = what;
  if (one !== undefined && more.length === 0) {
    const { isOlder, ...params } = one;
    return t(isOlder ? 'images.replaced.older' : 'images.replaced', params);
  }
  const ecuIds = what.map(({ ecuId }) => ecuId).join(', ');
  return t('images.replaced.several', { count: what.length, ecuIds });
}

/** The common name in a subject as reports have it, `O=Example, CN=OTA Signing`; all of the subject where it has none. */
export function commonName(subject: string): string {
  return /(?:^|, )CN=(.*?)(?=, [A-Za-z][\w.]*=|$)/u.exec(subject)?.[1] ?? subject;
}
