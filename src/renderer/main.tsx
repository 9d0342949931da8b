import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './components/card.css';
import './components/texts.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ErrorBoundary } from './frame/error-boundary.tsx';
import { connect } from './state/effects.ts';
import { createStore } from './state/store.ts';
import { StoreContext } from './state/use-store.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const store = createStore();
connect(store);
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <StoreContext value={store}>
        <App />
      </StoreContext>
    </ErrorBoundary>
  </StrictMode>,
);
