import type { PlannedInput } from '../plan/build-plan.ts';
import type { MemberPlace } from '../archive/image-input.ts';
import { openFileReader } from './file-reader.ts';
import { readDecoded } from './decoded.ts';
import { readFiles } from './folder.ts';
import { readPositioned } from './positioned.ts';
import type { Extent, FilledWindow } from './content.ts';

/** A member of an input that is wanted whole. */
export interface WantedMember {
  readonly file: number;
  readonly size: number;
  readonly place: MemberPlace;
}

/**
 * Streams members of one input in the order given. Empty members yield nothing.
 * The same calls serve a plain tar, a zip, a compressed tar and a folder.
 */
export async function* readMembers(
  input: Pick<PlannedInput, 'path' | 'container'>,
  wanted: Iterable<WantedMember>,
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  const { path, container } = input;
  if (container === 'folder') {
    yield* readFiles(toFiles(wanted), signal);
  } else if (container === 'tar' || container === 'zip') {
    const reader = await openFileReader(path);
    try {
      yield* readPositioned(reader, toExtents(wanted), signal);
    } finally {
      await reader.close();
    }
  } else {
    yield* readDecoded(path, container, toExtents(wanted), signal);
  }
}

function* toExtents(wanted: Iterable<WantedMember>): Generator<Extent> {
  for (const { file, size, place } of wanted)
    if (size > 0 && place.kind === 'extent')
      yield { file, from: 0, offset: place.offset, length: size };
}

function* toFiles(wanted: Iterable<WantedMember>) {
  for (const { file, size, place } of wanted)
    if (place.kind === 'file') yield { file, path: place.path, size };
}
