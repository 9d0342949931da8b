import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { useStore, useWords } from '../state/use-store.ts';

/** Saves what an ended job has to say as a text file. */
export function ReportButton({ id }: { readonly id: string }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const save = async (): Promise<void> => {
    const saved = await invoke('job.saveReport', { id });
    if (saved !== null) dispatch({ type: 'noticed', notice: { saved } });
  };
  return (
    <Button className="button quiet" onPress={() => attempt(save)}>
      {t('done.report')}
    </Button>
  );
}
