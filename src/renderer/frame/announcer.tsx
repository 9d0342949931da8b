import type { ReactNode } from 'react';
import { announcementOf, wordingOf } from '../state/announcement.ts';
import { useSelector, useWords } from '../state/use-store.ts';

/** Says on every screen what happens: for screen readers, which read a change of this text. */
export function Announcer(): ReactNode {
  const words = useWords();
  const announcement = useSelector(announcementOf);
  return (
    <p role="status" className="sr-only" data-announcer>
      {wordingOf(announcement, words)}
    </p>
  );
}
