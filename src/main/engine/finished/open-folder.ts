import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { lstat, opendir, readdir } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { MAX_MEMBERS } from '../archive/member-index.ts';
import type { Member } from '../content/member-location.ts';
import { readWanted } from '../archive/read-contents.ts';
import { LOST_AND_FOUND } from '../ext4/format/directory.ts';
import { toInputError } from '../fs-error.ts';
import { sortInSteps } from '../sort.ts';
import { openFileReader } from '../stream/file-reader.ts';
import { readMembers } from '../stream/read-members.ts';
import { assertRange, toFinishedImage, type FinishedImage } from './finished-image.ts';
import { MAX_MANIFEST_BYTES, readManifest } from './read-manifest.ts';
import { runYielding } from '../event-loop.ts';
import { locationIn, Tree, wantedOf } from './tree.ts';

/** Deepest folder followed; Linux paths cannot be much deeper than this. */
const MAX_DEPTH = 256;

/** Files at the top of an OTA image that was not built yet: legacy, and v1. */
const OTA_IMAGE_FILES = ['metadata.jwt', 'index.jwt'];

/** What may stand at the top of an offline OTA image. */
const OWN_NAMES: ReadonlySet<string> = new Set(['manifest.json', 'data', 'meta', LOST_AND_FOUND]);

/** Which kind of OTA image the names at the top of a folder or archive tell. */
export function isOtaImage(has: (name: string) => boolean): boolean {
  return !has('manifest.json') && OTA_IMAGE_FILES.some(has);
}

/**
 * Opens a folder: a finished one, or a mounted stick. Looks at its top before it walks, since what was
 * chosen by mistake may be a whole disk. Symbolic links are not followed.
 * @throws `verify-not-an-image`, `verify-ota-image`, `input-…`, `archive-limit`.
 */
export async function openFinishedFolder(
  path: string,
  signal: AbortSignal | undefined,
): Promise<FinishedImage> {
  try {
    await assertTop(path);
    const tree = new Tree<Member>();
    await visit(tree, path, '', 0, signal);
    return await toImage(path, tree, signal);
  } catch (error) {
    throw toInputError(path, error);
  }
}

function toImage(
  path: string,
  { files, sizes, folders, others, faults }: Tree<Member>,
  signal: AbortSignal | undefined,
): Promise<FinishedImage> {
  const input = { path, container: 'folder' } as const;
  return toFinishedImage({
    name: path,
    kind: 'folder',
    files: sizes,
    folders,
    others: [...others],
    faults,
    async read(name, offset, length) {
      assertRange({ files: sizes }, name, { offset, length });
      const reader = await openFileReader(join(path, name));
      try {
        return await reader.read(offset, length);
      } finally {
        await reader.close();
      }
    },
    readMany: (names, maxBytes) => readWanted(input, files, names, maxBytes, signal),
    windows: (paths, later) => readMembers(input, wantedOf(files, paths), later),
    locate: (member) => locationIn(files, member),
    close: () => Promise.resolve(),
  });
}

/** An offline OTA image has its folders and, unless that is its fault, its manifest. */
async function assertTop(path: string): Promise<void> {
  const entries = new Map(
    (await readdir(path, { withFileTypes: true })).map((entry) => [entry.name, entry]),
  );
  const hasManifest = entries.get('manifest.json')?.isFile() === true;
  if (isOtaImage((name) => entries.has(name)))
    throw builderError('verify-ota-image', { target: path });
  if (entries.has('meta') && (hasManifest || entries.has('data'))) return;
  // Half of one, with nothing beside it.
  if (entries.has('data') && entries.keys().every((name) => OWN_NAMES.has(name))) return;
  if (hasManifest && (await holdsManifest(join(path, 'manifest.json')))) return;
  throw builderError('verify-not-an-image', { target: path });
}

/** Web pages and programs have files of this name, too. */
async function holdsManifest(path: string): Promise<boolean> {
  const { size } = await lstat(path);
  if (size > MAX_MANIFEST_BYTES) return false;
  const member: Member = { size, location: { kind: 'file', path } };
  const contents = await readWanted(
    { path, container: 'folder' },
    new Map([['manifest.json', member]]),
    ['manifest.json'],
    MAX_MANIFEST_BYTES,
  );
  return (await readManifest(contents.get('manifest.json') ?? new Uint8Array(0))) !== null;
}

async function visit(
  tree: Tree<Member>,
  folder: string,
  prefix: string,
  depth: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (depth > MAX_DEPTH)
    throw builderError('archive-limit', { file: folder, what: 'folder-depth', limit: MAX_DEPTH });
  for (const entry of await list(folder, signal)) {
    signal?.throwIfAborted();
    const own = entry.name.toString();
    const name = prefix + own;
    const place = join(folder, own);
    const isUtf8 = !own.includes('\ufffd') || Buffer.from(own).equals(entry.name);
    if (!isUtf8) tree.fault(name, 'its name is no UTF-8');
    else if (entry.isDirectory()) {
      // A mounted stick has it, for root alone; no client reads what e2fsck saved there.
      if (name === LOST_AND_FOUND) continue;
      tree.addFolder(name);
      await visit(tree, place, `${name}/`, depth + 1, signal);
    } else if (entry.isFile()) {
      const { size } = await lstat(place);
      tree.addFile(name, { size, location: { kind: 'file', path: place } });
      if (tree.files.size > MAX_MEMBERS)
        throw builderError('archive-limit', { file: folder, what: 'members', limit: MAX_MEMBERS });
    } else tree.addOther(name);
  }
}

/** Entries in the order of their names; a folder of 300,000 that comes at once takes half a second. */
async function list(folder: string, signal: AbortSignal | undefined): Promise<Dirent<Buffer>[]> {
  const entries: Dirent<Buffer>[] = [];
  // Node.js gives names as bytes here, too; its types know strings alone.
  const options = { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 };
  for await (const entry of await opendir(folder, options)) {
    signal?.throwIfAborted();
    entries.push(entry as unknown as Dirent<Buffer>);
  }
  await runYielding(
    sortInSteps(entries, (a, b) => Buffer.compare(a.name, b.name)),
    signal,
  );
  return entries;
}
