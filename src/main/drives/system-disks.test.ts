import { expect, describe, test } from 'vitest';
import {
  mount,
  node,
  reasonOf,
  snapshot,
  type Machine,
  type Node,
} from '../../../test/support/linux-machine.ts';
import { assembleLinuxDrives } from './linux.ts';

/** Verdicts with --allow-fixed by kernel name: what no flag may lift. */
function verdicts(machine: Machine): Record<string, string> {
  const drives = assembleLinuxDrives(snapshot(machine));
  return Object.fromEntries(
    drives.map((drive) => [drive.identity.path.replace('/dev/', ''), reasonOf(drive, true)]),
  );
}

/** A USB disk with two partitions; of those that the system starts from nothing else tells. */
function usb(name: string, minor: number, parts: readonly Node[] = [{}, {}]): Node {
  const children = parts.map((rest, index) =>
    node(`${name}${String(index + 1)}`, `8:${String(minor + index + 1)}`, 'part', rest),
  );
  return node(name, `8:${String(minor)}`, 'disk', { tran: 'usb', model: name, children });
}

function loop(number: number, rest: Node = {}): Node {
  return node(`loop${String(number)}`, `7:${String(number)}`, 'loop', rest);
}

function overlay(point: string, options: string, source = 'overlay', device = '0:40'): string {
  return mount(device, point, source, { type: 'overlay', options: `rw,${options}` });
}

const SYSTEM = 'drive-is-system';
const STICK = usb('sdb', 16);
const DISKS = [usb('sda', 0), STICK];

