import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { handleFaults } from './faults.ts';

test.each(['uncaughtException', 'unhandledRejection'])(
  'each %s is logged, and too many of them end the app once',
  (event) => {
    const process = new EventEmitter();
    const logged: unknown[] = [];
    const ends: unknown[] = [];
    handleFaults(process as unknown as NodeJS.Process, {
      log: (_event, error) => logged.push(error),
      giveUp: (error) => ends.push(error),
    });
    for (let i = 1; i <= 10; i += 1) process.emit(event, i);
    expect(ends).toEqual([]);
    process.emit(event, 11);
    process.emit(event, 12);
    expect(ends).toEqual([11]);
    expect(logged).toHaveLength(12);
  },
);
