import { constants, writeFileSync } from 'node:fs';
import type * as Promises from 'node:fs/promises';
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
    tools.commands.push(Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le'));
    return Promise.resolve('');
  },
}));

const opened = vi.hoisted(() => ({ notice: null as ((flag: unknown) => void) | null }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>();
  const open: typeof real.open = (path, flags, mode) => {
    opened.notice?.(flags);
    return real.open(path, flags, mode);
  };
  return { ...real, open };
});

afterEach(() => {
  opened.notice = null;
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

test('a disk that will be written is cleared before it is opened, by its number', async () => {
  const { outcome, commands } = await open('write');
  expect(outcome).toBe('written');
  expect(commands).toHaveLength(1);
  expect(commands[0]).toContain('"select disk 7", "clean", "exit"');
});

test('what clears looks again whether it is the disk that was judged, and whether there is anything', async () => {
  const [script = ''] = (await open('write')).commands;
  const lines = script.split('\n').map((line) => line.trim());
  const at = (part: string) => lines.findIndex((line) => line.includes(part));
  expect(lines[at('another disk')]).toContain("-ne '5' -or $disk.Size -ne 8192");
  expect(at('another disk')).toBeLessThan(at('PartitionStyle -eq "RAW"'));
  expect(at('PartitionStyle -eq "RAW"')).toBeLessThan(at('"clean"'));
});

test('a disk that took its place after that is not written', async () => {
  expect((await open('write', { swapped: true })).outcome).toBe('drive-changed');
});

test('a disk is opened alone, past the cache, and for writing through it', async () => {
  const flags: unknown[] = [];
  opened.notice = (flag) => flags.push(flag);
  await open('read');
  await open('write');
  const { O_RDONLY, O_RDWR } = constants;
  // libuv's numbers for Windows, from its header.
  expect(flags).toEqual([O_RDONLY | 0x12000000, O_RDWR | 0x16000000]);
});

test('a disk that is closed is ejected, and looked at by nothing of ours after that', async () => {
  const target = { drive: { identity: { deviceNumber: '7' } } } as never;
  await windowsPlatform.reread(target);
  expect(tools.commands).toEqual([]);
  await windowsPlatform.eject(target);
  expect(windowsPlatform.closesBeforeEject).toBe(true);
  expect(tools.commands[0]).toContain("CreateFileW('\\\\.\\PhysicalDrive7'");
  // CTL_CODE(IOCTL_STORAGE_BASE, 0x0202, METHOD_BUFFERED, FILE_READ_ACCESS)
  const ioctl = (0x2d << 16) | (1 << 14) | (0x202 << 2);
  expect(tools.commands[0]).toContain(`DeviceIoControl($disk, ${String(ioctl)}, `);
});

test('a disk number that is none reaches no command', async () => {
  const target = { drive: { identity: { deviceNumber: '7; calc' } } } as never;
  await expect(windowsPlatform.eject(target)).rejects.toMatchObject({ code: 'writer-refused' });
  expect(tools.commands).toEqual([]);
});

test('partitions are not opened', async () => {
  const target = { partition: {}, access: 'read' } as never;
  await expect(windowsPlatform.unmount(target)).rejects.toMatchObject({ code: 'writer-refused' });
});