describe('an overlay as root makes system disks of all disks with its layers', () => {
  const layers = 'lowerdir=/media/root-ro,upperdir=/media/root-rw/up,workdir=/media/root-rw/work';

  test('overlayroot: the read-only disk at /media/root-ro, changes in memory', () => {
    const mounts = [
      mount('0:30', '/media/root-rw', 'tmpfs', { type: 'tmpfs' }),
      mount('8:2', '/media/root-ro', '/dev/sda2'),
      overlay('/', layers, 'overlayroot'),
    ];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: SYSTEM, sdb: 'usable' });
  });

  test('changes on a disk of their own', () => {
    const mounts = [
      mount('8:17', '/media/root-rw', '/dev/sdb1'),
      mount('8:2', '/media/root-ro', '/dev/sda2'),
      overlay('/', layers),
    ];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: SYSTEM, sdb: SYSTEM });
  });

  test('overlayroot with recursion: /home of another disk, at two levels below /media', () => {
    const mounts = [
      mount('8:2', '/media/root-ro', '/dev/sda2'),
      mount('8:17', '/media/root-ro/home', '/dev/sdb1'),
      mount('0:30', '/media/root-rw', 'tmpfs', { type: 'tmpfs' }),
      overlay('/', layers),
      overlay('/home', 'lowerdir=/media/root-ro/home,upperdir=/media/root-rw/h', 'x', '0:41'),
    ];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: SYSTEM, sdb: SYSTEM });
  });

  test.each([
    ['several layers', 'lowerdir=/run/empty:/run/disk/b:/run/stick/c', [SYSTEM, SYSTEM]],
    ['layers of data alone', 'lowerdir=/run/disk/a::/run/stick/data', [SYSTEM, SYSTEM]],
    ['an option for each', 'lowerdir+=/run/disk/a,datadir+=/run/stick/b', [SYSTEM, SYSTEM]],
    ['a colon in a name', 'lowerdir=/run/disk/a\\134:/run/stick/b', [SYSTEM, 'usable']],
    [
      'a comma in a name',
      'lowerdir=/run/disk/a\\134\\054upperdir=/run/stick/b',
      [SYSTEM, 'usable'],
    ],
    [
      'a blank in a name',
      'lowerdir=/run/disk/my\\040system,upperdir=/run/stick/x',
      [SYSTEM, SYSTEM],
    ],
    ['a link', 'lowerdir=/run/link,upperdir=/run/empty/u', ['usable', SYSTEM]],
    ['a folder above the mount only', 'lowerdir=/run/diskette', ['usable', 'usable']],
  ])('named by %s', (_, options, [sda, sdb]) => {
    const mounts = [
      mount('0:29', '/run', 'tmpfs', { type: 'tmpfs' }),
      mount('8:2', '/run/disk', '/dev/sda2'),
      mount('8:17', '/run/stick', '/dev/sdb1'),
      overlay('/', options),
    ];
    const got = verdicts({
      blockdevices: DISKS,
      mounts,
      realPaths: { '/run/link': '/run/stick/real' },
    });
    // Both are mounted outside of a session's folders in any case; which of them is the system is what counts.
    const elsewhere = (verdict: string | undefined) =>
      verdict === 'usable' ? 'drive-mounted-elsewhere' : verdict;
    expect(got).toEqual({ sda: elsewhere(sda), sdb: elsewhere(sdb) });
  });

  test('a mount at the very name of a layer that is escaped in two ways', () => {
    const mounts = [
      mount('8:2', '/run/a:b', '/dev/sda2'),
      mount('8:17', '/run/a\\134:b', '/dev/sdb1'),
      overlay('/', 'lowerdir=/run/a\\134:b'),
    ];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: SYSTEM, sdb: SYSTEM });
  });

  test('an overlay of overlays', () => {
    const mounts = [
      mount('8:2', '/run/disk', '/dev/sda2'),
      overlay('/run/inner', 'lowerdir=/run/disk', 'overlay', '0:41'),
      overlay('/', 'lowerdir=/run/inner/x'),
    ];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: SYSTEM, sdb: 'usable' });
  });

  test('an overlay over the folder of its own mount, as systemd-sysext has /usr', () => {
    const mounts = [
      mount('8:2', '/', '/dev/sda2'),
      mount('8:17', '/usr', '/dev/sdb1'),
      overlay('/usr', 'lowerdir=/run/extensions/x/usr:/usr', 'sysext'),
    ];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: SYSTEM, sdb: SYSTEM });
  });

  test('a live system: squashfs in a loop, its file on the stick, changes in memory', () => {
    const mounts = [
      mount('8:17', '/run/live/medium', '/dev/sdb1', { type: 'iso9660' }),
      mount('7:0', '/run/live/rootfs/filesystem.squashfs', '/dev/loop0', { type: 'squashfs' }),
      mount('0:33', '/run/live/overlay', 'tmpfs', { type: 'tmpfs' }),
      overlay('/', 'lowerdir=/run/live/rootfs/filesystem.squashfs,upperdir=/run/live/overlay/rw'),
    ];
    const disks = { loop0: { backingFile: '/run/live/medium/live/filesystem.squashfs' } };
    const machine = { blockdevices: [...DISKS, loop(0)], mounts, disks };
    expect(verdicts(machine)).toEqual({ sda: 'usable', sdb: SYSTEM, loop0: SYSTEM });
  });

  test('a live system whose file lies on a stick that a session has mounted', () => {
    const mounts = [
      mount('8:17', '/media/kim/STICK', '/dev/sdb1'),
      mount('7:0', '/cdrom/rootfs', '/dev/loop0', { type: 'squashfs' }),
      mount('0:33', '/cow', 'tmpfs', { type: 'tmpfs' }),
      overlay('/', 'lowerdir=/cdrom/rootfs,upperdir=/cow/rw'),
    ];
    const disks = { loop0: { backingFile: '/media/kim/STICK/filesystem.squashfs' } };
    const machine = { blockdevices: [...DISKS, loop(0)], mounts, disks };
    expect(verdicts(machine)).toEqual({ sda: 'usable', sdb: SYSTEM, loop0: SYSTEM });
  });

  test('a live system in memory: its stick may be written', () => {
    const mounts = [
      mount('0:32', '/run/live/medium', 'tmpfs', { type: 'tmpfs' }),
      mount('7:0', '/run/live/rootfs/x', '/dev/loop0', { type: 'squashfs' }),
      mount('0:33', '/run/live/overlay', 'tmpfs', { type: 'tmpfs' }),
      overlay('/', 'lowerdir=/run/live/rootfs/x,upperdir=/run/live/overlay/rw'),
    ];
    const disks = { loop0: { backingFile: '/run/live/medium/live/x (deleted)' } };
    const machine = { blockdevices: [...DISKS, loop(0)], mounts, disks };
    expect(verdicts(machine)).toEqual({ sda: 'usable', sdb: 'usable', loop0: SYSTEM });
  });
});

