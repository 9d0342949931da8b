/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface MountEntry {
  /** `major:minor` of the mounted filesystem; 0:n where it has no single device (btrfs, overlay). */
  readonly device: string;
  readonly mountPoint: string;
  /** Device path or another word that the filesystem gives. */
  readonly source: string;
}

/** Entries in the order of mounting. Lines that do not have the known form are left out. */
export function parseMountinfo(text: string): MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    // Any number of optional fields stands before the hyphen.
    const hyphen = fields.indexOf('-', 6);
    const [device, , mountPoint] = fields.slice(2);
    const source = fields[hyphen + 2];
    if (hyphen === -1 || device === undefined || mountPoint === undefined || source === undefined)
      continue;
    entries.push({ device, mountPoint: unescape(mountPoint), source: unescape(source) });
  }
  return entries;
}

/** Device and file paths of /proc/swaps. */
export function parseSwaps(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/[ \t]/)[0] ?? '')
    .filter((path) => path !== '')
    .map(unescape);
}

/** The kernel writes blank, tab, line feed and backslash as three octal digits, of UTF-8 bytes. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: Buffer[] = [];
  for (const part of text.split(/(\\[0-7]{3})/)) {
    const octal = /^\\([0-7]{3})$/.exec(part)?.[1];
    bytes.push(octal === undefined ? Buffer.from(part) : Buffer.from([parseInt(octal, 8)]));
  }
  return Buffer.concat(bytes).toString('utf8');
}
