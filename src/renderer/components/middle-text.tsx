import type { ReactNode } from 'react';

/** Characters of the end that always stay visible: version and ending of a file name. */
const TAIL = 12;

/** A name that is shortened in its middle where it does not fit; whole in the tooltip and for readers. */
export function MiddleText({ text }: { readonly text: string }): ReactNode {
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const cut = Math.max(0, characters.length - TAIL);
  return (
    <span className="middle-text" title={text}>
      <span className="sr-only">{text}</span>
      <span aria-hidden className="middle-head">
        {characters.slice(0, cut).join('')}
      </span>
      <span aria-hidden className="middle-tail">
        {characters.slice(cut).join('')}
      </span>
    </span>
  );
}
