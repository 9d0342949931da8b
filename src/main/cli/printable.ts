/**
 * A text as one line of a terminal. Names in images and labels of sticks are anybody's: as control
 * characters they could move the cursor and write over what is asked before a disk is erased, as
 * direction marks show other names than they are.
 */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
