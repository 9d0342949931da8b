import { viewOf } from '../format/field.ts';
import { MODE_REGULAR, MODE_TYPE_MASK, ROOT_INODE } from '../format/inode.ts';
import { compat, roCompat, superblock as s } from '../format/superblock.ts';
import { isZeros } from '../../zeros.ts';
import { checkJournal } from './journal.ts';
import type { Inode, Volume } from './volume.ts';
import { damaged } from './volume-facts.ts';
import type { VolumeFacts } from './volume-facts.ts';

const USER_QUOTA_INODE = 3;
const GROUP_QUOTA_INODE = 4;
const RESIZE_INODE = 7;
const JOURNAL_INODE = 8;

/** i_block of the resize inode: only the doubly indirect block, which leads to reserved descriptors. */
const DOUBLY_INDIRECT = 13 * 4;

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
      const { root, mode, links, isEmpty } = await this.#volume.reserved(number);
      if (number === RESIZE_INODE && has(compat.resize_inode)) {
        // e2fsck makes it anew where it is anything else.
        if ((mode & MODE_TYPE_MASK) !== MODE_REGULAR || links === 0)
          throw damaged(facts, `inode ${RESIZE_INODE}`, 'it is not in use');
        found.push({ inode: null, extra: [resizeBlock(facts, root)] });
      } else if (number === journal || (isQuota(number) && quotas.includes(number))) {
        const inode = await this.#volume.inode(number);
        if (number === journal) await checkJournal(this.#volume, inode);
        found.push({ inode, extra: [] });
      } else if (!isEmpty || (!isZeros(root) && !isEmptyTree(root)))
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

function resizeBlock(facts: VolumeFacts, root: Uint8Array): number {
  const block = viewOf(root).getUint32(DOUBLY_INDIRECT, true);
  const others = [root.subarray(0, DOUBLY_INDIRECT), root.subarray(DOUBLY_INDIRECT + 4)];
  if (block === 0 || !others.every(isZeros))
    throw damaged(facts, `inode ${RESIZE_INODE}`, 'other blocks');
  return block;
}

/** mke2fs gives some reserved inodes an extent tree without extents. */
function isEmptyTree(root: Uint8Array): boolean {
  const view = viewOf(root);
  return (
    view.getUint16(0, true) === 0xf30a && isZeros(root.subarray(2, 4)) && isZeros(root.subarray(6))
  );
}
