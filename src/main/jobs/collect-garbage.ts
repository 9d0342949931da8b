import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How far the heap may grow beyond what lives before the next collection. By itself V8 lets it nearly
 * double, and for 300,000 files most of that would be garbage; this takes a tenth more time.
 */
const HEAP_GROWING_PERCENT = 20;

/** Keeps the memory of jobs near to what they need; for the whole process, from now on. */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
}

/**
 * Gives memory back now. When an inspection ends, some hundred megabytes die at once (the names of all
 * members); left alone, V8 keeps them until the heap has doubled, and an old laptop begins to swap.
 */
export function collectGarbage(): void {
  exposedCollector()();
}

/**
 * Gives back also what V8 keeps for a next time: half of what is resident after 300,000 files were verified. It takes
 * up to half a second; for a process that goes on for hours.
 */
export function returnMemory(): void {
  exposedCollector()({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

function exposedCollector(): (options?: Readonly<Record<string, string>>) => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as ReturnType<typeof exposedCollector>;
}
