import type { LoggedRequest } from './nbd-server.ts';

/** A cheap stick: bytes per millisecond, and milliseconds for a request that follows no other. */
const RATE = 25_000;
const SEEK = 16;

/**
 * The writes between two flushes that moved the most bytes: what a program writes apart from what it
 * does before and after.
 */
export function writePhase(log: readonly LoggedRequest[]): LoggedRequest[] {
  const phases: LoggedRequest[][] = [[]];
  for (const request of log)
    if (request.kind === 'flush') phases.push([]);
    else phases.at(-1)?.push(request);
  const bytes = (phase: readonly LoggedRequest[]): number =>
    phase.reduce((sum, { kind, length }) => sum + (kind === 'write' ? length : 0), 0);
  return phases.reduce((most, phase) => (bytes(phase) > bytes(most) ? phase : most));
}

/** Milliseconds that such a stick would need: computed, so that no clock of a busy machine counts. */
export function timeOnSlowStick(requests: readonly LoggedRequest[]): number {
  let position = -1;
  let time = 0;
  for (const { offset, length } of requests) {
    time += length / RATE + (offset === position ? 0 : SEEK);
    position = offset + length;
  }
  return time;
}
