import { builderError } from '../../shared/errors.ts';

/** A block device as lsblk tells it, with everything that is built on top of it as children. */
export interface BlockNode {
  /** Kernel's name, e.g. `sdb1`, `dm-0`. */
  readonly kname: string;
  readonly path: string;
  readonly deviceNumber: string;
  /** `disk`, `part`, `loop`, `crypt`, `lvm`, `raid1`, `rom`, … */
  readonly type: string;
  readonly readOnly: boolean;
  /** Bytes. */
  readonly size: number;
  readonly transport: string | null;
  readonly model: string | null;
  readonly vendor: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly label: string | null;
  /** As blkid calls it; null where it was not looked at. */
  readonly fstype: string | null;
  readonly children: readonly BlockNode[];
}

/**
 * Columns that every lsblk in use knows; mount points are not among them, because their column has
 * changed its name, and /proc/self/mountinfo tells more.
 */
export const LSBLK_ARGUMENTS = [
  '--json',
  '--bytes',
  // Readers without a card have size 0 and would be left out.
  '--all',
  '--output',
  // Without NAME there is no tree, and nothing would tell what is built on which disk.
  'NAME,KNAME,PATH,MAJ:MIN,TYPE,RO,SIZE,TRAN,MODEL,VENDOR,SERIAL,WWN,LABEL,FSTYPE',
];

/** Throws `drive-list-failed` where the text is not lsblk's. */
export function parseLsblk(json: string): BlockNode[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw builderError('drive-list-failed', { reason: 'lsblk: no JSON' }, error);
  }
  return nodes(isRecord(value) ? value['blockdevices'] : undefined);
}

function nodes(value: unknown): BlockNode[] {
  if (!Array.isArray(value)) throw builderError('drive-list-failed', { reason: 'lsblk: no list' });
  return value.map((entry) => {
    if (!isRecord(entry)) throw builderError('drive-list-failed', { reason: 'lsblk: no device' });
    return node(entry);
  });
}

function node(entry: Record<string, unknown>): BlockNode {
  return {
    kname: required(entry, 'kname'),
    path: required(entry, 'path'),
    deviceNumber: required(entry, 'maj:min'),
    type: required(entry, 'type'),
    readOnly: flag(entry['ro']),
    size: Number(entry['size'] ?? 0),
    transport: text(entry['tran']),
    model: text(entry['model']),
    vendor: text(entry['vendor']),
    serial: text(entry['serial']),
    wwn: text(entry['wwn']),
    label: text(entry['label']),
    fstype: text(entry['fstype']),
    children: entry['children'] === undefined ? [] : nodes(entry['children']),
  };
}

function required(entry: Record<string, unknown>, key: string): string {
  const value = text(entry[key]);
  if (value === null) throw builderError('drive-list-failed', { reason: `lsblk: no ${key}` });
  return value;
}

/** Fields are padded with blanks by the hardware; an empty one tells nothing. */
function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}

/** util-linux before 2.33 wrote flags and numbers as text. */
function flag(value: unknown): boolean {
  return value === true || value === '1' || value === 1;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
