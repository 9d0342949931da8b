/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface MountEntry {
  readonly id: string;
  /** The mount that this one lies on; its own id for the first of all. */
  readonly parent: string;
  /** `major:minor` of the mounted filesystem; 0:n where it has no single device (btrfs, overlay). */
  readonly device: string;
  readonly mountPoint: string;
  readonly fstype: string;
  /** Device path or another word that the filesystem gives. */
  readonly source: string;
  /** Options of the filesystem itself, in order, as `[name, value]`; value '' where it has none. */
  readonly options: readonly (readonly [string, string])[];
}

/** Entries in the order of mounting. Lines that do not have the known form are left out. */
export function parseMountinfo(text: string): MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    // Any number of optional fields comes before the hyphen.
    const hyphen = fields.indexOf('-', 6);
    const [id, parent, device, , mountPoint] = fields;
    const [fstype, source, options = ''] = fields.slice(hyphen + 1);
    if (hyphen === -1 || id === undefined || parent === undefined) continue;
    if (device === undefined || mountPoint === undefined) continue;
    if (fstype === undefined || source === undefined) continue;
    entries.push({
      ...{ id, parent, device, fstype },
      mountPoint: unescape(mountPoint),
      source: unescape(source),
      options: options.split(',').map(parseOption),
    });
  }
  return entries;
}

/** A comma within a value comes as \054, so that splitting before unescaping is right. */
function parseOption(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals === -1) return [unescape(text), ''];
  return [unescape(text.slice(0, equals)), unescape(text.slice(equals + 1))];
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

/** Mount points of /etc/fstab (fstab(5)). */
export function parseFstab(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/[ \t]+/))
    .filter(([first = '#']) => !first.startsWith('#'))
    .flatMap(([, mountPoint]) => (mountPoint === undefined ? [] : [unescape(mountPoint)]))
    .map((path) => (path === '/' ? path : path.replace(/\/+$/, '')));
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
