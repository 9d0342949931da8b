import { BLOCK_SIZE } from './geometry.ts';

/**
 * Where libblkid looks for other things than ext4 (util-linux, libblkid/src/superblocks/*.c and
 * partitions/*.c). What it finds there hides our filesystem from blkid, udev and mount: the first RAID or
 * crypto signature wins, and two filesystems are none (`superblocks_safeprobe`). Bytes.
 *
 * From the front: partition tables, LVM, LUKS, swap and most filesystems up to 128 KiB; UFS at 256 KiB; an
 * external log of XFS anywhere in the first 256 KiB; labels 0 and 1 of ZFS up to 512 KiB; VMFS at 1 and
 * 2 MiB; bcachefs at 2 MiB; the second header of LUKS2 at 16 KiB and its doubles up to 4 MiB.
 */
export const PROBED_FRONT = 4 * 1024 * 1024 + BLOCK_SIZE;

/**
 * From the end, in sectors of 512 bytes: Adaptec, JMicron, LSI, Silicon, VIA, and DDF at 1 (`JMicron` is
 * the two letters JM), Intel and NVIDIA at 2, DRBD and NILFS2 at 8, HighPoint at 11, Promise at thirteen
 * places up to 3087 (1.51 MiB), DDF also at 257; MD 1.0 up to 12 KiB, MD 0.90 up to 128 KiB; labels 2 and 3
 * of ZFS up to 768 KiB; bcachefs at 1 MiB; the second GPT up to 17 KiB, more where sectors are larger.
 */
export const PROBED_END = 2 * 1024 * 1024;

/**
 * Cleared at both ends of a device before anything is written: all of the above, and more, since the
 * next version of libblkid may look elsewhere. Bytes.
 */
export const WIPE_BYTES = 5 * 1024 * 1024;
