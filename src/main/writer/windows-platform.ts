import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import { BlockDevice } from './block-device.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import { runTool } from './run-tool.ts';

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
      // Erases the disk: raw writes to sectors of a mounted volume are refused by Windows.
      await powershell(
        `Clear-Disk -Number ${diskNumber(target)} -RemoveData -RemoveOEM -Confirm:$false`,
      );
    } catch (error) {
      const mount = target.drive.mounts[0]?.path ?? target.identity.path;
      throw builderError('drive-unmount-failed', { drive: target.name, mount, user: '' }, error);
    }
  },

  open: async ({ identity, access }, scratch) => {
    const { O_RDONLY, O_RDWR } = constants;
    const handle = await open(identity.path, access === 'write' ? O_RDWR : O_RDONLY);
    const facts = { size: identity.size, blockSize: 4096, direct: false };
    return new BlockDevice(handle, scratch, { ...facts, dropCache: () => Promise.resolve() });
  },

  usersOf: () => Promise.resolve(''),
  othersWriting: () => Promise.resolve(''),

  reread: async (target) => {
    await powershell(`Update-Disk -Number ${diskNumber(target)}`);
  },

  eject: async (target) => {
    await powershell(`Set-Disk -Number ${diskNumber(target)} -IsOffline $true`);
  },
};

/** Digits alone may reach the command text. */
function diskNumber({ drive }: WriterTarget): string {
  const { deviceNumber } = drive.identity;
  if (!/^\d{1,4}$/.test(deviceNumber))
    throw builderError('writer-refused', { reason: 'no disk number' });
  return deviceNumber;
}

async function powershell(command: string): Promise<void> {
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  const path = join(root, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  await runTool([path], ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', command]);
}
