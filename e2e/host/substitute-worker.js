import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

/**
 * Makes every worker that is started later from a file whose path ends with `ending` run the module `url` instead.
 * Hooks of `node:module` do not reach the workers of Electron's main process, so the class itself is replaced.
 * Only tests load this: nothing in the app reads a name of a module from its environment.
 */
export function substituteWorker(ending, url) {
  const { Worker } = workerThreads;
  workerThreads.Worker = class extends Worker {
    constructor(file, options) {
      super(String(file).replaceAll('\\', '/').endsWith(ending) ? new URL(url) : file, options);
    }
  };
  // So that `import { Worker }` gives the new class as well.
  syncBuiltinESMExports();
}
