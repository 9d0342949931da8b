import { describe, expect, test } from 'vitest';
import { judgeDrive } from '../../shared/drive-verdict.ts';
import type { Drive } from '../../shared/model/drive.ts';
import {
  mount,
  node,
  reasonOf,
  snapshot,
  type Machine,
  type Node,
} from '../../../test/support/linux-machine.ts';
import { usbPort } from './linux-snapshot.ts';
import { assembleLinuxDrives } from './linux.ts';

function only(machine: Machine): Drive {
  const drives = assembleLinuxDrives(snapshot(machine));
  expect(drives).toHaveLength(1);
  const [drive] = drives;
  if (drive === undefined) throw new Error('no drive');
  return drive;
}

const STICK: Node = {
  ...{ tran: 'usb', model: 'Ultra USB 3.0  ', vendor: 'SanDisk ', serial: '4C530001230804113512' },
  children: [
    node('sdb1', '8:17', 'part', { label: 'MY STICK', size: 1e9 }),
    node('sdb2', '8:18', 'part', { label: 'other', size: 2e9 }),
  ],
};

describe('a USB stick', () => {
  const drive = only({
    blockdevices: [node('sdb', '8:16', 'disk', STICK)],
    mounts: [
      mount('8:17', '/run/media/kim/MY\\040STICK', '/dev/sdb1'),
      mount('8:26', '/data', '/dev/sdb10'),
      mount('8:2', '/', '/dev/sda2'),
    ],
    disks: { sdb: { generation: '42' } },
  });

  test('has the identity that its disk tells', () => {
    expect(drive.identity).toEqual({
      ...{ path: '/dev/sdb', serial: '4C530001230804113512', model: 'Ultra USB 3.0', size: 64e9 },
      ...{ transport: 'usb', deviceNumber: '8:16', generation: '42' },
    });
    expect(drive).toMatchObject({ kind: 'usb', vendor: 'SanDisk', labels: ['MY STICK', 'other'] });
  });

  test('is usable with its own mounts in removable media folders, none of sdb10', () => {
    expect(drive.mounts).toEqual([
      { path: '/run/media/kim/MY STICK', device: '/dev/sdb1', pinned: false },
    ]);
    expect(reasonOf(drive)).toBe('usable');
  });
});

test('a stick that is called like a command, a path or an option is one by that name', () => {
  const names = ['$(reboot)', '`reboot`; "', '../../etc', '--force', '{"label":"x"}'];
  for (const name of names) {
    const children = [node('sdb1', '8:17', 'part', { label: name })];
    const properties = { tran: 'usb', model: name, serial: name };
    const drive = only({
      blockdevices: [node('sdb', '8:16', 'disk', { ...properties, children })],
    });
    expect(drive.labels).toEqual([name]);
    expect(drive.identity).toMatchObject({ path: '/dev/sdb', model: name, serial: name });
    expect(reasonOf(drive)).toBe('usable');
  }
});

describe('what holds the system, at any depth', () => {
  const encrypted = node('nvme0n1', '259:0', 'disk', {
    ...{ tran: 'usb', model: 'Portable' },
    children: [
      node('nvme0n1p1', '259:1', 'part'),
      node('nvme0n1p2', '259:2', 'part', {
        children: [
          node('dm-0', '252:0', 'crypt', {
            children: [
              node('dm-1', '252:1', 'lvm', { path: '/dev/mapper/vg-root' }),
              node('dm-2', '252:2', 'lvm', { path: '/dev/mapper/vg-swap' }),
            ],
          }),
        ],
      }),
    ],
  });

  test('root on LVM in LUKS', () => {
    const mounts = [mount('252:1', '/', '/dev/mapper/vg-root')];
    expect(reasonOf(only({ blockdevices: [encrypted], mounts }))).toBe('drive-is-system');
  });

  test('boot on a partition', () => {
    const mounts = [mount('259:1', '/boot/efi', '/dev/nvme0n1p1')];
    expect(reasonOf(only({ blockdevices: [encrypted], mounts }))).toBe('drive-is-system');
  });

  test.each(['/dev/mapper/vg-swap', '/dev/dm-2'])('swap on LVM in LUKS, as %s', (path) => {
    const swaps = `${path} partition 1 0 -2`;
    const drive = only({ blockdevices: [encrypted], swaps });
    expect(drive.swaps).toEqual(['/dev/mapper/vg-swap']);
    expect(reasonOf(drive)).toBe('drive-is-swap');
  });

  test('a loop device that shows a partition, not a file', () => {
    const blockdevices = [node('sdb', '8:16', 'disk', STICK)];
    const over = (backingFile: string): Drive =>
      only({ blockdevices, disks: { loop0: { backingFile } } });
    expect(over('/dev/sdb2').holders).toEqual(['/dev/loop0']);
    expect(reasonOf(over('/dev/sdb2'))).toBe('drive-held');
    expect(reasonOf(over('/dev/sdb20'))).toBe('usable');
    expect(reasonOf(over('/home/kim/dev/sdb'))).toBe('usable');
  });

  test('an open LUKS container with nothing mounted', () => {
    const drive = only({ blockdevices: [encrypted] });
    expect(drive.holders).toEqual(['/dev/dm-0', '/dev/mapper/vg-root', '/dev/mapper/vg-swap']);
    expect(reasonOf(drive)).toBe('drive-held');
  });

  test('both members of a RAID', () => {
    const raid = node('md0', '9:0', 'raid1');
    const member = { tran: 'usb', children: [raid] };
    const blockdevices = [node('sda', '8:0', 'disk', member), node('sdb', '8:16', 'disk', member)];
    const drives = assembleLinuxDrives(
      snapshot({ blockdevices, mounts: [mount('9:0', '/', 'x')] }),
    );
    expect(drives.map((drive) => reasonOf(drive))).toEqual(['drive-is-system', 'drive-is-system']);
  });

  test('root on btrfs, whose mount has no device number, and its second device', () => {
    const blockdevices = [
      node('sda', '8:0', 'disk', { tran: 'usb', children: [node('sda2', '8:2', 'part')] }),
      node('sdb', '8:16', 'disk', { tran: 'usb' }),
    ];
    const mounts = [mount('0:31', '/', '/dev/sda2', { type: 'btrfs' })];
    const filesystems = [{ type: 'btrfs', devices: ['sda2', 'sdb'] }];
    const drives = assembleLinuxDrives(snapshot({ blockdevices, mounts, filesystems }));
    expect(drives.map((drive) => reasonOf(drive))).toEqual(['drive-is-system', 'drive-is-system']);
  });

  test('a mount outside removable media folders', () => {
    const blockdevices = [node('sdb', '8:16', 'disk', STICK)];
    const mounts = [mount('8:18', '/srv/backup', '/dev/sdb2')];
    expect(reasonOf(only({ blockdevices, mounts }))).toBe('drive-mounted-elsewhere');
  });
});

