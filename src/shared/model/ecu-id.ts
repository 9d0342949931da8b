import { builderError } from '../errors.ts';

/** Characters of the longest ECU ID. */
export const MAX_ECU_ID = 64;

/** ECU ids become folder-free names in clients and a field of the `--image` option: no colon. */
const ECU_ID = /^[\p{L}\p{N}_][\p{L}\p{N}_.\- ]{0,63}$/u;

/**
 * The one way to write an ECU ID that a person typed: full-width letters, and letters with their marks apart,
 * look like others but are not what the vehicle compares with (NFKC); nobody sees a space at an end.
 */
export function normalizeEcuId(text: string): string {
  return text.normalize('NFKC').trim().replace(/\s+/gu, ' ');
}

/** Equal for ids that a person takes for the same: they differ in case, or in how they are encoded. */
export function ecuKey(ecuId: string): string {
  return normalizeEcuId(ecuId).toUpperCase();
}

/** Whether a text is an ECU ID, and normalized; see {@link MAX_ECU_ID}; letters of any script. */
export function isEcuId(text: string): boolean {
  return ECU_ID.test(text) && text === normalizeEcuId(text);
}

/**
 * Refuses what no image can be for: the rule of every build, wherever its ids come from.
 * @throws `ecu-id-invalid`, `ecu-id-duplicate`.
 */
export function assertEcuIds(ecuIds: Iterable<string>): void {
  const seen = new Set<string>();
  for (const ecuId of ecuIds) {
    if (!isEcuId(ecuId)) throw builderError('ecu-id-invalid', { ecuId });
    if (seen.has(ecuKey(ecuId))) throw builderError('ecu-id-duplicate', { ecuId });
    seen.add(ecuKey(ecuId));
  }
}

const ENDING = /\.(?:tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|zip)$/iu;

/** What file managers and browsers add to the name of a second copy. */
const COPY_MARKS = [
  /\s*[([](?:\d+|(?:\w+ )?copy(?: \d+)?|コピー ?\d*)[)\]]$/iu,
  /(?:[-_\s]+|の)(?:copy|コピー)(?: ?\d+)?$/iu,
  /^copy of /iu,
];

const BREAK = '[-_.+\\s()]';
const STAGE = '(?:[-_.]?(?:rc|alpha|beta)[-_.]?\\d*)?';
const NO_PART_OF_AN_ID = [
  // image, ota-image, image_2
  '(?:(?:offline|ota)[-_.\\s])*(?:image|img)s?(?:[-_.\\s]?\\d{1,2})?',
  // v2, ver_20261103, version-1.2.3-rc1, build7
  `(?:v|ver|version|rev|rel|release|build)[-_.\\s]?\\d+(?:[-_.]\\d+)*${STAGE}`,
  // 2026-11-03, 20261103T1024
  '(?:19|20)\\d\\d[-_.]?[01]\\d[-_.]?[0-3]\\d(?:[-_.t]?\\d{4,6})?',
  // 1.2.3, 261103, rc1; a short number may well be the second camera's
  `\\d+(?:\\.\\d+)+${STAGE}|\\d{6,}|rc\\d+`,
].join('|');
const NOISE = new RegExp(`(?:^|${BREAK}+)(?:${NO_PART_OF_AN_ID})(?=${BREAK}|$)`, 'giu');
const IMAGE_WORD = /(?:image|イメージ)$/iu;

/**
 * A first guess from a file name: `autoware_image_v2.1 (1).tgz` is probably for `autoware`. Empty where nothing
 * of the name is left without versions, dates, marks of copies, and the word image.
 */
export function guessEcuId(fileName: string): string {
  let name = fileName.normalize('NFKC');
  for (let before = ''; before !== name;) {
    before = name;
    for (const mark of [ENDING, ...COPY_MARKS, NOISE, IMAGE_WORD]) name = name.replace(mark, '');
  }
  const id = trimmed(name.replace(/[^\p{L}\p{N}_.-]+/gu, '_'));
  const short = trimmed(Array.from(id).slice(0, MAX_ECU_ID).join(''));
  return isEcuId(short) ? short : '';
}

function trimmed(name: string): string {
  return name.replace(/^[._-]+|[._-]+$/gu, '');
}
