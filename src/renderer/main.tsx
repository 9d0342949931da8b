import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { StoreProvider } from './state/store.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/flow.css';
import './styles/screens.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <StoreProvider>
      <App />
    </StoreProvider>
  </StrictMode>,
);
