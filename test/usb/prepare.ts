/** `npm run prepare:vm`: makes what the machine with real USB boots, while other tests run. */
import { buildVm } from './build-vm.ts';

// It takes root, as its tests do; they say so.
if (process.getuid?.() === 0) buildVm();