describe('an overlay whose layers were mounted before the system began, and are not seen any more', () => {
  const hidden = overlay('/', 'lowerdir=/filesystem.squashfs,upperdir=/cow/upper', '/cow');

  test('any disk may hold them, but one that a session has mounted', () => {
    const mounts = [hidden, mount('8:17', '/media/kim/STICK', '/dev/sdb1')];
    const got = verdicts({ blockdevices: DISKS, mounts });
    expect(got).toEqual({ sda: 'drive-may-be-system', sdb: 'usable' });
  });

  test('the kernel tells root which are claimed', () => {
    const machine = { blockdevices: DISKS, mounts: [hidden] };
    const asked = (claimed: readonly string[]) => verdicts({ ...machine, claimed });
    expect(asked([])).toEqual({ sda: 'usable', sdb: 'usable' });
    expect(asked(['sda', 'sda2'])).toEqual({ sda: 'drive-may-be-system', sdb: 'usable' });
    const mounts = [hidden, mount('8:17', '/media/kim/STICK', '/dev/sdb1')];
    const claimed = ['sdb', 'sdb1'];
    expect(verdicts({ ...machine, mounts, claimed })).toMatchObject({ sdb: 'usable' });
  });

  test('a filesystem in use tells its disk itself', () => {
    const filesystems = [{ type: 'ext4', devices: ['sda2'] }];
    const machine = { blockdevices: DISKS, mounts: [hidden], filesystems, claimed: [] };
    expect(verdicts(machine)).toEqual({ sda: 'drive-held', sdb: 'usable' });
  });

  test.each([
    ['fuse-overlayfs', 'fuse.fuse-overlayfs', 'fuse-overlayfs'],
    ['unknown', 'newfs', 'none'],
    ['zfs without a member in sight', 'zfs', 'rpool/ROOT'],
  ])('the same holds for a root that is %s', (_, type, source) => {
    const mounts = [mount('0:40', '/', source, { type })];
    const got = verdicts({ blockdevices: DISKS, mounts });
    expect(got).toEqual({ sda: 'drive-may-be-system', sdb: 'drive-may-be-system' });
  });

  test.each([
    ['in memory', 'rootfs', 'rootfs', '/'],
    ['on the network', 'nfs4', 'server:/root', '/'],
    ['of a host', '9p', 'hostshare', '/'],
    ['to be mounted on demand', 'autofs', 'systemd-1', '/boot'],
    ['a container’s, below /var', 'overlay', 'overlay', '/var/lib/docker/overlay2/a/merged'],
  ])('not for a mount that is %s', (_, type, source, point) => {
    const options = 'rw,lowerdir=/gone/away';
    const mounts = [mount('0:40', point, source, { type, options })];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: 'usable', sdb: 'usable' });
  });
});

describe('a filesystem without a device number of its own', () => {
  test.each([
    ['btrfs subvolumes', 'btrfs', '/dev/sda2', {}],
    [
      'btrfs named by a link',
      'btrfs',
      '/dev/disk/by-uuid/1',
      { '/dev/disk/by-uuid/1': '/dev/sda2' },
    ],
    ['btrfs as /dev/root', 'btrfs', '/dev/root', {}],
    ['bcachefs over two disks', 'bcachefs', '/dev/sda2:/dev/sdc1', {}],
  ])('%s', (_, type, source, realPaths) => {
    const mounts = [mount('0:31', '/', source, { type }), mount('0:31', '/home', source, { type })];
    const filesystems = [
      { type, devices: ['sda2', 'sdc1'] },
      { type: 'btrfs', devices: ['sdb1'] },
    ];
    const named = mount('0:44', '/media/kim/B', '/dev/sdb1', { type: 'btrfs' });
    const got = verdicts({
      ...{ blockdevices: [...DISKS, usb('sdc', 32)], filesystems, realPaths },
      mounts: [...mounts, named],
    });
    expect(got).toEqual({ sda: SYSTEM, sdb: 'usable', sdc: SYSTEM });
  });

  test('ZFS: the members of the pool', () => {
    const member = (label: string | null) => ({ fstype: 'zfs_member', label });
    const blockdevices = [
      usb('sda', 0, [{}, member('rpool')]),
      usb('sdb', 16, [member('other')]),
      usb('sdc', 32, [member(null)]),
    ];
    const mounts = [mount('0:31', '/', 'rpool/ROOT/debian', { type: 'zfs' })];
    expect(verdicts({ blockdevices, mounts })).toEqual({ sda: SYSTEM, sdb: 'usable', sdc: SYSTEM });
  });

  test('eCryptfs and bindfs: the disk of the folder that is shown', () => {
    const mounts = [
      mount('8:2', '/', '/dev/sda2'),
      mount('8:17', '/srv', '/dev/sdb1'),
      mount('0:50', '/home/kim', '/srv/.ecryptfs/kim', { type: 'ecryptfs' }),
    ];
    expect(verdicts({ blockdevices: DISKS, mounts })).toEqual({ sda: SYSTEM, sdb: SYSTEM });
  });

  test('a bcache cache that caches nothing yet is in no tree, but in use', () => {
    const filesystems = [{ type: 'bcache', devices: ['sdb1'] }];
    expect(verdicts({ blockdevices: [STICK], filesystems })).toEqual({ sdb: 'drive-held' });
  });
});

