import { useEffect, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { Announcer } from './frame/announcer.tsx';
import { EndedBar } from './frame/ended-bar.tsx';
import { Header } from './frame/header.tsx';
import { useKeptFocus } from './frame/keep-focus.ts';
import { NoticeBar } from './frame/notice-bar.tsx';
import { Questions } from './frame/questions.tsx';
import { CheckScreen } from './check/check.tsx';
import { FlowScreen } from './flow/flow.tsx';
import { HistoryScreen } from './history/history.tsx';
import { PreviewScreen } from './preview/preview.tsx';
import { SettingsScreen } from './settings/settings.tsx';
import type { Screen } from './state/model.ts';
import { useSelector, useStore, useWords } from './state/use-store.ts';
import { VehicleScreen } from './vehicle/vehicle.tsx';

const SCREENS: Record<Screen, () => ReactNode> = {
  flow: FlowScreen,
  preview: PreviewScreen,
  vehicle: VehicleScreen,
  check: CheckScreen,
  history: HistoryScreen,
  settings: SettingsScreen,
};

/** The one window: a header, one screen, and whatever is asked. */
export function App(): ReactNode {
  const screen = useSelector((state) => state.screen);
  const started = useSelector(({ app, notice }) => app !== null || notice !== null);
  const failure = useSelector((state) => state.failure);
  const { language, t } = useWords();
  useKeptFocus(useStore());
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t('app.name');
  }, [language, t]);

  // The boundary around the app shows what failed outside of a component as it shows the others.
  if (failure !== null) throw failure.error;
  // Nothing is shown until the language is known: no flash of the wrong one.
  if (!started) return null;
  const Current = SCREENS[screen];
  return (
    <I18nProvider locale={language}>
      <Header />
      <NoticeBar />
      <EndedBar />
      <Announcer />
      <Current />
      <Questions />
    </I18nProvider>
  );
}
