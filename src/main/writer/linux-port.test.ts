import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { portToSwitchOff } from './linux-port.ts';

const DEVICE = 'devices/pci0000:00/0000:00:14.0/usb1/1-2';

/** What sysfs has of one USB device, as recorded from sticks and readers. */
interface Recorded {
  /** `removable` of the USB device; null: a kernel that has none. */
  readonly removable: 'removable' | 'fixed' | 'unknown' | null;
  readonly product: string;
  /** As SCSI pads them. */
  readonly vendor: string;
  readonly model: string;
  readonly driver?: string;
  /** Disks of the device, one a LUN. */
  readonly disks?: number;
  /** e.g. behind a hub. */
  readonly device?: string;
}

const STICK: Recorded = {
  ...{ removable: 'removable', product: 'Ultra', vendor: 'SanDisk ', model: 'Ultra           ' },
};

function sysfs(recorded: Recorded): { sys: string; device: string } {
  const sys = tmpFolder();
  const device = join(sys, recorded.device ?? DEVICE);
  const interfaceName = `${device.split('/').at(-1) ?? ''}:1.0`;
  const write = (path: string, value: string) => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, `${value}\n`);
  };
  if (recorded.removable !== null) write(join(device, 'removable'), recorded.removable);
  write(join(device, 'product'), recorded.product);
  const driver = join(sys, 'bus/usb/drivers', recorded.driver ?? 'usb-storage');
  mkdirSync(driver, { recursive: true });
  mkdirSync(join(device, interfaceName), { recursive: true });
  symlinkSync(driver, join(device, interfaceName, 'driver'));
  mkdirSync(join(sys, 'dev/block'), { recursive: true });
  mkdirSync(join(sys, 'block'), { recursive: true });
  for (let lun = 0; lun < (recorded.disks ?? 1); lun++) {
    const scsi = join(device, interfaceName, `host6/target6:0:0/6:0:0:${String(lun)}`);
    write(join(scsi, 'vendor'), recorded.vendor);
    write(join(scsi, 'model'), recorded.model);
    const name = `sd${'bcde'[lun] ?? ''}`;
    const disk = join(scsi, 'block', name);
    // Of a stick too: it says that the medium, or all of it, can be taken out.
    write(join(disk, 'removable'), '1');
    symlinkSync('../../../6:0:0:' + String(lun), join(disk, 'device'));
    symlinkSync(disk, join(sys, 'block', name));
    symlinkSync(disk, join(sys, `dev/block/8:${String(16 * (lun + 1))}`));
  }
  // The computer's own disk, which is on no USB.
  const own = join(sys, 'devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda');
  mkdirSync(own, { recursive: true });
  symlinkSync(own, join(sys, 'block/sda'));
  symlinkSync(own, join(sys, 'dev/block/8:0'));
  return { sys, device };
}

test.each<[string, Partial<Recorded>]>([
  ['at a port of which the firmware says that it is outside', {}],
  ['at a port of which nothing is known', { removable: 'unknown' }],
  ['of a kernel that says nothing of ports', { removable: null }],
  ['behind a hub', { device: `${DEVICE}/1-2.4` }],
  ['that speaks UAS', { driver: 'uas' }],
  ['whose name has letters of a reader’s in it', { product: 'Sdcomm Transcriber', model: 'MMCX' }],
])('a stick %s is switched off', async (_title, change) => {
  const { sys, device } = sysfs({ ...STICK, ...change });
  expect(await portToSwitchOff('8:16', sys)).toBe(device);
});

test.each<[string, Partial<Recorded>]>([
  ['is built in', { removable: 'fixed' }],
  ['is a reader by its product', { removable: 'unknown', product: 'USB3.0 Card Reader' }],
  ['is a reader by its model', { vendor: 'Generic-', model: 'SD/MMC          ' }],
  ['is a reader with one slot', { vendor: 'Generic-', model: 'USB3.0 CRW   -SD' }],
  ['is a reader for microSD', { product: 'USB Storage', vendor: 'Mass    ', model: 'MicroSD' }],
  ['is a reader of Genesys', { vendor: 'Generic ', model: 'STORAGE DEVICE  ' }],
  ['is a reader by its driver', { driver: 'ums-realtek', vendor: 'Generic-', model: 'Storage' }],
  ['has more disks, which would go too', { disks: 2 }],
])('a device that %s stays on, and only its medium is ejected', async (_title, change) => {
  const { sys } = sysfs({ ...STICK, ...change });
  expect(await portToSwitchOff('8:16', sys)).toBeNull();
});

test('a disk that is on no USB has no port', async () => {
  const { sys } = sysfs(STICK);
  expect(await portToSwitchOff('8:0', sys)).toBeNull();
  expect(await portToSwitchOff('8:240', sys)).toBeNull();
});