describe('loop devices', () => {
  test('one whose file lies on the system disk may be written', () => {
    const disks = { loop3: { backingFile: '/home/kim/test.img' } };
    const mounts = [mount('8:2', '/', '/dev/sda2')];
    const machine = { blockdevices: [...DISKS, loop(3)], mounts, disks };
    expect(verdicts(machine)).toEqual({ sda: SYSTEM, sdb: 'usable', loop3: 'usable' });
  });

  test('a disk is the system’s whose file shows a root, encrypted too', () => {
    const home = node('dm-0', '252:0', 'crypt', { path: '/dev/mapper/home' });
    const blockdevices = [...DISKS, loop(0, { children: [home] })];
    const disks = { loop0: { backingFile: '/media/kim/STICK/kim.home' } };
    const mounts = [
      mount('8:2', '/', '/dev/sda2'),
      mount('8:17', '/media/kim/STICK', '/dev/sdb1'),
      mount('252:0', '/home/kim', '/dev/mapper/home'),
    ];
    expect(verdicts({ blockdevices, mounts, disks })).toEqual({
      ...{ sda: SYSTEM, sdb: SYSTEM, loop0: SYSTEM },
    });
  });

  test('a stick whose file a loop shows is held by it', () => {
    const disks = { loop0: { backingFile: '/media/kim/STICK/a.iso' } };
    const mounts = [
      mount('8:17', '/media/kim/STICK', '/dev/sdb1'),
      mount('7:0', '/media/kim/ISO', '/dev/loop0', { type: 'iso9660' }),
    ];
    const [drive] = assembleLinuxDrives(
      snapshot({ blockdevices: [STICK, loop(0)], mounts, disks }),
    );
    expect(drive?.holders[0]).toBe('/dev/loop0');
    expect(verdicts({ blockdevices: [STICK, loop(0)], mounts, disks })).toEqual({
      ...{ sdb: 'drive-held', loop0: 'usable' },
    });
  });
});

describe('what a session has mounted is usable, and nothing that only looks like it', () => {
  const stick = mount('8:17', '/media/kim/STICK', '/dev/sdb1');
  const on = (mounts: readonly string[], rest: Partial<Machine> = {}) =>
    verdicts({ blockdevices: [STICK], mounts, ...rest })['sdb'];

  test('in the folder of a user', () => {
    expect(on([stick])).toBe('usable');
    expect(on([mount('8:17', '/run/media/kim/STICK', '/dev/sdb1')])).toBe('usable');
  });

  test('one level below /media', () => {
    expect(on([mount('8:17', '/media/usb0', '/dev/sdb1')])).toBe('drive-mounted-elsewhere');
  });

  test('in a folder that is a mount itself', () => {
    const root = mount('0:30', '/media/root-ro', 'tmpfs', { type: 'tmpfs' });
    const home = mount('8:17', '/media/root-ro/home', '/dev/sdb1');
    expect(on([root, home])).toBe('drive-mounted-elsewhere');
  });

  test('by /etc/fstab', () => {
    const fstab = '/dev/sdb1 /media/kim/STICK ext4 defaults 0 2';
    expect(on([stick], { fstab })).toBe('drive-mounted-elsewhere');
  });

  test('as a layer of an overlay, wherever that is', () => {
    const layers = 'lowerdir=/media/kim/STICK/a,upperdir=/tmp/u';
    expect(on([stick, overlay('/srv/merged', layers)])).toBe('drive-mounted-elsewhere');
    expect(on([stick, overlay('/media/kim/merged', layers)])).toBe('drive-held');
  });

  test('with a swap file on it', () => {
    expect(on([stick], { swaps: '/media/kim/STICK/swapfile file 1 0 -2' })).toBe('drive-is-swap');
    expect(on([stick], { swaps: '/media/kim/STICKER/swapfile file 1 0 -2' })).toBe('usable');
  });

  test('with a bind mount of it at a path of the system', () => {
    expect(on([stick, mount('8:17', '/etc/certs', '/dev/sdb1')])).toBe(SYSTEM);
  });
});
