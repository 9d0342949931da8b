import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { endedWell, outcomeOf } from '../../shared/job-sentence.ts';
import { screenOf } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

/** How a job ended while another screen was shown, with the way to its result. */
export function EndedBar(): ReactNode {
  const { dispatch } = useStore();
  const words = useWords();
  const job = useSelector(({ jobs, endedElsewhere }) =>
    endedElsewhere === null ? null : jobs[endedElsewhere],
  );
  if (job === null) return null;
  const isGood = endedWell(job);
  return (
    <section className={isGood ? 'notice' : 'notice bad'} aria-label={words.t('record.result')}>
      {isGood ? <CircleCheck aria-hidden size={18} /> : <TriangleAlert aria-hidden size={18} />}
      <p>{outcomeOf(job, words)}</p>
      <Button
        className="button"
        onPress={() => dispatch({ type: 'screen', screen: screenOf(job.kind) })}
      >
        {words.t('done.last.show')}
      </Button>
    </section>
  );
}
