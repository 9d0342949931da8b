import type { ReactNode } from 'react';

/** A stick as a simple drawing; with a tick when it is done. Says nothing that words do not say. */
export function StickPicture({ state }: { readonly state: 'erase' | 'done' }): ReactNode {
  return (
    <svg className="stick-picture" data-state={state} viewBox="0 0 96 48" aria-hidden>
      <rect className="plug" x="2" y="14" width="24" height="20" rx="2" />
      <path className="plug-holes" d="M10 20h6M10 28h6" />
      <rect className="body" x="24" y="6" width="70" height="36" rx="8" />
      {state === 'done' ? (
        <path className="mark" d="M48 25l8 8 16-17" />
      ) : (
        <path className="mark" d="M59 14v13M59 33.5v.5" />
      )}
    </svg>
  );
}
