export { build } from './build.ts';
export { checkDrive, checkFinished, checkTarget } from './check.ts';
export { checkAll, type CheckRequest } from './check-all.ts';
export { checkCaFolder } from './check-ca.ts';
export type { JobContext, KnownImage } from './context.ts';
export { findImages } from './find-images.ts';
export { inspectImages, inspectPaths } from './inspect.ts';
/** Unix seconds: the last time that an ext4 filesystem can hold (the year 2446). */
export { MAX_TIMESTAMP as LATEST_TIMESTAMP } from '../engine/ext4/format/inode.ts';
export { STDOUT } from './output-places.ts';
export { openPipe } from '../engine/target/stream.ts';
export { assertDrivesDiffer } from './lanes.ts';
export { openedTogether } from './open-drives.ts';
export { planFinished, planImages } from './plan.ts';
export { proveContents, proveInspected } from './prove.ts';
export { settleEarly } from './settle-early.ts';
export { zstdBackEnd } from '../engine/codec/zstd-context.ts';
export { returnMemory } from './collect-garbage.ts';
