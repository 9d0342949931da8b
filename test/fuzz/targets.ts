import { archiveTargets } from './targets/archives.ts';
import { borderTargets } from './targets/borders.ts';
import { legacyTargets } from './targets/legacy.ts';
import { selfTargets } from './targets/self.ts';
import { v1Targets } from './targets/v1.ts';
import { vehicleTargets } from './targets/vehicles.ts';
import { volumeTargets } from './targets/volumes.ts';
import type { FuzzTarget } from './target.ts';

/** Every reader of bytes that somebody else made. Seeds of each: corpus/<name>/. */
export const TARGETS: readonly FuzzTarget[] = [
  ...archiveTargets,
  ...legacyTargets,
  ...v1Targets,
  ...volumeTargets,
  ...borderTargets,
  ...vehicleTargets,
];

export function findTarget(name: string): FuzzTarget {
  const found = [...TARGETS, ...selfTargets].find((target) => target.name === name);
  if (found === undefined) throw new RangeError(`no target ${name}`);
  return found;
}
