import { builderError } from '../../../shared/errors.ts';
import type { DataRun, Member, MemberLocation } from '../content/member-location.ts';
import { normalizeMemberName } from './member-name.ts';
import type { TarMember } from './tar-parser.ts';
import { ShardedMap } from '../sharded.ts';

/** Members of one archive; a root filesystem has at most a few hundred thousand files. */
export const MAX_MEMBERS = 5_000_000;
/**
 * Of all names, and of what links lead to: {@link MAX_MEMBERS} with names of the length that images
 * use. So many of the longest names would be 20 GB, and V8 ends the process where its heap is full.
 */
const MAX_NAME_CHARACTERS = 512 * 1024 * 1024;

/** Hundreds of thousands of these live at once, so the place is made when it is asked for. */
class ExtentMember implements Member {
  readonly size: number;
  readonly #offset: number;

  constructor(size: number, offset: number) {
    this.size = size;
    this.#offset = offset;
  }

  get location(): MemberLocation {
    return { kind: 'extent', offset: this.#offset };
  }
}

/** Few archives have any of these. */
class SparseMember implements Member {
  readonly size: number;
  readonly location: MemberLocation;

  constructor(size: number, offset: number, runs: readonly DataRun[]) {
    this.size = size;
    this.location = { kind: 'sparse', offset, runs };
  }
}

/**
 * Builds the view of an archive that extracting it would give: last name wins, links resolved. Order is
 * arbitrary in OTA images, so that a link may also stand before what it links to.
 */
export class MemberIndex {
  readonly members = new ShardedMap<string, Member>();
  /** Names of what is neither a file nor a folder: symbolic links, devices. */
  readonly others = new Set<string>();
  readonly #file: string;
  /** Links by the name that they wait for, and the other way round. */
  readonly #waiting = new Map<string, string[]>();
  readonly #waitsFor = new Map<string, string>();
  #count = 0;
  #nameCharacters = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * @returns the normalised name.
   * @throws `archive-limit`, `member-name-unsafe`.
   */
  add({ name, type, size, offset, linkName, runs }: TarMember): string {
    if (++this.#count > MAX_MEMBERS) throw this.#limit('members', MAX_MEMBERS);
    this.#nameCharacters += name.length + linkName.length;
    if (this.#nameCharacters > MAX_NAME_CHARACTERS)
      throw this.#limit('characters of names', MAX_NAME_CHARACTERS);
    // The root of what is extracted, as Python's tarfile writes it.
    if (type === 'directory' && name === '/') return '';
    const normal = normalizeMemberName(this.#file, name);
    // Anything of that name replaces a file; a folder cannot, tar refuses it.
    if (type === 'directory') return normal;
    this.others.delete(normal);
    this.#waitsFor.delete(normal);
    if (type === 'file')
      this.#set(
        normal,
        runs === null ? new ExtentMember(size, offset) : new SparseMember(size, offset, runs),
      );
    else if (type === 'hardlink') this.#link(normal, linkName);
    else {
      this.members.delete(normal);
      this.others.add(normal);
    }
    return normal;
  }

  #limit(what: string, limit: number) {
    return builderError('archive-limit', { file: this.#file, what, limit });
  }

  #link(name: string, linkName: string): void {
    const targetName = normalizeMemberName(this.#file, linkName);
    const target = this.members.get(targetName);
    if (target !== undefined) {
      this.#set(name, target);
      return;
    }
    // A link to what is no file (a symlink, a device) is no file either, and waits for ever.
    this.members.delete(name);
    this.#waitsFor.set(name, targetName);
    const waiting = this.#waiting.get(targetName);
    if (waiting === undefined) this.#waiting.set(targetName, [name]);
    else waiting.push(name);
  }

  #set(name: string, member: Member): void {
    this.members.set(name, member);
    if (this.#waiting.size === 0) return;
    // Links may wait for links; a list, since a chain may be longer than the stack.
    const found = [name];
    for (let target = found.pop(); target !== undefined; target = found.pop()) {
      const links = this.#waiting.get(target) ?? [];
      this.#waiting.delete(target);
      for (const link of links) {
        if (this.#waitsFor.get(link) !== target) continue;
        this.#waitsFor.delete(link);
        this.members.set(link, member);
        found.push(link);
      }
    }
  }
}
