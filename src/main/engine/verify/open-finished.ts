import { builderError } from '../../../shared/errors.ts';
import type { ImageInput } from '../archive/image-input.ts';
import { openInput } from '../archive/open-input.ts';
import { readMembers } from '../stream/source.ts';
import type { FinishedOutput } from './finished.ts';

/**
 * Opens a finished tar file or folder for checking.
 * @param path absolute.
 * @throws `verify-not-an-image` for what no builder writes, or what reading it finds.
 */
export async function openFinished(path: string, signal?: AbortSignal): Promise<FinishedOutput> {
  const input = await openInput(path, { signal });
  if (input.container !== 'tar' && input.container !== 'folder')
    throw builderError('verify-not-an-image', { target: path });
  return fromInput(input, input.container);
}

function fromInput(input: ImageInput, kind: 'tar' | 'folder'): FinishedOutput {
  return {
    name: input.path,
    kind,
    files: new Map(Array.from(input.members, ([name, { size }]) => [name, size])),
    readMany: (names, maxBytes) => input.readMany(names, maxBytes),
    stream: (paths, signal) =>
      readMembers(
        input,
        paths.flatMap((path, file) => {
          const member = input.members.get(path);
          return member === undefined ? [] : [{ file, ...member }];
        }),
        signal,
      ),
    close: () => Promise.resolve(),
  };
}
