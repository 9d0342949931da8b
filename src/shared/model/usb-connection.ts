import type { Drive } from './drive.ts';

/**
 * Drives that share one USB connection to the computer, because they are behind the same hub: together they
 * are written no faster than that connection. Each group has at least two.
 */
export function sharedConnections(drives: readonly Drive[]): Drive[][] {
  // `2-1.4`: socket 4 of the hub in socket 1 of bus 2. What is plugged into the computer itself has no dot.
  const groups = Map.groupBy(drives, ({ port }) => /^(.*?)\./.exec(port ?? '')?.[1] ?? null);
  return Array.from(groups).flatMap(([hub, group]) =>
    hub !== null && group.length > 1 ? [group] : [],
  );
}
