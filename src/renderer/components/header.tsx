import { History, SearchCheck, Settings, Usb } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { Screen } from '../state/model.ts';
import { runningJob } from '../state/selectors.ts';
import { useStore, useWords } from '../state/store.tsx';

const LINKS = [
  { screen: 'check', Icon: SearchCheck },
  { screen: 'history', Icon: History },
  { screen: 'settings', Icon: Settings },
] as const satisfies readonly { screen: Screen; Icon: unknown }[];

/** Name of the product, ways to the other screens, and a running job when it is out of sight. */
export function Header(): ReactNode {
  const { state, dispatch } = useStore();
  const { t } = useWords();
  const open = (screen: Screen): void => dispatch({ type: 'screen', screen });
  const job = runningJob(state);
  const busyScreen = job?.kind === 'check' ? 'check' : 'flow';
  return (
    <header className="header">
      <button type="button" className="brand" onClick={() => open('flow')}>
        <Usb aria-hidden size={20} />
        <span>{t('app.name')}</span>
      </button>
      {job !== null && state.screen !== busyScreen && (
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
            aria-current={state.screen === screen ? 'page' : undefined}
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
