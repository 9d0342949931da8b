import '../../src/main/runtime/compile-on-main-thread.ts';
import { registerHooks } from 'node:module';

/**
 * Loaded with `node --import` before the app's real main entry: gives it (and its workers) the
 * stand-in where it asks for `electron`. With OTA_HOST_BACKEND, a module that takes the place of the
 * bundled worker; screens whose state is hard to reach are shown with it.
 */
const standIn = new URL('./electron.ts', import.meta.url).href;
const backend = process.env['OTA_HOST_BACKEND'];

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === 'electron') return { url: standIn, shortCircuit: true };
    if (backend !== undefined && specifier.endsWith('/out/main/backend.js')) {
      return { url: backend, shortCircuit: true };
    }
    return nextResolve(specifier, context);
  },
});
