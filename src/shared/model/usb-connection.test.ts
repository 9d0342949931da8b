import { expect, test } from 'vitest';
import type { Drive } from './drive.ts';
import { sharedConnections } from './usb-connection.ts';

test.each([
  [['2-1', '2-2'], []],
  [['2-1.4', '2-1.2'], [['2-1.4', '2-1.2']]],
  // A hub behind a hub.
  [['2-1.4.1', '2-1.2', '2-3'], [['2-1.4.1', '2-1.2']]],
  [['2-1.4', '3-1.4'], []],
  [['2-1.4', null], []],
  [[null, null], []],
])('drives at the sockets %j share connections as %j', (ports, expected) => {
  const drives = ports.map((port) => ({ port }) as Drive);
  expect(sharedConnections(drives).map((group) => group.map(({ port }) => port))).toEqual(expected);
});
