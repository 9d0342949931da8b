/** Characters of the longest ECU ID. */
export const MAX_ECU_ID = 64;

/** ECU ids become folder-free names in clients and a field of the `--image` option: no colon. */
const ECU_ID = /^[\p{L}\p{N}_][\p{L}\p{N}_.\- ]{0,63}$/u;

/** Whether a text can be an ECU ID: see {@link MAX_ECU_ID}; letters of any script. */
export function isEcuId(text: string): boolean {
  return ECU_ID.test(text);
}

const ARCHIVE_ENDING = /\.(tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|zip)$/iu;
const IMAGE_ENDING = /[-_.]?(offline|ota)?[-_.]?image$/iu;

/** A first guess from a file name: `autoware_image.tgz` is probably for `autoware`. */
export function guessEcuId(fileName: string): string {
  let name = fileName;
  while (ARCHIVE_ENDING.test(name)) name = name.replace(ARCHIVE_ENDING, '');
  const stem = name.replace(IMAGE_ENDING, '');
  const id = (stem === '' ? name : stem)
    .replace(/[^\p{L}\p{N}_.-]+/gu, '_')
    .replace(/^[._-]+|[._-]+$/gu, '')
    .slice(0, MAX_ECU_ID);
  return isEcuId(id) ? id : '';
}
