import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * What the main process holds after unreferenced memory was collected: garbage that V8 has left for later is
 * no growth.
 * @returns {{ resident: number, held: number }} bytes: of the process and its threads; of the main thread's objects.
 */
export function takeMemory() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, held: heapUsed + external };
}
