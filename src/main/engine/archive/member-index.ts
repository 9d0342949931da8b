import { builderError } from '../../../shared/errors.ts';
import type { Member, MemberPlace } from './image-input.ts';
import { normalizeMemberName } from './member-name.ts';
import type { TarMember } from './tar-parser.ts';

/** Members of one archive; a root filesystem has at most a few hundred thousand files. */
export const MEMBERS_MAX = 5_000_000;

/** Hundreds of thousands of these live at once, so the place is made when it is asked for. */
class ExtentMember implements Member {
  readonly size: number;
  readonly #offset: number;

  constructor(size: number, offset: number) {
    this.size = size;
    this.#offset = offset;
  }

  get place(): MemberPlace {
    return { kind: 'extent', offset: this.#offset };
  }
}

/** Builds the view of an archive that extracting it would give: last name wins, links resolved. */
export class MemberIndex {
  readonly members = new Map<string, Member>();
  readonly #file: string;
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** @returns the normalised name. */
  add({ name, type, size, offset, linkName }: TarMember): string {
    if (++this.#count > MEMBERS_MAX)
      throw builderError('archive-limit', {
        file: this.#file,
        what: 'members',
        limit: MEMBERS_MAX,
      });
    const normal = normalizeMemberName(this.#file, name);
    if (type === 'file') this.members.set(normal, new ExtentMember(size, offset));
    else if (type === 'hardlink') this.#link(normal, linkName);
    // Anything else of that name replaces a file; a folder cannot, tar refuses it.
    else if (type === 'other') this.members.delete(normal);
    return normal;
  }

  #link(name: string, linkName: string): void {
    const target = this.members.get(normalizeMemberName(this.#file, linkName));
    // A link to what is no file (a symlink, a device) is no file either.
    if (target === undefined) this.members.delete(name);
    else this.members.set(name, target);
  }
}
