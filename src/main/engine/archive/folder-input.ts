import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { lstat, opendir } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { toInputError } from '../fs-error.ts';
import { nameText, pathText } from '../name-text.ts';
import { fingerprint } from './fingerprint.ts';
import type { FilePath, Member } from '../content/member-location.ts';
import type { ImageInput } from './image-input.ts';
import { MAX_MEMBERS } from './member-index.ts';
import { readWanted } from './read-contents.ts';
import type { OpenOptions } from './tar-input.ts';
import { ShardedMap } from '../sharded.ts';

/** Deepest folder followed; Linux paths cannot be much deeper than this. */
const MAX_DEPTH = 256;

/**
 * Opens a folder that holds an unpacked image. Symbolic links are not followed: one that points
 * outside would bring files of the host into the image. Names may be any bytes, because only those that
 * lists name matter.
 */
export async function openFolder(path: string, { signal }: OpenOptions = {}): Promise<ImageInput> {
  const members = new ShardedMap<string, Member>();
  const others = new Set<string>();
  const visit = async (folder: FilePath, prefix: string, depth: number): Promise<void> => {
    for await (const entry of entriesOf(path, folder, depth)) {
      signal?.throwIfAborted();
      const name = `${prefix}${nameText(entry.name)}`;
      const place = within(folder, entry.name);
      if (entry.isDirectory()) await visit(place, `${name}/`, depth + 1);
      else if (entry.isFile()) {
        const { size } = await lstat(place).catch(namingThe(place));
        members.set(name, { size, location: { kind: 'file', path: place } });
        if (members.size > MAX_MEMBERS)
          throw builderError('archive-limit', { file: path, what: 'members', limit: MAX_MEMBERS });
      } else others.add(name);
    }
  };
  await visit(path, '', 0);
  const input = { path, container: 'folder' } as const;
  return {
    ...input,
    fingerprint: await fingerprint(path),
    members,
    others,
    readMany: (names, maxBytes, later) => readWanted(input, members, names, maxBytes, later),
  };
}

/**
 * Paths of all folders within one, in any order. Symbolic links are not followed.
 * @throws `archive-limit`, `input-not-found`, `input-unreadable`; with the folder that could not be read.
 */
export async function* foldersWithin(path: string, signal: AbortSignal): AsyncGenerator<FilePath> {
  const found: { folder: FilePath; depth: number }[] = [{ folder: path, depth: 0 }];
  for (let next = found.pop(); next !== undefined; next = found.pop()) {
    const { folder, depth } = next;
    for await (const entry of entriesOf(path, folder, depth)) {
      signal.throwIfAborted();
      if (!entry.isDirectory()) continue;
      const inner = within(folder, entry.name);
      found.push({ folder: inner, depth: depth + 1 });
      yield inner;
    }
  }
}

/** Names come as their bytes: of what is not UTF-8 a text could not be opened. */
async function* entriesOf(
  path: string,
  folder: FilePath,
  depth: number,
): AsyncGenerator<Dirent<Buffer>> {
  if (depth > MAX_DEPTH)
    throw builderError('archive-limit', { file: path, what: 'folder-depth', limit: MAX_DEPTH });
  try {
    const entries: unknown = await opendir(folder, { encoding: 'buffer' as BufferEncoding });
    // The types of Node know this encoding for readdir only, which would hold all names at once.
    yield* entries as AsyncIterable<Dirent<Buffer>>;
  } catch (error) {
    throw toInputError(pathText(folder), error);
  }
}

/** Turns an error of the system into one of the input that names this path. */
function namingThe(path: FilePath): (error: unknown) => never {
  return (error) => {
    throw toInputError(pathText(path), error);
  };
}

/** Text where it can be: an image has hundreds of thousands, and a text is smaller. */
function within(folder: FilePath, name: Buffer): FilePath {
  if (typeof folder === 'string' && isUtf8(name)) return join(folder, name.toString());
  return Buffer.concat([Buffer.from(folder), Buffer.from('/'), name]);
}
