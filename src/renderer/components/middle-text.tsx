import type { ReactNode } from 'react';

/** Characters of the end that stay visible where no word of the name tells a better place. */
const TAIL = 12;
/** More than this of the end would leave too little room for the beginning. */
const LONGEST_TAIL = 24;

interface MiddleTextProps {
  readonly text: string;
}

/** A name that is shortened in its middle where it does not fit; whole in the tooltip and for readers. */
export function MiddleText({ text }: MiddleTextProps): ReactNode {
  const [head, tail] = cutInTwo(text);
  return (
    <span className="middle-text" title={text}>
      <span className="sr-only">{text}</span>
      <span aria-hidden className="middle-head">
        {head}
      </span>
      <span aria-hidden className="middle-tail">
        {tail}
      </span>
    </span>
  );
}

/**
 * Beginning and end of a name. The end begins between two words: at `_image`, where the name has it, or else at
 * the first break within its last characters.
 */
export function cutInTwo(text: string): [string, string] {
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const from = Math.max(0, characters.length - TAIL);
  const at = (start: number): [string, string] => [
    characters.slice(0, start).join(''),
    characters.slice(start).join(''),
  ];
  const image = /[-_.](?:ota[-_.])?image[^/\\]*$/iu.exec(text);
  if (image !== null && text.length - image.index <= LONGEST_TAIL)
    return [text.slice(0, image.index), text.slice(image.index)];
  const next = characters.findIndex(
    (character, index) => index >= from && index > 0 && /[-_. ]/u.test(character),
  );
  // An ending alone (.tgz) is too little to know a file by.
  return next !== -1 && characters.length - next > TAIL / 2 ? at(next) : at(from);
}
