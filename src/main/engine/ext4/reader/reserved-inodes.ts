import { viewOf } from '../format/field.ts';
import { ROOT_INODE } from '../format/inode.ts';
import { compat, roCompat, superblock as s } from '../format/superblock.ts';
import { isZeros } from '../../zeros.ts';
import { checkJournal } from './journal.ts';
import { RESIZE_INODE, checkResizeInode } from './resize-inode.ts';
import type { Inode, Volume } from './volume.ts';
import { damaged } from './volume-facts.ts';
import type { VolumeFacts } from './volume-facts.ts';

const USER_QUOTA_INODE = 3;
const GROUP_QUOTA_INODE = 4;
const JOURNAL_INODE = 8;

/** Inodes without a name that own blocks: journal, quotas, descriptors for growing, orphans. */
export class ReservedInodes {
  readonly #volume: Volume;

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  /** Those in use, with blocks that they own beside their extents. */
  async all(): Promise<{ readonly inode: Inode | null; readonly extra: readonly number[] }[]> {
    const { facts } = this.#volume;
    const view = viewOf(facts.superblock);
    const has = (feature: number) => (s.s_feature_compat.get(view, 0) & feature) !== 0;
    const journal = has(compat.has_journal) ? s.s_journal_inum.get(view, 0) : 0;
    if (has(compat.has_journal) && journal !== JOURNAL_INODE)
      throw damaged(facts, 'superblock', 'its journal is elsewhere');
    const quotas = [s.s_usr_quota_inum, s.s_grp_quota_inum].map((field) => field.get(view, 0));
    const found: { inode: Inode | null; extra: readonly number[] }[] = [];
    for (let number = 1; number < facts.firstInode; number++) {
      if (number === ROOT_INODE) continue;
      const reserved = await this.#volume.reserved(number);
      if (number === RESIZE_INODE && has(compat.resize_inode)) {
        found.push({ inode: null, extra: [await checkResizeInode(this.#volume, reserved)] });
      } else if (number === journal || (isQuota(number) && quotas.includes(number))) {
        const inode = await this.#volume.inode(number);
        if (number === journal) await checkJournal(this.#volume, inode);
        found.push({ inode, extra: [] });
      } else if (!reserved.isEmpty || (!isZeros(reserved.root) && !isEmptyTree(reserved.root)))
        throw damaged(facts, `inode ${number}`, 'a reserved one is in use');
    }
    for (const number of ReservedInodes.beyond(facts))
      found.push({ inode: await this.#volume.inode(number), extra: [] });
    return found;
  }

  /** Inodes without a name that are none of the reserved numbers. */
  static beyond(facts: VolumeFacts): number[] {
    const view = viewOf(facts.superblock);
    const orphans = s.s_feature_compat.get(view, 0) & compat.orphan_file;
    const quotas = s.s_feature_ro_compat.get(view, 0) & roCompat.project;
    return [
      ...(orphans ? [s.s_orphan_file_inum.get(view, 0)] : []),
      ...(quotas ? [s.s_prj_quota_inum.get(view, 0)] : []),
    ].filter((number) => number >= facts.firstInode);
  }
}

const isQuota = (number: number): boolean =>
  number === USER_QUOTA_INODE || number === GROUP_QUOTA_INODE;

/** mke2fs gives some reserved inodes an extent tree without extents. */
function isEmptyTree(root: Uint8Array): boolean {
  const view = viewOf(root);
  return (
    view.getUint16(0, true) === 0xf30a && isZeros(root.subarray(2, 4)) && isZeros(root.subarray(6))
  );
}
