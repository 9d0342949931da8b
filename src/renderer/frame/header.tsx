import { Car, History, SearchCheck, Settings, Usb } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { isUpdating } from '../../shared/model/vehicle-state.ts';
import type { Screen, State } from '../state/model.ts';
import { runningJob } from '../state/job-selectors.ts';
import { screenOf } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './frame.css';

const LINKS = [
  { screen: 'vehicle', Icon: Car },
  { screen: 'check', Icon: SearchCheck },
  { screen: 'history', Icon: History },
  { screen: 'settings', Icon: Settings },
] as const satisfies readonly { screen: Screen; Icon: unknown }[];

/** The screen on which the running job or update is shown; null where none runs. */
function screenOfJob(state: State): Screen | null {
  const job = runningJob(state);
  if (job === null) return isUpdating(state.vehicle) ? 'vehicle' : null;
  return screenOf(job.kind);
}

/** Name of the product, ways to the other screens, and a running job when it is out of sight. */
export function Header(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const current = useSelector((state) => state.screen);
  const busyScreen = useSelector(screenOfJob);
  const open = (screen: Screen): void => dispatch({ type: 'screen', screen });
  return (
    <header className="header">
      <button type="button" className="brand" onClick={() => open('flow')}>
        <Usb aria-hidden size={20} />
        <span>{t('app.name')}</span>
      </button>
      {busyScreen !== null && current !== busyScreen && (
        <Button className="button quiet" onPress={() => open(busyScreen)}>
          {t('nav.job')}
        </Button>
      )}
      <nav aria-label={t('nav.label')}>
        {LINKS.map(({ screen, Icon }) => (
          <button
            key={screen}
            type="button"
            className="nav-link"
            aria-current={current === screen ? 'page' : undefined}
            onClick={() => open(screen)}
          >
            <Icon aria-hidden size={18} />
            <span>{t(`nav.${screen}`)}</span>
          </button>
        ))}
      </nav>
    </header>
  );
}
