import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import { BlockDevice } from './block-device.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import { runTool } from './run-tool.ts';

/** Not tested on real machines. */
export const windowsPlatform: WriterPlatform = {
  unmount: async (target) => {
    if (target.partition !== null)
      throw builderError('writer-refused', { reason: 'only whole drives on Windows' });
    try {
      // Takes the volumes away; raw writes to sectors of a mounted volume are refused by Windows.
      await powershell(
        `Clear-Disk -Number ${diskNumber(target)} -RemoveData -RemoveOEM -Confirm:$false`,
      );
    } catch (error) {
      const mount = target.drive.mounts[0]?.path ?? target.identity.path;
      throw builderError('drive-unmount-failed', { drive: target.name, mount, user: '' }, error);
    }
  },

  open: async ({ identity }, scratch) => {
    const handle = await open(identity.path, constants.O_RDWR);
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
