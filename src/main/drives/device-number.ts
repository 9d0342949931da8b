import type { Stats } from 'node:fs';

/** `major:minor` as the kernel writes it; null for what is no block device. */
export function blockDeviceNumber(stats: Stats): string | null {
  if (!stats.isBlockDevice()) return null;
  // The encoding of st_rdev, as glibc's gnu_dev_major and gnu_dev_minor have it.
  const rdev = BigInt(stats.rdev);
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}
