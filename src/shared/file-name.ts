/** POSIX, drive letters, and shares and devices of Windows. */
const ABSOLUTE = /^(?:[\\/]|[A-Za-z]:[\\/])/u;

/**
 * Last part of an absolute path, whichever system wrote it. What is no such path is a name already, and may
 * have slashes of its own: a card reader is called “SD/MMC”.
 */
export function fileName(path: string): string {
  if (!ABSOLUTE.test(path)) return path;
  return path.split(/[\\/]/u).findLast((part) => part !== '') ?? path;
}
