import { useId, type ReactNode } from 'react';
import { localTime } from '../../shared/local-time.ts';
import { placeOf } from '../sticks/drive-facts.tsx';
import { useWords } from '../state/use-store.ts';
import { useSticksToday, type StickOfDay } from './sticks-today.ts';

/** Sticks that are listed; the history has all of them. */
const SHOWN = 8;

/** While nothing is chosen yet: what was made today. */
export function SticksOfToday(): ReactNode {
  const { t } = useWords();
  const id = useId();
  const sticks = useSticksToday(null) ?? [];
  if (sticks.length === 0) return null;
  return (
    <section className="sticks-of-today">
      <h3 id={id}>{t('today.sticks', { count: sticks.length })}</h3>
      {/* Focusable, so that the arrow keys scroll the step. */}
      <ul tabIndex={0} aria-labelledby={id}>
        {sticks.slice(0, SHOWN).map((stick, at) => (
          // Two equal sticks of one run have all in common.
          <li key={at}>
            <Stick stick={stick} />
          </li>
        ))}
      </ul>
      {sticks.length > SHOWN && (
        <p className="muted">{t('check.more', { count: sticks.length - SHOWN })}</p>
      )}
    </section>
  );
}

function Stick({ stick: { startedAt, images, stick } }: { readonly stick: StickOfDay }): ReactNode {
  const words = useWords();
  const facts = images.map(({ ecuId, version }) => `${ecuId} ${version}`.trim());
  return (
    <>
      <span className="muted">{localTime(startedAt).slice(11, 16)}</span>
      <span>
        {stick.name} <span className="muted">{placeOf(stick, words)[0]}</span>
        <span className="muted today-images">{facts.join(', ')}</span>
      </span>
    </>
  );
}
