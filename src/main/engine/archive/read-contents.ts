import { builderError } from '../../../shared/errors.ts';
import { locationOffset, type Member, type StoredInput } from '../content/member-location.ts';
import { readMembers } from '../stream/read-members.ts';

/** Contents of small members, read in their order in the input. */
export async function readWanted(
  input: StoredInput,
  members: ReadonlyMap<string, Member>,
  names: readonly string[],
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const wanted = names.map((name, fileIndex) => {
    const member = members.get(name);
    if (member === undefined) throw new RangeError(`no member ${name}`);
    if (member.size > maxBytes)
      throw builderError('archive-limit', { file: input.path, what: name, limit: maxBytes });
    return { fileIndex, name, size: member.size, location: member.location };
  });
  wanted.sort((a, b) => (locationOffset(a.location) ?? 0) - (locationOffset(b.location) ?? 0));
  const contents = wanted.map(({ size }) => new Uint8Array(size));
  const indexed = wanted.map((member, fileIndex) => ({ ...member, fileIndex }));
  for await (const window of readMembers(input, indexed, signal)) {
    for (const { fileIndex, from, start, length } of window.segments)
      contents[fileIndex]?.set(new Uint8Array(window.memory, start, length), from);
    window.release();
  }
  return new Map(wanted.map(({ name }, i) => [name, contents[i] ?? new Uint8Array(0)]));
}
