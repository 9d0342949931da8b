import { useState, type ReactNode } from 'react';
import { invoke } from '../api/bridge.ts';
import { DropZone } from '../components/drop-zone.tsx';
import { Screen } from '../components/screen.tsx';
import { jobFacts, runningJob } from '../state/job-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ChooseSubjects } from './choose-subjects.tsx';
import { CheckResults } from './check-results.tsx';
import { RunningCheck } from './running-check.tsx';
import './check.css';

/** Reads sticks and files, one after the other, and tells of each whether it is complete. */
export function CheckScreen(): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const job = useSelector(({ jobs }) => jobFacts(jobs.check));
  const running = useSelector((state) => runningJob(state)?.kind ?? null);
  const [paths, setPaths] = useState<readonly string[]>([]);
  const ended = running === null ? job : null;
  /** Also while something runs, or after it: what is dropped is for the next check. */
  const add = (more: readonly string[]): void => {
    setPaths([...new Set([...paths, ...more])]);
    if (ended !== null && more.length > 0) attempt(() => invoke('job.dismiss', { id: ended.id }));
  };
  return (
    // Anew where what had the focus went with the choice; a result takes it by itself.
    <Screen key={running === null && ended === null ? 'choose' : 'job'} title={t('check.title')}>
      <DropZone className="check-drop" onPaths={add}>
        {() =>
          running === 'check' && job !== null ? (
            <RunningCheck job={job} />
          ) : running !== null ? (
            <p>{t('check.busy')}</p>
          ) : ended !== null ? (
            <CheckResults job={ended} />
          ) : (
            <ChooseSubjects paths={paths} onAdd={add} onPaths={setPaths} />
          )
        }
      </DropZone>
    </Screen>
  );
}
