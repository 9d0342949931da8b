import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { systemDrives } from '../drives/system-drives.ts';
import type { Access } from '../../shared/writer-protocol.ts';
import { openTarget } from './open-target.ts';
import { windowsPlatform } from './windows-platform.ts';

const tools = vi.hoisted(() => ({ commands: [] as string[] }));
vi.mock('./run-tool.ts', () => ({
  runTool: (_candidates: readonly string[], args: readonly string[]) => {
    tools.commands.push(args.at(-1) ?? '');
    return Promise.resolve('');
  },
}));

afterEach(() => {
  vi.restoreAllMocks();
  tools.commands = [];
});

/** The commands that opening a disk with a mounted volume takes, and what writing to it then says. */
async function open(access: Access, { swapped = false } = {}) {
  const path = join(tmpFolder(), 'PhysicalDrive7');
  writeFileSync(path, Buffer.alloc(8192));
  const identity = {
    ...{ path, serial: 'S1', model: 'Stick', size: 8192, transport: 'usb' },
    ...{ deviceNumber: '7', generation: '5' },
  };
  const drive: Drive = {
    ...{ identity, kind: 'usb', vendor: null, port: null, readOnly: false, partitions: [] },
    ...{
      labels: [],
      mounts: [{ path: 'E:\\', device: path, pinned: false }],
      swaps: [],
      holders: [],
    },
    system: false,
  };
  const second = swapped ? { ...drive, identity: { ...identity, serial: 'S2' } } : drive;
  vi.spyOn(systemDrives, 'list').mockResolvedValueOnce([drive]).mockResolvedValueOnce([second]);
  const job = {
    ...{ version: 1 as const, secret: 'ab'.repeat(32), pipe: null, identity },
    ...{ allowFixed: false, access },
  };
  try {
    const { device } = await openTarget(job, windowsPlatform, new Uint8Array(1 << 24));
    const written = device.write(0, new Uint8Array(4096)).then(() => 'written');
    const outcome = await written.catch((error: unknown) => (error as { code: string }).code);
    await device.close();
    return { outcome, commands: tools.commands };
  } catch (error) {
    return { outcome: (error as { code: string }).code, commands: tools.commands };
  }
}

test('a disk that is only looked at keeps what is on it', async () => {
  expect(await open('read')).toEqual({ outcome: 'EBADF', commands: [] });
});

test('a disk that will be written is cleared, by its number', async () => {
  const { outcome, commands } = await open('write');
  expect(outcome).toBe('written');
  expect(commands).toEqual(['Clear-Disk -Number 7 -RemoveData -RemoveOEM -Confirm:$false']);
});

test('a disk that took its place meanwhile is not cleared', async () => {
  expect(await open('write', { swapped: true })).toEqual({
    outcome: 'drive-changed',
    commands: [],
  });
});

test('partitions are not opened', async () => {
  const target = { partition: {}, access: 'read' } as never;
  await expect(windowsPlatform.unmount(target)).rejects.toMatchObject({ code: 'writer-refused' });
});
