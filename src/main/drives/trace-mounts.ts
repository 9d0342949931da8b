import { posix } from 'node:path';
import type { BlockNode } from './lsblk.ts';
import type { MountEntry } from './mountinfo.ts';

/** A filesystem that is in use in the kernel, as sysfs tells, wherever and by what it is mounted. */
export interface KernelFilesystem {
  readonly type: string;
  /** Kernel names; several for btrfs and bcachefs. */
  readonly devices: readonly string[];
}

/** What is known of a machine when its mounts are traced. */
export interface TraceContext {
  readonly mounts: readonly MountEntry[];
  /** lsblk's trees. */
  readonly disks: readonly BlockNode[];
  /** Kernel name of a loop device → path of the file or device that it shows. */
  readonly loopFiles: ReadonlyMap<string, string>;
  readonly filesystems: readonly KernelFilesystem[];
  /** Where paths lead that hold links; a path that is missing leads to itself. */
  readonly realPaths: Readonly<Record<string, string>>;
}

/** The block devices, by kernel name, from which the contents of a mount come. */
export interface Trace {
  /** Devices that the filesystem itself uses. */
  readonly direct: ReadonlySet<string>;
  /** These, and what lies below: layers of overlays, and disks with the files that loops show. */
  readonly all: ReadonlySet<string>;
  /** false: something of it could not be found. */
  readonly complete: boolean;
}

export interface Tracer {
  mount(entry: MountEntry): Trace;
  /** Devices below a file or folder, by its path. */
  path(path: string): Trace;
}

/** Filesystems without a disk of this computer: in memory, of the network, of a host, or on flash chips. */
const WITHOUT_DISK =
  /^(tmpfs|ramfs|rootfs|devtmpfs|proc|sysfs|autofs|nfs4?|cifs|smb3|9p|virtiofs|ceph|afs|vboxsf|fuse\.vmhgfs-fuse|fuse\.sshfs|ubifs|jffs2)$/;

/** Options that name an overlay's folders (kernel: Documentation/filesystems/overlayfs.rst). */
const LAYER_OPTIONS = ['lowerdir', 'lowerdir+', 'datadir+', 'upperdir', 'workdir'];

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Finds the devices under mounts. Device numbers are the kernel's word for filesystems on one device; an
 * overlay, btrfs, ZFS or eCryptfs has a number of its own, and what it is made of is in its source and
 * options. Paths are looked up among the mounts as they are now. Where one may be meant in two ways, both count:
 * a device too many is refused, one too few would be erased. Pure.
 */
export function traceMounts(context: TraceContext): Tracer {
  const nodes = new Map(context.disks.flatMap(descendants).map((node) => [node.kname, node]));
  const names = new Map(
    [...nodes.values()].flatMap(({ path, kname }) => [
      [path, kname],
      [`/dev/${kname}`, kname],
    ]),
  );
  const loopsAbove = loopAncestors(context);

  const trace = (mount: MountEntry, above: ReadonlySet<string>): Trace => {
    const direct = directDevices(mount, context, nodes, names);
    const below = new Set(above).add(mount.device);
    const layers = layersOf(mount);
    const parts = [
      ...layers.map((choices) => union(choices.map((path) => tracePath(path, below)))),
      ...[...direct].map((kname) => traceLoops(kname, below)),
    ];
    const known = direct.size > 0 || layers.length > 0 || WITHOUT_DISK.test(mount.fstype);
    const { all, complete } = union(parts);
    return { direct, all: new Set([...direct, ...all]), complete: known && complete };
  };

  /** `above`: filesystems that are made of it, which can not be what it lies on. */
  const tracePath = (path: string, above: ReadonlySet<string>): Trace => {
    const real = context.realPaths[path] ?? path;
    const device = names.get(real);
    if (device !== undefined) {
      const { all, complete } = traceLoops(device, above);
      return { direct: NOTHING, all: new Set([device, ...all]), complete };
    }
    const targets = [...new Set([path, real])].flatMap((each) =>
      mountsCovering(each, context.mounts, above),
    );
    const { all, complete } = union(targets.map((mount) => trace(mount, above)));
    return { direct: NOTHING, all, complete: complete && targets.length > 0 };
  };

  const traceLoops = (kname: string, above: ReadonlySet<string>): Trace =>
    union((loopsAbove.get(kname) ?? []).map((file) => tracePath(file, above)));

  return {
    mount: (entry) => trace(entry, NOTHING),
    path: (path) => tracePath(path, NOTHING),
  };
}

/** Paths that may hold links and lead {@link traceMounts} elsewhere; see {@link TraceContext.realPaths}. */
export function pathsToResolve(mount: MountEntry): string[] {
  const devices = mount.source.split(':').filter((path) => path.startsWith('/dev/'));
  return [...layersOf(mount).flat(), ...devices];
}

