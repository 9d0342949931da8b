import { Check, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useStore, useWords } from '../state/store.tsx';

/** What did not work (or was saved) and belongs to no card. */
export function NoticeBar(): ReactNode {
  const { state, dispatch } = useStore();
  const { t, error } = useWords();
  const { notice } = state;
  const failure = notice !== null && 'code' in notice ? error(notice) : null;
  return (
    <div role="status" className="notice-place">
      {notice !== null && (
        <div className={failure === null ? 'notice' : 'notice bad'}>
          {failure === null ? (
            <Check aria-hidden size={18} />
          ) : (
            <TriangleAlert aria-hidden size={18} />
          )}
          <p>
            {failure === null
              ? 'saved' in notice && t('common.saved', { path: notice.saved })
              : `${failure.what} ${failure.next}`}
          </p>
          <Button
            className="icon-button"
            aria-label={t('common.dismiss')}
            onPress={() => dispatch({ type: 'noticed', notice: null })}
          >
            <X aria-hidden size={16} />
          </Button>
        </div>
      )}
    </div>
  );
}
