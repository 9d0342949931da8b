import { expect, test } from 'vitest';
import { judgeDrive } from '../../shared/drive-verdict.ts';
import { assembleMacDrives } from './mac.ts';
import { parsePlist } from './plist.ts';

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** Writes a property list in the form that diskutil prints. */
function plist(value: Value): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">\n${xml(value)}\n</plist>`;
}

function xml(value: Value): string {
  if (typeof value === 'string')
    return `<string>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</string>`;
  if (typeof value === 'number') return `<integer>${String(value)}</integer>`;
  if (typeof value === 'boolean') return `<${String(value)}/>`;
  if (Array.isArray(value))
    return `<array>${(value as readonly Value[]).map(xml).join('\n')}</array>`;
  const pairs = Object.entries(value).map(([key, inner]) => `<key>${key}</key>\n\t${xml(inner)}`);
  return `<dict>\n${pairs.join('\n')}</dict>`;
}

const LIST = plist({
  AllDisks: ['disk0', 'disk3', 'disk4'],
  AllDisksAndPartitions: [
    {
      DeviceIdentifier: 'disk0',
      Size: 500277790720,
      Partitions: [{ DeviceIdentifier: 'disk0s2', Size: 499e9, Content: 'Apple_APFS' }],
    },
    {
      DeviceIdentifier: 'disk3',
      APFSPhysicalStores: [{ DeviceIdentifier: 'disk0s2' }],
      APFSVolumes: [
        {
          DeviceIdentifier: 'disk3s1',
          VolumeName: 'Macintosh HD',
          MountedSnapshots: [{ SnapshotMountPoint: '/' }],
        },
      ],
      Size: 499e9,
    },
    {
      DeviceIdentifier: 'disk4',
      Size: 31915507712,
      Partitions: [
        {
          DeviceIdentifier: 'disk4s1',
          MountPoint: '/Volumes/A & B',
          Size: 31914983424,
          VolumeName: 'A & B',
        },
      ],
    },
  ],
});

const INFO = {
  disk0: plist({ BusProtocol: 'Apple Fabric', Internal: true, MediaName: 'APPLE SSD', Size: 5e11 }),
  disk4: plist({
    ...{ BusProtocol: 'USB', Internal: false, MediaName: 'SanDisk 3.2Gen1', Removable: true },
    ...{ TotalSize: 31915507712, WritableMedia: true, VirtualOrPhysical: 'Physical' },
  }),
};

test('a stick beside the system disk whose root is a snapshot on a synthesized disk', () => {
  const drives = assembleMacDrives({ list: LIST, info: INFO });
  expect(drives.map((drive) => drive.identity.path)).toEqual(['/dev/disk0', '/dev/disk4']);
  const verdicts = drives.map((drive) => judgeDrive(drive, { allowFixed: true, minimumSize: 0 }));
  expect(verdicts).toMatchObject([
    { usable: false, reason: { code: 'drive-is-system' } },
    { usable: true },
  ]);
  expect(drives[1]).toMatchObject({
    ...{ kind: 'usb', labels: ['A & B'], readOnly: false },
    mounts: [{ path: '/Volumes/A & B', device: '/dev/disk4s1', pinned: false }],
    identity: { model: 'SanDisk 3.2Gen1', size: 31915507712, deviceNumber: 'disk4' },
  });
});

test.each([
  [{ BusProtocol: 'Secure Digital', Internal: true }, 'sd'],
  [{ BusProtocol: 'Disk Image' }, 'loop'],
  [{ BusProtocol: 'USB', VirtualOrPhysical: 'Virtual' }, 'fixed'],
  [{ BusProtocol: 'USB', Internal: true }, 'fixed'],
  [{ BusProtocol: 'PCI-Express', Internal: false }, 'fixed'],
])('%j is %s', (info, kind) => {
  const drives = assembleMacDrives({ list: LIST, info: { disk4: plist(info) } });
  expect(drives).toMatchObject([{ kind }]);
});

test('property lists', () => {
  expect(parsePlist('<plist><array/></plist>')).toEqual([]);
  expect(parsePlist('<plist><string>&#26085;&#x672c;&lt;&quot;</string></plist>')).toBe('日本<"');
  expect(parsePlist('<plist><dict><key>a</key><string></string></dict></plist>')).toEqual({
    a: '',
  });
  for (const broken of ['', '<plist><dict><key>a</key></dict></plist>', '<plist><string>a'])
    expect(() => parsePlist(broken)).toThrow(SyntaxError);
});
