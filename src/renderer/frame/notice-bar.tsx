import { Check, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { Translator } from '../../shared/messages/index.ts';
import type { Notice } from '../state/model.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

/** What did not work (or was saved) and belongs to no card. */
export function NoticeBar(): ReactNode {
  const { dispatch } = useStore();
  const words = useWords();
  const notice = useSelector((state) => state.notice);
  const good = notice !== null && 'saved' in notice;
  return (
    <div role="status" className="notice-place">
      {notice !== null && (
        <div className={good ? 'notice' : 'notice bad'}>
          {good ? <Check aria-hidden size={18} /> : <TriangleAlert aria-hidden size={18} />}
          <p>{wordingOf(notice, words)}</p>
          <Button
            className="icon-button"
            aria-label={words.t('common.dismiss')}
            onPress={() => dispatch({ type: 'noticed', notice: null })}
          >
            <X aria-hidden size={16} />
          </Button>
        </div>
      )}
    </div>
  );
}

function wordingOf(notice: Notice, { t, error }: Translator): string {
  if ('saved' in notice) return t('common.saved', { path: notice.saved });
  if ('already' in notice) return t('images.already', { name: notice.already });
  if ('tooMany' in notice) return t('images.too-many', { count: notice.tooMany });
  if ('busy' in notice) return t('images.busy');
  const { what, next } = error(notice);
  return `${what} ${next}`;
}
