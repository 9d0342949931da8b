import { named, stick } from './scenario-file.ts';
import type { ScenarioImage } from '../host/scenario.ts';
import type { Drive } from '../../src/shared/model/drive.ts';

const MAKES = [
  ['SanDisk', 'Ultra', 64_023_257_088],
  ['Kingston', 'DataTraveler 3.0', 31_914_983_424],
  ['Transcend', 'JetFlash', 64_023_257_088],
  ['Buffalo', 'RUF3-K64GB', 62_109_253_632],
] as const;

/** As many sticks as one run takes, on two hubs; two of them differ by their sockets alone. */
export const SIXTEEN: readonly Drive[] = Array.from({ length: 16 }, (_, i) => {
  const letter = String.fromCharCode('b'.charCodeAt(0) + i);
  const [vendor, model, size] = MAKES[i % MAKES.length] ?? MAKES[0];
  const isNameless = i % MAKES.length === 3 && i < 8;
  const serial = isNameless ? null : `4C53000${(i + 10).toString(16).toUpperCase()}9F${i + 10}`;
  const labels = i % 3 === 0 ? ['ota_cache_src'] : i % 3 === 1 ? [] : ['BACKUP'];
  const mounts =
    i === 0 ? [{ path: '/media/kim/ota_cache_src', device: '/dev/sdb', pinned: false }] : [];
  const port = `${i < 8 ? 1 : 2}-1.${(i % 8) + 1}`;
  return named(stick(letter, { size, labels, mounts, port }), vendor, model, serial);
});

/** One image for twenty ECUs, one of them by another key than the others. */
export const TWENTY_ECUS: ScenarioImage = {
  payloads: Array.from({ length: 20 }, (_, i) => ({
    ecuId: `ecu_${String(i + 1).padStart(2, '0')}`,
    version: `1.${i + 1}.0`,
    releaseKey: i === 19 ? ('dev' as const) : ('prd' as const),
  })),
  files: 640,
  bytes: 28e6,
};

/** What the first of the sticks holds: an older version of two ECUs. */
export const HELD_OLD = ['autoware', 'perception'].map((ecuId) => ({
  ...{ ecuId, version: 'ver_20250704', files: 11_000, bytes: 400e6 },
}));
