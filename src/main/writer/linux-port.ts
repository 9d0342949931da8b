import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * Kernel drivers for card readers alone (drivers/usb/storage). What they drive keeps its slot when the
 * card is gone.
 */
const READER_DRIVERS: ReadonlySet<string> = new Set([
  ...['ums-alauda', 'ums-datafab', 'ums-eneub6250', 'ums-jumpshot'],
  ...['ums-realtek', 'ums-sddr09', 'ums-sddr55'],
]);

/**
 * How readers call themselves: `SD/MMC`, `Card Reader`, `USB3.0 CRW`, `Multi-Card`, `MicroSD`, and the
 * `STORAGE DEVICE` of Genesys. To miss the name of a stick costs no more than its light staying on.
 */
const READER_NAME =
  /reader|multi-?card|\bcrw\b|\bmicro-?sd\b|\bsd\b|\bmmc\b|compact ?flash|memory ?stick|\bsmartmedia\b|^storage device$/iu;

/**
 * The sysfs folder of the USB device that is to be switched off with its disk; null where only the
 * medium may be taken out:
 *
 * - `removable` of the USB device says `fixed`: it is built in, and would be gone until the computer is
 *   started again. The kernel has this from ACPI and the hub (Documentation/ABI/stable/sysfs-bus-usb).
 * - It is a card reader: the next card needs it.
 * - It has more disks than this one, which would go too.
 *
 * `removable` of the disk says none of that: it is 1 for readers and for most sticks. udisks
 * (`set_connection_bus` in udiskslinuxdrive.c) lets every USB disk be switched off, and leaves it to the
 * person; here it happens by itself.
 * @param deviceNumber of the whole disk. @param sys where sysfs is mounted.
 */
export async function portToSwitchOff(deviceNumber: string, sys = '/sys'): Promise<string | null> {
  const disk = await realpath(join(sys, 'dev/block', deviceNumber)).catch(() => null);
  // …/usb1/1-2 is the device, 1-2:1.0 its interface, below which are host, target, LUN and disk.
  const match = disk === null ? null : /^(.*\/usb\d+\/[^:]*\d)\/([^/]*:[^/]*)\//u.exec(disk);
  const [, device, port] = match ?? [];
  if (disk === null || device === undefined || port === undefined) return null;
  if ((await text(join(device, 'removable'))) === 'fixed') return null;
  if (await isReader(disk, device, join(device, port))) return null;
  const links = await Promise.all(
    (await readdir(join(sys, 'block'))).map((name) =>
      // Another disk may be unplugged in this moment.
      realpath(join(sys, 'block', name)).catch(() => ''),
    ),
  );
  return links.filter((link) => link.startsWith(`${device}/`)).length === 1 ? device : null;
}

async function isReader(disk: string, device: string, port: string): Promise<boolean> {
  const driver = await realpath(join(port, 'driver')).catch(() => '');
  if (READER_DRIVERS.has(basename(driver))) return true;
  const names = [join(device, 'product'), join(disk, 'device/model'), join(disk, 'device/vendor')];
  return (await Promise.all(names.map(text))).some((name) => READER_NAME.test(name));
}

/** A sysfs attribute, without the spaces that SCSI pads names with; empty where there is none. */
async function text(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
