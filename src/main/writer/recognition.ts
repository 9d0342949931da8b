import { builderError, type BuilderError } from '../../shared/errors.ts';

/** What must be found on a finished device; see `prepare` in the protocol. */
export interface Signature {
  readonly type: string;
  readonly label: string;
}

/** What the system's own tool finds on a device, in libblkid's words. */
export interface Recognition {
  /** e.g. `ext4`, `crypto_LUKS`, `isw_raid_member`; several where it cannot tell which. */
  readonly types: readonly string[];
  /** `filesystem`, `raid`, `crypto` or `other`; null where there is not exactly one type. */
  readonly usage: string | null;
  readonly label: string | null;
  /** A partition table: `dos`, `gpt`, … */
  readonly table: string | null;
}

/**
 * Reads what `blkid -p -o udev` prints: `KEY=value` a line, with other bytes than letters, digits and
 * `#+-.:=@_` as `\\xNN`. Nothing found is no line. Of a partition it also prints `ID_PART_ENTRY_…`, which
 * say nothing of its contents.
 */
export function parseBlkid(text: string): Recognition {
  const lines = text.split('\n').map((line) => line.split('='));
  const values = new Map(lines.map(([key = '', ...rest]) => [key, rest.join('=')]));
  const get = (key: string): string | null => values.get(key) ?? null;
  // "filesystem:ext4:1.0 filesystem:xfs"
  const several = get('ID_FS_AMBIVALENT')
    ?.split(' ')
    .map((entry) => entry.split(':')[1] ?? entry);
  const type = get('ID_FS_TYPE');
  return {
    types: several ?? (type === null ? [] : [type]),
    usage: get('ID_FS_USAGE'),
    label: get('ID_FS_LABEL_ENC'),
    table: get('ID_PART_TABLE_TYPE'),
  };
}

/**
 * What keeps `wanted` from being found, or null. A partition table does too: the kernel would make
 * partitions of what is one filesystem, and nothing that we write has one.
 * @param wanted null: nothing at all may be found.
 */
export function hiddenBy(
  drive: string,
  { types, usage, label, table }: Recognition,
  wanted: Signature | null,
): BuilderError | null {
  const found = [...types, ...(table === null ? [] : [table])];
  if (wanted === null)
    return found.length === 0
      ? null
      : builderError('drive-hidden', { drive, found: found.join(', ') });
  const isAlone = types.length === 1 && types[0] === wanted.type && table === null;
  if (isAlone && usage === 'filesystem' && label === wanted.label) return null;
  if (isAlone || found.length === 0)
    return builderError('drive-recognition-failed', {
      drive,
      reason: `blkid: ${found.join(', ') || 'nothing'}, label ${label ?? 'none'}`,
    });
  const others = found.filter((name) => name !== wanted.type);
  return builderError('drive-hidden', {
    drive,
    found: (others.length > 0 ? others : found).join(', '),
  });
}
