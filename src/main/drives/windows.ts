import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { builderError } from '../../shared/errors.ts';
import type { Drive, DriveKind } from '../../shared/model/drive.ts';
import type { DriveSource } from './drive-source.ts';
import { powershellArguments, powershellPath } from './powershell.ts';

/**
 * Asks the storage cmdlets once for everything. @(…) keeps a single result an array.
 */
const LIST_SCRIPT = [
  '$disks = @(Get-Disk | Select-Object Number, FriendlyName, Manufacturer, SerialNumber, UniqueId,' +
    ' Size, @{n="BusType";e={"$($_.BusType)"}}, IsBoot, IsSystem, IsReadOnly, Path)',
  '$partitions = @(Get-Partition | Select-Object DiskNumber, PartitionNumber, Size, Guid,' +
    ' @{n="AccessPaths";e={@($_.AccessPaths)}})',
  '$volumes = @(Get-Volume | Select-Object Path, FileSystemLabel)',
  '$pagefiles = @(Get-CimInstance Win32_PageFileUsage | ForEach-Object { $_.Name })',
  '@{disks=$disks; partitions=$partitions; volumes=$volumes; pagefiles=$pagefiles}' +
    ' | ConvertTo-Json -Depth 4 -Compress',
];

export const windowsDrives: DriveSource = {
  list: async () => {
    try {
      return assembleWindowsDrives(await runPowershell());
    } catch (error) {
      // The message would repeat the whole command, which is base64.
      const { stderr } = error as { stderr?: unknown };
      const said = typeof stderr === 'string' ? stderr.trim() : '';
      const reason = said !== '' ? said : error instanceof Error ? error.message : String(error);
      throw builderError('drive-list-failed', { reason }, error);
    }
  },
};

type Entry = Readonly<Record<string, unknown>>;

/** Pure: the drives of what LIST_SCRIPT printed. Throws a SyntaxError for anything else. */
export function assembleWindowsDrives(json: string): Drive[] {
  const answer: unknown = JSON.parse(json);
  if (typeof answer !== 'object' || answer === null) throw new SyntaxError('no object');
  const { disks, partitions, volumes, pagefiles } = answer as Entry;
  const labels = new Map(
    entries(volumes).map((volume) => [text(volume['Path']), text(volume['FileSystemLabel'])]),
  );
  const pages = Array.isArray(pagefiles) ? pagefiles.map(String) : [];
  return entries(disks).map((disk) => {
    const own = entries(partitions).filter((part) => part['DiskNumber'] === disk['Number']);
    return drive(disk, own, labels, pages);
  });
}

function drive(
  disk: Entry,
  parts: readonly Entry[],
  labels: ReadonlyMap<string | null, string | null>,
  pagefiles: readonly string[],
): Drive {
  const number = String(disk['Number']);
  const path = `\\\\.\\PhysicalDrive${number}`;
  const transport = text(disk['BusType']);
  const folders = parts.flatMap(mountFolders);
  const labelOf = (part: Entry): string | null =>
    accessPaths(part)
      .map((access) => labels.get(access) ?? null)
      .find((label) => label !== null) ?? null;
  return {
    identity: {
      path,
      serial: text(disk['SerialNumber']),
      model: text(disk['FriendlyName']),
      size: Number(disk['Size'] ?? 0),
      transport,
      deviceNumber: number,
      generation: [text(disk['UniqueId']), text(disk['Path'])].join(' '),
    },
    kind: kindOf(transport),
    vendor: text(disk['Manufacturer']),
    port: null,
    readOnly: disk['IsReadOnly'] === true,
    partitions: parts.map((part) => ({
      path: `\\\\?\\GLOBALROOT\\Device\\Harddisk${number}\\Partition${String(part['PartitionNumber'])}`,
      deviceNumber: `${number}:${String(part['PartitionNumber'])}`,
      size: Number(part['Size'] ?? 0),
      label: labelOf(part),
    })),
    labels: parts.flatMap((part) => labelOf(part) ?? []),
    mounts: folders.map((folder) => ({ path: folder, device: path, pinned: false })),
    swaps: pagefiles.filter((file) => folders.some((folder) => file.startsWith(folder))),
    holders: [],
    system: disk['IsBoot'] === true || disk['IsSystem'] === true,
  };
}

function kindOf(transport: string | null): DriveKind {
  if (transport === 'USB') return 'usb';
  // MMC is what soldered cards say.
  if (transport === 'SD') return 'sd';
  return transport === 'File Backed Virtual' ? 'loop' : 'fixed';
}

/** Drive letters and folders, without the `\\?\Volume{…}\` names that every volume has. */
function mountFolders(part: Entry): string[] {
  return accessPaths(part).filter((path) => /^[A-Z]:\\/i.test(path));
}

function accessPaths(part: Entry): string[] {
  const paths = part['AccessPaths'];
  return Array.isArray(paths)
    ? paths.filter((path): path is string => typeof path === 'string')
    : [];
}

/** ConvertTo-Json gives null for an empty pipeline. */
function entries(value: unknown): Entry[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is Entry => typeof entry === 'object' && entry !== null);
}

function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}

async function runPowershell(): Promise<string> {
  const args = powershellArguments(LIST_SCRIPT);
  const options = { timeout: 30_000, maxBuffer: 16 << 20, windowsHide: true };
  return (await promisify(execFile)(powershellPath(), args, options)).stdout;
}