/** A node and all that is built on it, at any depth: partitions, LUKS, LVM, RAID. */
export function descendants(node: BlockNode): BlockNode[] {
  return [node, ...node.children.flatMap(descendants)];
}

function union(traces: readonly Trace[]): Trace {
  return {
    direct: NOTHING,
    all: new Set(traces.flatMap(({ all }) => [...all])),
    complete: traces.every(({ complete }) => complete),
  };
}

/** By kernel name: the files of all loop devices that a device is, or is built on. */
function loopAncestors({ disks, loopFiles }: TraceContext): Map<string, string[]> {
  const result = new Map<string, string[]>();
  const visit = (node: BlockNode, files: readonly string[]): void => {
    const own = loopFiles.get(node.kname);
    const all = own === undefined ? files : [...files, own];
    result.set(node.kname, [...new Set([...(result.get(node.kname) ?? []), ...all])]);
    for (const child of node.children) visit(child, all);
  };
  for (const disk of disks) visit(disk, []);
  return result;
}

function directDevices(
  mount: MountEntry,
  { filesystems, mounts, realPaths }: TraceContext,
  nodes: ReadonlyMap<string, BlockNode>,
  names: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { kname, deviceNumber } of nodes.values())
    if (deviceNumber === mount.device) found.add(kname);
  // bcachefs names all its devices: /dev/sda1:/dev/sdb1
  for (const source of [mount.source, ...mount.source.split(':')]) {
    const kname = names.get(source) ?? names.get(realPaths[source] ?? source);
    if (kname !== undefined) found.add(kname);
  }
  if (mount.fstype === 'zfs') addPool(mount, nodes, found);
  const spans = filesystems.filter(({ devices }) => devices.some((name) => found.has(name)));
  // A btrfs root is often mounted as /dev/root, which is no node: then it is one that no other mount names.
  if (mount.fstype === 'btrfs' && found.size === 0)
    spans.push(...filesystems.filter((each) => each.type === 'btrfs' && !isNamed(each, mounts)));
  for (const { devices } of spans) for (const name of devices) found.add(name);
  return found;
}

/** Of ZFS only the label of its members tells the pool: the first part of the source. */
function addPool(
  { source }: MountEntry,
  nodes: ReadonlyMap<string, BlockNode>,
  found: Set<string>,
): void {
  const pool = source.split('/')[0];
  for (const { kname, fstype, label } of nodes.values())
    if (fstype === 'zfs_member' && (label === pool || label === null)) found.add(kname);
}

function isNamed({ devices }: KernelFilesystem, mounts: readonly MountEntry[]): boolean {
  return mounts.some(({ source }) => devices.includes(posix.basename(source)));
}

/** Paths that a mount is made of; for each the ways in which it may be meant. */
function layersOf(mount: MountEntry): string[][] {
  return layerPaths(mount).map((paths) =>
    // Docker mounts with short relative paths from a folder near the mount.
    paths.map((path) => posix.resolve(posix.dirname(mount.mountPoint), path)),
  );
}

/**
 * Before Linux 6.8 folders come as they were given, with `\:` and `\,` for colon and comma; since then
 * those that have an option each (`lowerdir+`) come as they are. `::` comes before layers of data alone.
 */
function layerPaths({ fstype, device, source, options }: MountEntry): string[][] {
  if (fstype === 'overlay')
    return options
      .filter(([name]) => LAYER_OPTIONS.includes(name))
      .flatMap(([name, value]) =>
        name === 'lowerdir' ? (value.match(/(?:\\.|[^:])+/g) ?? []) : [value],
      )
      .map((path) => [...new Set([path, path.replaceAll(/\\(.)/g, '$1')])]);
  // eCryptfs, bindfs and filesystems in a file name their folder as source; //server/share is a network's.
  if (!device.startsWith('0:') || !/^\/(?!\/|dev\/)/.test(source)) return [];
  return source.split(':').map((path) => [path]);
}

/** All mounts at the closest mount point above a path: any of those that are stacked there may be meant. */
function mountsCovering(
  path: string,
  mounts: readonly MountEntry[],
  above: ReadonlySet<string>,
): readonly MountEntry[] {
  const candidates = mounts.filter(
    ({ mountPoint, device }) =>
      !above.has(device) &&
      (path === mountPoint || path.startsWith(`${mountPoint}/`) || mountPoint === '/'),
  );
  const length = Math.max(...candidates.map(({ mountPoint }) => mountPoint.length));
  return candidates.filter(({ mountPoint }) => mountPoint.length === length);
}
