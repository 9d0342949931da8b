import { dirname, join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import { fileName } from '../../shared/file-name.ts';
import type { HistoryEntry } from '../../shared/history.ts';
import type { ChosenImage } from '../../shared/ipc.ts';
import type { ImageSet, KnownEcus, SetImage } from '../../shared/ipc-sets.ts';
import { access } from '../files/files.ts';
import type { ChoicesStore } from '../store/choices.ts';
import type { HistoryStore } from '../store/history.ts';
import { readSetFile, writeSetFile, type SetsStore } from '../store/sets.ts';
import type { ImageList } from './images.ts';
import type { Handlers } from './router.ts';

interface SetsContext {
  readonly choices: ChoicesStore;
  /** Dialogs; nothing or null where the person chose no file. */
  readonly desktop: {
    chooseFiles(title: string): Promise<readonly string[]>;
    chooseSave(defaultName: string, ending: string): Promise<string | null>;
  };
  readonly history: Pick<HistoryStore, 'entries'>;
  readonly images: Pick<ImageList, 'report'>;
  readonly sets: SetsStore;
  readonly setTitle: () => string;
}

type SetHandlers = Pick<
  Handlers,
  | 'sets.remember'
  | 'sets.save'
  | 'sets.remove'
  | 'sets.export'
  | 'sets.import'
  | 'ecus.confirm'
  | 'choices.change'
>;

/** Sets of images, and what else is remembered of earlier ones. */
export function setHandlers(context: SetsContext): SetHandlers {
  const { choices, desktop, history, images, sets } = context;
  return {
    'sets.remember': async ({ images: chosen }) => {
      await sets.change({ last: setOf('', chosen, images) });
      return null;
    },
    'sets.save': ({ name, images: chosen }) => sets.save(setOf(name, chosen, images)),
    'sets.remove': ({ name }) => sets.remove(name),
    'sets.export': async ({ name, images: chosen }) => {
      const set = setOf(name, chosen, images);
      const file = await desktop.chooseSave(`${fileNameOf(name)}.json`, 'json');
      if (file !== null) await writeSetFile(file, set);
      return file;
    },
    'sets.import': async () => {
      const [file] = await desktop.chooseFiles(context.setTitle());
      if (file === undefined) return null;
      const set = await readSetFile(file);
      const found = set.images.map((image) => besideIfMoved(image, dirname(file)));
      return { ...set, images: await Promise.all(found) };
    },
    'ecus.confirm': async ({ ecuIds }) => {
      await choices.confirmEcus(ecuIds);
      return ecusOf(history.entries, choices);
    },
    'choices.change': async (changes) => {
      await choices.change(changes);
      return null;
    },
  };
}

/** A set of the images as they are chosen now. */
function setOf(
  name: string,
  chosen: readonly ChosenImage[],
  images: SetsContext['images'],
): ImageSet {
  return { name, images: chosen.map((image) => setImage(image, images)) };
}

function setImage(
  { id, ecuId, version, payloads }: ChosenImage,
  images: SetsContext['images'],
): SetImage {
  const report = images.report(id);
  if (report === null) throw builderError('internal', { detail: `unknown image ${id}` });
  const isTaken = (at: number): boolean => payloads?.includes(at) ?? true;
  const inside = report.payloads[0]?.version ?? '';
  return {
    path: report.path,
    digest: report.digest,
    ecuId,
    version: version === inside ? null : version,
    payloads: report.payloads
      .filter((_payload, at) => isTaken(at))
      .map((payload) => ({
        ecuId: ecuId ?? payload.ecuId ?? '',
        version: version ?? payload.version ?? '',
        releaseKey: payload.releaseKey,
      })),
    leftOut: report.payloads
      .filter((_payload, at) => !isTaken(at))
      .map((payload) => ({ ecuId: payload.ecuId, releaseKey: payload.releaseKey })),
  };
}

/** A set that came with its images from another computer finds them beside itself. */
async function besideIfMoved(image: SetImage, folder: string): Promise<SetImage> {
  if (await isThere(image.path)) return image;
  const beside = join(folder, fileName(image.path));
  return (await isThere(beside)) ? { ...image, path: beside } : image;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** A set may be called as no file can be: Windows takes none of these. */
function fileNameOf(name: string): string {
  return name.replace(/[\p{Cc}"*/:<>?\\|]+/gu, '_').replace(/[. ]+$/u, '') || 'set';
}

/** An id counts as used once something was made for it that can be used. */
export function ecusOf(entries: readonly HistoryEntry[], choices: ChoicesStore): KnownEcus {
  const made = entries.filter(({ outcomes }) =>
    outcomes.some(({ result }) => result === 'verified' || result === 'saved'),
  );
  const used = new Set(made.flatMap(({ images }) => images.map(({ ecuId }) => ecuId)));
  return { used: [...used], confirmed: choices.current.confirmedEcus };
}
