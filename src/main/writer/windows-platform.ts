import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import { powershellArguments, powershellPath, quoted } from '../drives/powershell.ts';
import { BlockDevice } from './block-device.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import { runTool } from './run-tool.ts';

/**
 * Flags of libuv's own for open() on Windows, which Node passes on but does not name (uv/win.h): no sharing,
 * so that nothing else opens the disk; no buffering; and write through the disk's cache.
 */
const UV_FS_O_EXLOCK = 0x10000000;
const UV_FS_O_DIRECT = 0x02000000;
const UV_FS_O_DSYNC = 0x04000000;

/** The volume manager may hold a volume for a moment when it has just appeared. */
const CLEARING_TRIES = 5;

/** Not tested on real machines. */
export const windowsPlatform: WriterPlatform = {
  // Windows cannot unmount a volume for a while only: its letter would be lost. Nor need it be: whole disks
  // are read beside their volumes, and for writing `clear` takes these away.
  unmount: ({ partition }) =>
    partition === null
      ? Promise.resolve()
      : Promise.reject(builderError('writer-refused', { reason: 'only whole drives on Windows' })),
  mayStayMounted: true,

  clear: async (target) => {
    try {
      await powershell(clearingScript(target));
    } catch (error) {
      const mount = target.drive.mounts[0]?.path ?? target.identity.path;
      throw builderError('drive-unmount-failed', { drive: target.name, mount, user: '' }, error);
    }
  },

  open: async ({ identity, access }, scratch) => {
    const { O_RDONLY, O_RDWR } = constants;
    const mode = access === 'write' ? O_RDWR | UV_FS_O_DSYNC : O_RDONLY;
    const handle = await open(identity.path, mode | UV_FS_O_EXLOCK | UV_FS_O_DIRECT);
    const facts = { size: identity.size, blockSize: 4096, direct: true };
    return new BlockDevice(handle, scratch, { ...facts, dropCache: () => Promise.resolve() });
  },

  usersOf: () => Promise.resolve(''),
  othersWriting: () => Promise.resolve(''),
  // Nothing there knows ext4.
  recognise: () => Promise.resolve(null),

  // Windows looks by itself when the disk is closed. To make it look once more only brings its offer to format.
  reread: () => Promise.resolve(),

  closesBeforeEject: true,
  eject: async (target) => {
    await powershell(ejectingScript(target));
  },
};

/**
 * Takes the partition table away, and with it the volumes: Windows refuses raw writes to sectors of a mounted
 * volume. A disk without one (RAW), as our own sticks are, has nothing to take away, and then both Clear-Disk
 * and diskpart fail. diskpart has no exit status for a failed `clean`, so what is there afterwards decides.
 *
 * A number alone says nothing about which disk it is: it is given to the next that is plugged in. So the
 * script looks again, at the moment of clearing, whether it is the one that was judged.
 */
function clearingScript(target: WriterTarget): string[] {
  const number = diskNumber(target);
  const { generation, size } = target.drive.identity;
  return [
    '$diskpart = Join-Path ([Environment]::SystemDirectory) "diskpart.exe"',
    `foreach ($try in 1..${String(CLEARING_TRIES)}) {`,
    `  $disk = Get-Disk -Number ${number}`,
    '  $found = "$("$($disk.UniqueId)".Trim()) $("$($disk.Path)".Trim())"',
    `  if ($found -ne ${quoted(generation)} -or $disk.Size -ne ${String(size)}) { throw "another disk" }`,
    '  if ($disk.PartitionStyle -eq "RAW") { exit 0 }',
    `  "select disk ${number}", "clean", "exit" | & $diskpart | Out-Null`,
    '  Start-Sleep -Milliseconds 500',
    '}',
    'throw "diskpart could not clean the disk"',
  ];
}

/**
 * What the “eject” of the file manager does, by the disk instead of a letter, which a disk without a volume
 * lacks. Fixed disks on USB refuse it; the person then takes “Safely Remove Hardware”.
 * DeviceIoControl with IOCTL_STORAGE_EJECT_MEDIA (ntddstor.h).
 */
function ejectingScript(target: WriterTarget): string[] {
  const path = `\\\\.\\PhysicalDrive${diskNumber(target)}`;
  return [
    'Add-Type -Namespace Ota -Name Disk -MemberDefinition @"',
    '[DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]',
    'public static extern Microsoft.Win32.SafeHandles.SafeFileHandle CreateFileW(string name, uint access,',
    '  uint share, IntPtr security, uint disposition, uint flags, IntPtr template);',
    '[DllImport("kernel32.dll", SetLastError = true)]',
    'public static extern bool DeviceIoControl(Microsoft.Win32.SafeHandles.SafeFileHandle device, uint code,',
    '  IntPtr input, uint inputSize, IntPtr output, uint outputSize, out uint returned, IntPtr overlapped);',
    '"@',
    // GENERIC_READ and GENERIC_WRITE, shared for both, OPEN_EXISTING.
    `$disk = [Ota.Disk]::CreateFileW(${quoted(path)}, 3221225472, 3, [IntPtr]::Zero, 3, 0, [IntPtr]::Zero)`,
    'if ($disk.IsInvalid) { throw (New-Object ComponentModel.Win32Exception) }',
    '$returned = [uint32]0',
    `$done = [Ota.Disk]::DeviceIoControl($disk, ${String(IOCTL_STORAGE_EJECT_MEDIA)}, [IntPtr]::Zero, 0,` +
      ' [IntPtr]::Zero, 0, [ref]$returned, [IntPtr]::Zero)',
    'if (-not $done) { throw (New-Object ComponentModel.Win32Exception) }',
    '$disk.Close()',
  ];
}

const IOCTL_STORAGE_EJECT_MEDIA = 0x2d4808;

/** Digits alone may reach the command text. */
function diskNumber({ drive }: WriterTarget): string {
  const { deviceNumber } = drive.identity;
  if (!/^\d{1,4}$/.test(deviceNumber))
    throw builderError('writer-refused', { reason: 'no disk number' });
  return deviceNumber;
}

async function powershell(script: readonly string[]): Promise<void> {
  await runTool([powershellPath()], powershellArguments(script));
}
