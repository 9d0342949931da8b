import { useEffect, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { Header } from './components/header.tsx';
import { NoticeBar } from './components/notice-bar.tsx';
import { Questions } from './screens/questions.tsx';
import { CheckScreen } from './screens/check.tsx';
import { FlowScreen } from './screens/flow.tsx';
import { HistoryScreen } from './screens/history.tsx';
import { PreviewScreen } from './screens/preview.tsx';
import { SettingsScreen } from './screens/settings.tsx';
import type { Screen } from './state/model.ts';
import { useStore, useWords } from './state/store.tsx';

const SCREENS: Record<Screen, () => ReactNode> = {
  flow: FlowScreen,
  preview: PreviewScreen,
  check: CheckScreen,
  history: HistoryScreen,
  settings: SettingsScreen,
};

/** The one window: a header, one screen, and whatever is asked. */
export function App(): ReactNode {
  const { state } = useStore();
  const { language, t } = useWords();
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t('app.name');
  }, [language, t]);

  // Nothing is shown until the language is known: no flash of the wrong one.
  if (state.app === null && state.notice === null) return null;
  const Current = SCREENS[state.screen];
  return (
    <I18nProvider locale={language}>
      <Header />
      <NoticeBar />
      <Current />
      <Questions />
    </I18nProvider>
  );
}
