import { fileName } from '../../shared/file-name.ts';
import type { ChosenImage } from '../../shared/ipc.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { KnownEcus } from '../../shared/ipc-sets.ts';
import { ecuKey, isEcuId, normalizeEcuId } from '../../shared/model/ecu-id.ts';
import type { ImageReport, ImageWarning, PayloadReport } from '../../shared/model/image-report.ts';
import type { ImageItem, State } from './model.ts';

const NONE: readonly never[] = [];

export type EcuProblem = 'missing' | 'invalid' | 'duplicate' | 'none' | 'both';

/** null once it was removed. */
export function findImage({ images }: State, id: string): ImageItem | null {
  return images.find((image) => image.id === id) ?? null;
}

/** Payloads that are taken; empty before the image is read. */
export function takenPayloads(
  image: Pick<ImageItem, 'report' | 'payloads'>,
): readonly PayloadReport[] {
  return image.report?.payloads.filter((_payload, at) => image.payloads.includes(at)) ?? [];
}

/** ECU ids of what is taken, where the image names them itself; null where the person has to. */
export function namedEcus(image: Pick<ImageItem, 'report' | 'payloads'>): readonly string[] | null {
  const all = image.report?.payloads ?? [];
  if (all.length === 0 || all.some(({ ecuId }) => ecuId === null)) return null;
  return takenPayloads(image).map(({ ecuId }) => ecuId ?? '');
}

/** What tells for which ECUs an image is. */
type Addressed = Pick<ImageItem, 'id' | 'ecuId' | 'report' | 'payloads'>;

/** ECU ids of an image: its own as they are in it, that of a person as it is meant. Empty text: none yet. */
export function ecusOf(image: Omit<Addressed, 'id'>): readonly string[] {
  return namedEcus(image) ?? [normalizeEcuId(image.ecuId)];
}

export function ecuKeysOf(image: Addressed): readonly string[] {
  return ecusOf(image).map(ecuKey);
}

/** What a person calls an image: its ECUs, or the name of its file while nobody knows them. */
export function nameOfImage(image: Omit<Addressed, 'id'> & Pick<ImageItem, 'path'>): string {
  return [...new Set(ecusOf(image))].join(', ') || fileName(image.path);
}

/** What has to be said of the ids of an image. */
export interface EcuMarks {
  /** The id is from the file name, and neither used nor confirmed so far. */
  readonly isGuess: boolean;
  /** Ids for which this computer has made nothing so far. */
  readonly unused: readonly string[];
}

export function ecuMarks(
  image: Omit<Addressed, 'id'> & Pick<ImageItem, 'isGuess'>,
  ecus: KnownEcus,
): EcuMarks {
  const used = new Set(ecus.used.map(ecuKey));
  const confirmed = new Set(ecus.confirmed.map(ecuKey));
  const ids = image.report === null ? NONE : [...new Set(ecusOf(image))].filter(isEcuId);
  const unused = ids.filter((id) => !used.has(ecuKey(id)));
  const isGuess = namedEcus(image) === null && image.isGuess;
  return { isGuess: isGuess && unused.some((id) => !confirmed.has(ecuKey(id))), unused };
}

/** What has to be said of the ids of all images, by {@link ecuKey}; ids of which there is nothing to say are not in it. */
export function marksByEcu({
  images,
  ecus,
}: Pick<State, 'images' | 'ecus'>): ReadonlyMap<string, 'guess' | 'new'> {
  return new Map(
    images.flatMap((image) => {
      const { isGuess, unused } = ecuMarks(image, ecus);
      return unused.map((id) => [ecuKey(id), isGuess ? 'guess' : 'new'] as const);
    }),
  );
}

/** Whether the file is another image than the one that its set was saved with. */
export function hasChanged({ expected, report }: Pick<ImageItem, 'expected' | 'report'>): boolean {
  return expected !== null && report !== null && report.digest !== expected;
}

/** Warnings that hold for all images that were read, where there are several. */
export function sharedWarnings(
  images: readonly Pick<ImageItem, 'report'>[],
): readonly ImageWarning[] {
  const [first, ...others] = images.flatMap(({ report }) => report ?? []);
  if (first === undefined || others.length === 0) return NONE;
  return first.warnings.filter((warning) => others.every((other) => hasWarning(other, warning)));
}

/** Warnings of one image that do not hold for all. */
export function ownWarnings(
  report: ImageReport,
  shared: readonly ImageWarning[],
): readonly ImageWarning[] {
  return report.warnings.filter((warning) => !hasWarning({ warnings: shared }, warning));
}

function hasWarning({ warnings }: Pick<ImageReport, 'warnings'>, warning: ImageWarning): boolean {
  return warnings.some((other) => JSON.stringify(other) === JSON.stringify(warning));
}

/** What is wrong with the ECU id of an image among the others; null if nothing. */
export function ecuProblem(image: Addressed, images: readonly Addressed[]): EcuProblem | null {
  // What is still being read may name its ECUs itself, or take the place of another image.
  if (image.report === null) return null;
  const own = ecusOf(image);
  if (own.length === 0) return 'none';
  // One ECU's development and production payloads: a vehicle has room for one of them.
  if (new Set(own.map(ecuKey)).size < own.length) return 'both';
  if (own.includes('')) return 'missing';
  if (!own.every(isEcuId)) return 'invalid';
  const keys = new Set(ecuKeysOf(image));
  const taken = images.some(
    (other) =>
      other.id !== image.id &&
      other.report !== null &&
      ecuKeysOf(other).some((key) => keys.has(key)),
  );
  return taken ? 'duplicate' : null;
}

/** Why these images cannot be together; null if they can. The same object for the same images. */
export function besideFinished(images: readonly ImageItem[]): ErrorData | null {
  if (images.length < 2) return null;
  const finished = images.find(({ report }) => report?.format === 'offline');
  return finished === undefined ? null : notAlone(finished);
}

const refusals = new WeakMap<ImageItem, ErrorData>();

function notAlone(image: ImageItem): ErrorData {
  const { path: file } = image;
  const refusal = refusals.get(image) ?? { code: 'finished-not-alone', params: { file } };
  refusals.set(image, refusal);
  return refusal;
}

/** The images as a request, once each was read and each is named; null before. */
export function chosenImages(images: readonly ImageItem[]): readonly ChosenImage[] | null {
  const usable = images.every(
    (image) =>
      image.report !== null && image.status.kind !== 'failed' && ecuProblem(image, images) === null,
  );
  if (images.length === 0 || !usable || besideFinished(images) !== null) return null;
  return images.map((image) => ({
    id: image.id,
    ecuId: namedEcus(image) === null ? normalizeEcuId(image.ecuId) : null,
    version: namedEcus(image) === null || image.versionEdited ? image.version : null,
    payloads: image.payloads.length === image.report?.payloads.length ? null : [...image.payloads],
  }));
}

/** Tells apart what plans are made of; null while there is nothing to plan. */
export function planKey(images: readonly ImageItem[]): string | null {
  const chosen = chosenImages(images);
  return chosen === null ? null : JSON.stringify(chosen);
}
