import type { DriveTarget } from '../engine/target/drive-target.ts';

/** Waits for drives that are being opened: all of them or none. @throws why the first one was not opened. */
export async function openedTogether(
  opening: readonly Promise<DriveTarget>[],
): Promise<readonly DriveTarget[]> {
  const results = await Promise.allSettled(opening);
  const failed = results.find((result) => result.status === 'rejected');
  const targets = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  if (failed === undefined) return targets;
  await Promise.allSettled(targets.map((target) => target.close()));
  throw failed.reason;
}
