export { build, checkPlanContents } from './build.ts';
export { checkDrive, checkTarget } from './check.ts';
export type { JobContext } from './context.ts';
export { inspectImages } from './inspect.ts';
export { planImages } from './plan.ts';
