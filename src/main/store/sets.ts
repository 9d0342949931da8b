import { readFile, stat } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import {
  NO_SETS,
  setFileSchema,
  setsSchema,
  type ImageSet,
  type Sets,
} from '../../shared/ipc-sets.ts';
import { writeAtomically } from './json-file.ts';
import { StoredValues } from './stored-values.ts';

/** Sets of images: the last one, and those that were saved under a name. */
export class SetsStore extends StoredValues<Sets> {
  static async open(path: string): Promise<SetsStore> {
    const store = new SetsStore(path, setsSchema, NO_SETS);
    await store.read();
    return store;
  }

  /** Saves a set; one of the same name goes. The newest comes first. */
  save(set: ImageSet): Promise<Sets> {
    return this.change(({ named }) => ({
      named: setsSchema.shape.named.parse([set, ...named.filter(({ name }) => name !== set.name)]),
    }));
  }

  remove(name: string): Promise<Sets> {
    return this.change(({ named }) => ({ named: named.filter((set) => set.name !== name) }));
  }
}

/** Bytes of a set file: 64 images with 256 payloads each have a tenth of it. */
const MAX_SET_FILE = 32 * 1024 * 1024;

/** Writes a set as a file that another computer reads with {@link readSetFile}. */
export async function writeSetFile(file: string, set: ImageSet): Promise<void> {
  const content = { format: 'offline-ota-image-set', format_version: 1, ...set };
  await writeAtomically(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** @throws `set-unreadable` for what is no set, or cannot be read. */
export async function readSetFile(file: string): Promise<ImageSet> {
  try {
    const stats = await stat(file);
    // Another kind of file may never end.
    if (!stats.isFile() || stats.size > MAX_SET_FILE) throw new Error('no set');
    const parsed = setFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return { name: parsed.name, images: parsed.images };
  } catch (error) {
    throw builderError('set-unreadable', { path: file }, error);
  }
}
