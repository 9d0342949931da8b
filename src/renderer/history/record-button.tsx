import { FileText } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useStore, useWords } from '../state/use-store.ts';

interface RecordButtonProps {
  readonly job: string;
  /** A stick of it is complete. */
  readonly hasLabels: boolean;
}

/** Opens what the history keeps of a job that has ended: its report and the labels of its sticks. */
export function RecordButton({ job, hasLabels }: RecordButtonProps): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  return (
    <Button className="button" onPress={() => dispatch({ type: 'screen', screen: 'history', job })}>
      <FileText aria-hidden size={16} />
      {t(hasLabels ? 'record.open' : 'record.open.report')}
    </Button>
  );
}
