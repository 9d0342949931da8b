import { readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildPlan } from '../plan/build-plan.ts';

/** Files being removed at once: enough for every thread of the system, whatever their number. */
const MAX_REMOVING = 16;

/**
 * Removes a folder that was to become an output, as much of it as is there. The first file of the plan
 * goes first: without its manifest nothing takes the folder for an image, should the rest be cut short.
 * Node's own `rm` would begin with all files at once, which takes a gigabyte for 300,000 of them.
 */
export async function removeFolder(path: string, plan: BuildPlan): Promise<void> {
  const [manifest] = plan.files;
  if (manifest !== undefined) await unlink(join(path, manifest.path)).catch(leaveToLast);
  for (const directory of plan.directories) {
    const folder = join(path, directory);
    const names = (await readdir(folder).catch(leaveToLast)) ?? [];
    const remove = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop())
        await unlink(join(folder, name)).catch(leaveToLast);
    };
    await Promise.all(Array.from({ length: MAX_REMOVING }, remove));
  }
  await rm(path, { recursive: true, force: true });
}

/** The removal of what is left says what is wrong, and takes folders within. */
function leaveToLast(): undefined {
  return undefined;
}
