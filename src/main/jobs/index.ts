export { build, checkPlanContents } from './build.ts';
export { checkDrive, checkTarget } from './check.ts';
export type { DriveTarget, JobContext, KnownImage } from './context.ts';
export { inspectImages, type InspectRequest } from './inspect.ts';
export { planImages } from './plan.ts';