describe('what kind it is', () => {
  const card = (cardType: string): Drive =>
    only({ blockdevices: [node('mmcblk0', '179:0', 'disk')], disks: { mmcblk0: { cardType } } });

  test('an SD card is usable, though lsblk tells no transport', () => {
    expect(card('SD')).toMatchObject({ kind: 'sd', identity: { transport: 'sd' } });
    expect(reasonOf(card('SD'))).toBe('usable');
  });

  test('eMMC is internal', () => {
    expect(reasonOf(card('MMC'))).toBe('drive-is-internal');
  });

  test.each(['sata', 'nvme', 'virtio', 'sas', null])('transport %s is internal', (tran) => {
    const drive = only({ blockdevices: [node('sda', '8:0', 'disk', { tran })] });
    expect(reasonOf(drive)).toBe('drive-is-internal');
    expect(judgeDrive(drive, { allowFixed: true, minimumSize: 0 })).toEqual({ usable: true });
  });

  test('a reader without a card', () => {
    const drive = only({ blockdevices: [node('sdc', '8:32', 'disk', { tran: 'usb', size: 0 })] });
    expect(reasonOf(drive)).toBe('drive-empty-reader');
  });

  test('memory, optical and network devices and detached loops are no drives', () => {
    const blockdevices = [
      ...[node('zram0', '253:0', 'disk'), node('sr0', '11:0', 'rom'), node('nbd0', '43:0', 'disk')],
      ...[node('loop0', '7:0', 'loop', { size: 0 }), node('mmcblk0boot0', '179:8', 'disk')],
    ];
    expect(assembleLinuxDrives(snapshot({ blockdevices }))).toEqual([]);
  });

  test('an attached loop device is named after its file', () => {
    const disks = { loop3: { backingFile: '/tmp/a.img' } };
    const drive = only({ blockdevices: [node('loop3', '7:3', 'loop')], disks });
    expect(drive.identity.model).toBe('/tmp/a.img');
    expect(reasonOf(drive)).toBe('drive-is-loop');
  });
});

test('older util-linux writes flags and sizes as text', () => {
  const stick = node('sdb', '8:16', 'disk', { tran: 'usb', ro: '1', size: '64000000000' });
  const drive = only({ blockdevices: [stick] });
  expect(drive.identity.size).toBe(64e9);
  expect(reasonOf(drive)).toBe('drive-read-only');
});

test.each(['', 'lsblk: failed', '{}', '{"blockdevices":[null]}', '{"blockdevices":[{}]}'])(
  'what is not a list of devices is refused: %j',
  (lsblk) => {
    const broken = { ...snapshot({ blockdevices: [] }), lsblk };
    expect(() => assembleLinuxDrives(broken)).toThrow('drive-list-failed');
  },
);

test.each([
  [
    '/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb',
    '2-1',
  ],
  ['/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1.4/2-1.4:1.0/host6/block/sdc', '2-1.4'],
  ['/sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda', null],
  ['/sys/devices/virtual/block/loop0', null],
  ['', null],
])('the socket of %s is %s', (place, port) => {
  expect(usbPort(place)).toBe(port);
});
