import { isPositioned, type MemberLocation, type StoredInput } from '../content/member-location.ts';
import { openFileReader } from './file-reader.ts';
import { readDecoded } from './decoded.ts';
import { readFiles } from './folder.ts';
import { readPositioned } from './positioned.ts';
import type { Extent, FilledWindow } from '../content/segments.ts';
import { HoleQueue, withHoles } from './holes.ts';

/** A member of an input that is wanted whole. */
export interface WantedMember {
  readonly fileIndex: number;
  readonly size: number;
  readonly location: MemberLocation;
}

/**
 * Streams members of one input in the order given. Empty members yield nothing.
 * The same calls serve a plain tar, a zip, an image file, a compressed tar and a folder.
 */
export async function* readMembers(
  input: StoredInput,
  wanted: Iterable<WantedMember>,
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  const { path, container } = input;
  if (container === 'folder') {
    yield* readFiles(toFiles(wanted), signal);
    return;
  }
  const holes = new HoleQueue();
  const extents = toExtents(wanted, holes);
  if (isPositioned(container)) {
    const reader = await openFileReader(path);
    try {
      yield* withHoles(readPositioned(reader, extents, signal), holes, signal);
    } finally {
      await reader.close();
    }
  } else yield* withHoles(readDecoded(path, container, extents, signal), holes, signal);
}

function* toExtents(wanted: Iterable<WantedMember>, holes: HoleQueue): Generator<Extent> {
  for (const { fileIndex, size, location } of wanted) {
    if (size === 0 || location.kind === 'file') continue;
    if (location.kind === 'extent') {
      holes.passData(size);
      yield { fileIndex, from: 0, offset: location.offset, length: size };
      continue;
    }
    let end = 0;
    for (const { from, offset, length } of location.runs) {
      holes.add(fileIndex, end, from - end);
      holes.passData(length);
      yield { fileIndex, from, offset, length };
      end = from + length;
    }
    holes.add(fileIndex, end, size - end);
  }
}

function* toFiles(wanted: Iterable<WantedMember>) {
  for (const { fileIndex, size, location } of wanted)
    if (location.kind === 'file') yield { fileIndex, path: location.path, size };
}
