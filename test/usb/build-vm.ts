import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What QEMU boots; all three are only read, the guest's changes go to a snapshot. */
export interface VmImage {
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
}

const REPOSITORY = join(import.meta.dirname, '..', '..');
const CACHE = join(REPOSITORY, 'node_modules', '.cache', 'usb-vm');

const PACKAGES = [
  ...[
    'udev',
    'util-linux',
    'fdisk',
    'e2fsprogs',
    'dosfstools',
    'kmod',
    'procps',
    'eject',
    'dmsetup',
  ],
  ...['libstdc++6', 'dbus', 'polkitd', 'pkexec', 'expect'],
];

/** Needed to find the root; all others are loaded by udev. Order matters. */
const BOOT_MODULES = ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4'];

/** What udev loads for the devices that the tests plug in, and for what is mounted in the guest. */
const MODULES = [
  ...['xhci-pci', 'usb-storage', 'uas', 'sd_mod', 'sg', 'ahci', 'nvme', 'sdhci-pci', 'mmc_block'],
  ...['virtio_pci', 'virtio_blk', 'virtio_console', '9p', '9pnet_virtio', 'crc32c_generic'],
  ...['ext4', 'vfat', 'nls_cp437', 'nls_ascii', 'dm-mod', 'loop'],
];

/** Only finds the repository; what is then to be done is there and needs no new image. */
const GUEST_INIT = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
modprobe -a 9pnet_virtio 9p
for name in repo job; do
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,ro,cache=loose $name /$name
done
exec /bin/sh /repo/test/usb/guest/init
`;

/** A kernel, an initial RAM disk and a root, made from Debian packages once and then kept. */
export function buildVm(): VmImage {
  const kernelPackage = newestKernel();
  const key = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .update(`${kernelPackage} ${process.version}`)
    .digest('hex')
    .slice(0, 16);
  const folder = join(CACHE, key);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    // Built aside and renamed, so that an interrupted build is never taken for a whole one.
    const draft = mkdtempSync(join(CACHE, 'draft-'));
    try {
      build(draft, kernelPackage);
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  return {
    kernel: join(folder, 'vmlinux'),
    initrd: join(folder, 'initrd.gz'),
    root: join(folder, 'root.img'),
  };
}

function newestKernel(): string {
  const text = run('apt-cache', ['depends', 'linux-image-amd64']);
  const name = /Depends: (linux-image-\S+)/.exec(text)?.[1];
  if (name === undefined) throw new Error('apt-cache knows no linux-image-amd64');
  return name;
}

function build(folder: string, kernelPackage: string): void {
  const work = join(folder, 'work');
  mkdirSync(work);
  const asRoot = ['-o', 'APT::Sandbox::User=root'];
  run('apt-get', ['download', '-qq', ...asRoot, kernelPackage, 'busybox-static'], work);
  for (const name of readdirSync(work))
    run('dpkg-deb', ['--extract', name, name.startsWith('busybox') ? 'busybox' : 'kernel'], work);
  const release = kernelPackage.replace('linux-image-', '');
  writeFileSync(
    join(folder, 'vmlinux'),
    extractVmlinux(join(work, `kernel/boot/vmlinuz-${release}`)),
  );
  const modules = join(work, `kernel/lib/modules/${release}`);
  run('depmod', ['--basedir', join(work, 'kernel'), release]);
  buildInitrd(work, modules, join(folder, 'initrd.gz'));
  buildRoot(work, modules, release, join(folder, 'root.img'));
  rmSync(work, { recursive: true });
}

/**
 * The kernel image unpacks itself, which takes software emulation several seconds; the ELF image
 * within it boots at once. It is the xz stream in the file.
 */
function extractVmlinux(path: string): Buffer {
  const image = readFileSync(path);
  const start = image.indexOf(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]));
  if (start === -1) throw new Error(`${path} holds no xz stream`);
  try {
    const input = image.subarray(start);
    return execFileSync('xz', ['--decompress', '--stdout', '--single-stream'], {
      ...{ input, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] },
    });
  } catch (error) {
    // xz minds what follows the stream, but has written all of it.
    const { stdout } = error as { stdout?: unknown };
    if (Buffer.isBuffer(stdout) && stdout.length > 1 << 20) return stdout;
    throw error;
  }
}

function buildInitrd(work: string, modules: string, output: string): void {
  const root = join(work, 'initrd');
  for (const name of ['bin', 'modules', 'proc', 'sys', 'dev', 'root'])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync(join(work, 'busybox/bin/busybox'), join(root, 'bin/busybox'));
  const files = BOOT_MODULES.flatMap((name) => withDependencies(modules, name));
  const order = [...new Set(files)].map((file, index) => {
    const name = `${String(index).padStart(2, '0')}.ko`;
    copyFileSync(join(modules, file), join(root, 'modules', name));
    return name;
  });
  writeFileSync(
    join(root, 'init'),
    [
      '#!/bin/busybox sh',
      'B=/bin/busybox',
      '$B mount -t proc proc /proc; $B mount -t sysfs sys /sys; $B mount -t devtmpfs dev /dev',
      ...order.map((name) => `$B insmod /modules/${name}`),
      'while [ ! -b /dev/vda ]; do $B usleep 20000; done',
      '$B mount -t ext4 -o rw /dev/vda /root',
      '$B mount --move /dev /root/dev; $B umount /sys; $B umount /proc',
      'exec $B switch_root /root /usr/local/sbin/guest-init',
      '',
    ].join('\n'),
  );
  chmodSync(join(root, 'init'), 0o755);
  run('sh', ['-c', `find . | cpio --quiet -o -H newc | gzip -1 > '${output}'`], root);
}

function buildRoot(work: string, modules: string, release: string, output: string): void {
  const root = join(work, 'root');
  mkdirSync(root);
  run('tar', ['--extract', '--file', debianRoot(), '--directory', root]);
  for (const file of new Set(MODULES.flatMap((name) => withDependencies(modules, name))))
    cpSync(join(modules, file), join(root, 'lib/modules', release, file));
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])
    copyFileSync(join(modules, name), join(root, 'lib/modules', release, name));
  run('depmod', ['--basedir', root, release]);
  copyFileSync(process.execPath, join(root, 'usr/local/bin/node'));
  writeFileSync(join(root, 'usr/local/sbin/guest-init'), GUEST_INIT);
  chmodSync(join(root, 'usr/local/sbin/guest-init'), 0o755);
  for (const name of ['repo', 'job']) mkdirSync(join(root, name));
  run('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'kim']);
  run('sh', ['-c', `echo kim:correct-horse | chroot '${root}' chpasswd`]);
  run('sh', ['-c', `echo root:correct-horse | chroot '${root}' chpasswd`]);
  rmSync(join(root, 'var/cache/apt'), { recursive: true, force: true });
  rmSync(join(root, 'var/lib/apt/lists'), { recursive: true, force: true });
  run('mkfs.ext4', ['-q', '-O', '^has_journal', '-d', root, output, '900M']);
}

/** The packages unpacked, as a tar archive: what takes longest and changes least. */
function debianRoot(): string {
  const key = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 16);
  const archive = join(CACHE, `debian-${key}.tar`);
  if (existsSync(archive)) return archive;
  const draft = join(CACHE, `draft-${String(process.pid)}.tar`);
  const without = ['doc', 'man', 'locale', 'zoneinfo'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  );
  // What a crash would spoil is made anew: dpkg need not wait for the disk.
  const options = [`--include=${PACKAGES.join(',')}`, ...without, '--dpkgopt=force-unsafe-io'];
  run('mmdebstrap', ['--quiet', '--variant=minbase', ...options, 'bookworm', draft]);
  renameSync(draft, archive);
  return archive;
}

/** Paths below `modules`, what a module needs first. */
function withDependencies(modules: string, name: string): string[] {
  const lines = readFileSync(join(modules, 'modules.dep'), 'utf8').split('\n');
  const line = lines.find((text) => text.includes(`/${name}.ko:`));
  if (line === undefined) {
    const builtIn = readFileSync(join(modules, 'modules.builtin'), 'utf8');
    if (builtIn.includes(`/${name}.ko`)) return [];
    throw new Error(`the kernel has no module ${name}`);
  }
  const [file = '', dependencies = ''] = line.split(':');
  return [
    ...dependencies
      .split(' ')
      .filter((text) => text !== '')
      .toReversed(),
    file,
  ];
}

function run(command: string, args: readonly string[], cwd?: string): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(cwd === undefined ? {} : { cwd }),
  });
}
