import { MAX_IMAGES, type ImageEvent } from '../../shared/ipc.ts';
import type { ImageSet } from '../../shared/ipc-sets.ts';
import { fileName } from '../../shared/file-name.ts';
import { ecuKey, guessEcuId } from '../../shared/model/ecu-id.ts';
import type { ImageReport, PayloadReport } from '../../shared/model/image-report.ts';
import { ecuKeysOf, findImage, nameOfImage } from './image-selectors.ts';
import { isRunning } from './job-selectors.ts';
import type { Action, AddedImage, ImageItem, Replacement, State } from './model.ts';

/** Transitions of the list of images; pure, as the reducer is. */

/** Adds what is not in the list yet; says so where an image cannot be added. */
export function withImages(state: State, added: readonly AddedImage[]): State {
  if (added.length === 0) return state;
  if (isRunning(state.jobs.build)) return { ...state, notice: { busy: true } };
  const images = [...state.images];
  const batch = nextBatch(state);
  let notice: State['notice'] = null;
  for (const image of added) {
    if (images.some(({ path }) => path === image.path)) {
      notice ??= { already: fileName(image.path) };
    } else if (images.length >= MAX_IMAGES) {
      notice = { tooMany: MAX_IMAGES };
    } else {
      images.push(newItem(image, batch));
    }
  }
  return closeConfirm({ ...state, screen: 'flow', images, notice, undo: null });
}

/** The images of a set take the place of those in the list. `ids` has one for each. */
export function withSet(state: State, set: ImageSet, ids: readonly string[]): State {
  if (isRunning(state.jobs.build)) return { ...state, notice: { busy: true } };
  const batch = nextBatch(state);
  const images = set.images.map(({ path, digest, ecuId, version, leftOut }, at): ImageItem => {
    const item = newItem({ id: ids[at] ?? '', path }, batch);
    return {
      ...item,
      ecuId: ecuId ?? item.ecuId,
      isGuess: ecuId === null,
      version: version ?? '',
      versionEdited: version !== null,
      leftOut: leftOut.map(payloadKey),
      expected: digest,
    };
  });
  const { images: before } = state;
  const undo = before.length === 0 ? null : { images: before, batch, what: 'opened' as const };
  return closeConfirm({ ...state, screen: 'flow', images, undo, notice: null });
}

function nextBatch({ images, undo }: State): number {
  return Math.max(0, ...[...images, ...(undo?.images ?? [])].map(({ batch }) => batch)) + 1;
}

function newItem({ id, path }: AddedImage, batch: number): ImageItem {
  return {
    ...{ id, path, batch, isNew: true },
    ecuId: guessEcuId(fileName(path)),
    isGuess: true,
    version: '',
    versionEdited: false,
    status: { kind: 'reading', done: 0, total: 0 },
    report: null,
    payloads: [],
    leftOut: [],
    expected: null,
  };
}

/** The same payload in the same image, also after it was read again. */
function payloadKey({ ecuId, releaseKey }: Pick<PayloadReport, 'ecuId' | 'releaseKey'>): string {
  return JSON.stringify([ecuId, releaseKey]);
}

/** What was asked was about other images than there are now. */
export function closeConfirm(state: State): State {
  return state.question === 'confirm' ? { ...state, question: null } : state;
}

/** Changes an image, also one that could come back. */
function changeImage(state: State, id: string, change: (image: ImageItem) => ImageItem): State {
  const changed = (images: readonly ImageItem[]): readonly ImageItem[] =>
    images.some((image) => image.id === id)
      ? images.map((image) => (image.id === id ? change(image) : image))
      : images;
  const undo = state.undo === null ? null : { ...state.undo, images: changed(state.undo.images) };
  return { ...state, images: changed(state.images), undo };
}

/** A person typed an ECU id or a version. */
export function withEdit(
  state: State,
  { id, ecuId, version }: Extract<Action, { type: 'image-edited' }>,
): State {
  return changeImage(state, id, (image) => ({
    ...image,
    ecuId: ecuId ?? image.ecuId,
    isGuess: image.isGuess && ecuId === undefined,
    version: version ?? image.version,
    versionEdited: image.versionEdited || version !== undefined,
  }));
}

/** An image is read anew; what was found before no longer counts. */
export function withReread(state: State, id: string): State {
  const status = { kind: 'reading', done: 0, total: 0 } as const;
  return closeConfirm(changeImage(state, id, (image) => ({ ...image, report: null, status })));
}

/** @param payloads positions in the report of those that are taken. */
export function withPayloads(state: State, id: string, payloads: readonly number[]): State {
  return changeImage(state, id, (image) => ({
    ...image,
    payloads: payloads.toSorted((a, b) => a - b),
    leftOut: image.report?.payloads.filter((_, at) => !payloads.includes(at)).map(payloadKey) ?? [],
  }));
}

