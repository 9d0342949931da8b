import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { StoreProvider } from './state/store.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/texts.css';
import './styles/frame.css';
import './styles/controls.css';
import './styles/dialogs.css';
import './styles/flow.css';
import './styles/images.css';
import './styles/sticks.css';
import './styles/jobs.css';
import './styles/screens.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <StoreProvider>
        <App />
      </StoreProvider>
    </ErrorBoundary>
  </StrictMode>,
);
