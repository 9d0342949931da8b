import type { CheckFault } from '../../../shared/model/job.ts';
import type { Member, MemberLocation } from '../content/member-location.ts';
import type { WantedMember } from '../stream/read-members.ts';
import { MAX_FAULTS_KEPT } from './limits.ts';
import { ShardedMap } from '../sharded.ts';

/**
 * The paths of an output as one reader after the other meets them. What comes twice, or is a file here and
 * a folder there, is different things to different readers: the last member of a tar replaces the first one
 * for most, and is refused by others.
 */
export class Tree<File extends { readonly size: number }> {
  readonly files = new ShardedMap<string, File>();
  /** Bytes of each of them. */
  readonly sizes = new ShardedMap<string, number>();
  readonly folders = new Set<string>();
  readonly others = new Set<string>();
  readonly faults: CheckFault[] = [];

  fault(path: string, detail: string): void {
    if (this.faults.length < MAX_FAULTS_KEPT) this.faults.push({ kind: 'structure', path, detail });
  }

  addFile(path: string, file: File): void {
    this.#place(path);
    this.files.set(path, file);
    this.sizes.set(path, file.size);
  }

  /** What is neither a file nor a folder. */
  addOther(path: string): void {
    this.#place(path);
    this.others.add(path);
  }

  /** May come more than once. */
  addFolder(path: string): void {
    if (path === '' || this.folders.has(path)) return;
    this.#parentOf(path);
    if (this.files.has(path) || this.others.has(path)) this.fault(path, 'a folder replaces it');
    this.folders.add(path);
  }

  #place(path: string): void {
    this.#parentOf(path);
    if (path === '') this.fault(path, 'a name is empty');
    if (this.files.has(path) || this.others.has(path)) this.fault(path, 'it is there twice');
    if (this.folders.has(path)) this.fault(path, 'a folder has its name');
  }

  /** Readers make the folders on the way, whether they are members or not. */
  #parentOf(path: string): void {
    const slash = path.lastIndexOf('/');
    if (slash > 0) this.addFolder(path.slice(0, slash));
  }
}

/** Members to be read, `file` being the place of their path; one by one, as reading takes them. */
export function* wantedOf(
  files: ReadonlyMap<string, Member>,
  paths: readonly string[],
): Generator<WantedMember> {
  for (const [fileIndex, path] of paths.entries()) {
    const member = files.get(path);
    if (member !== undefined) yield { fileIndex, size: member.size, location: member.location };
  }
}

/** Where a file stands. @throws RangeError for a path that is not there. */
export function locationIn(
  files: ReadonlyMap<string, Member>,
  path: string,
): Promise<MemberLocation> {
  const member = files.get(path);
  if (member === undefined) throw new RangeError(`no file ${path}`);
  return Promise.resolve(member.location);
}