/** What main says of an image. */
export function withImageEvent(state: State, id: string, event: ImageEvent): State {
  const isNew = findImage(state, id)?.isNew === true;
  const next = changeImage(state, id, (image) => withEvent(image, event));
  return event.kind === 'inspected' && isNew ? withoutOlder(next, id) : next;
}

function withEvent(image: ImageItem, event: ImageEvent): ImageItem {
  switch (event.kind) {
    case 'progress': {
      const kind = event.step === 'inspect' ? 'reading' : 'checking';
      return { ...image, status: { kind, done: event.done, total: event.total } };
    }
    case 'inspected':
      return withReport(image, event.report);
    case 'checked':
      return { ...image, status: { kind: 'ready' } };
    case 'failed':
      return { ...image, isNew: false, status: { kind: 'failed', error: event.error } };
  }
}

function withReport(image: ImageItem, report: ImageReport): ImageItem {
  return {
    ...image,
    isNew: false,
    report,
    payloads: report.payloads.flatMap((payload, index) =>
      image.leftOut.includes(payloadKey(payload)) ? [] : [index],
    ),
    version: image.versionEdited ? image.version : (report.payloads[0]?.version ?? ''),
    status: { kind: 'checking', done: 0, total: 0 },
  };
}

/**
 * An image that has just been read takes the place of those that were in the list before it was added and are for
 * its ECUs; one of a later addition, which was read sooner, takes its place instead. Images that were added
 * together are never each other's older ones: of these a person decides.
 */
function withoutOlder(state: State, id: string): State {
  const image = findImage(state, id);
  if (image === null) return state;
  const newer = state.images.find(
    (other) => other.batch > image.batch && other.report !== null && covers(other, image),
  );
  if (newer !== undefined) return replaced(state, image, newer);
  return state.images
    .filter((other) => other.batch < image.batch && !other.isNew && covers(image, other))
    .reduce((next, older) => replaced(next, older, findImage(next, id) ?? image), state);
}

/** Whether all that `older` is for would be had from `newer`. */
function covers(newer: ImageItem, older: ImageItem): boolean {
  const keys = ecuKeysOf(older);
  const had = new Set(ecuKeysOf(newer));
  return keys.length > 0 && keys.every((key) => key !== '' && had.has(key));
}

function replaced(state: State, older: ImageItem, newer: ImageItem): State {
  const heir: ImageItem = {
    ...newer,
    // As it was written, or confirmed, before.
    ecuId: ecuKey(newer.ecuId) === ecuKey(older.ecuId) ? older.ecuId : newer.ecuId,
    isGuess: newer.isGuess && older.isGuess,
  };
  const place = state.images.findIndex(({ id }) => id === older.id);
  const images = state.images.filter(({ id }) => id !== older.id && id !== newer.id);
  const said: Replacement = {
    ecuId: nameOfImage(heir),
    ...replacedNames(older, newer),
    isOlder: isOlder(newer.version, older.version),
  };
  const { undo } = state;
  const goesOn = undo?.batch === newer.batch && typeof undo.what === 'object';
  return closeConfirm({
    ...state,
    images: images.toSpliced(Math.min(place, images.length), 0, heir),
    undo: {
      batch: newer.batch,
      // The list as it was before the addition, whichever of it replaced something first.
      images: goesOn ? undo.images : state.images.filter(({ batch }) => batch !== newer.batch),
      what: goesOn ? [...undo.what, said] : [said],
    },
  });
}

/** What tells the two apart: their versions, or else the names of their files. */
function replacedNames(older: ImageItem, newer: ImageItem): Pick<Replacement, 'before' | 'after'> {
  const isTold = older.version !== '' && newer.version !== '' && older.version !== newer.version;
  return isTold
    ? { before: older.version, after: newer.version }
    : { before: fileName(older.path), after: fileName(newer.path) };
}

/** Versions are compared as people count: v10 is newer than v9. */
function isOlder(version: string, than: string): boolean {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return version !== '' && than !== '' && compare(version, than) < 0;
}

export function withoutImage(state: State, id: string): State {
  const image = findImage(state, id);
  if (image === null) return state;
  return {
    ...state,
    images: state.images.filter((other) => other.id !== id),
    undo: { batch: image.batch, images: state.images, what: 'removed' },
  };
}

/** Brings back the list as it was before the last removal, replacement or opening of a set. */
export function withUndone(state: State): State {
  const { undo } = state;
  return undo === null ? state : closeConfirm({ ...state, images: undo.images, undo: null });
}

/** Puts an image at a place; others make room. */
export function withMoved(state: State, id: string, to: number): State {
  const image = findImage(state, id);
  if (image === null || to < 0 || to >= state.images.length) return state;
  const others = state.images.filter((other) => other.id !== id);
  return { ...state, images: others.toSpliced(to, 0, image) };
}
