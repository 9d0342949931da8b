/**
 * Bundles the elevated launcher and writer, and the process that runs sudo-prompt, each to one file in out/writer, or
 * in the folder that is given: they run by themselves, outside the app's archive, and load nothing else.
 */
import { join } from 'node:path';
import { bundleProgram } from './bundle-program.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../out/writer');

await bundleProgram('src/main/writer/launcher.ts', folder, 'launcher');
await bundleProgram('src/main/writer/main.ts', folder, 'writer');
await bundleProgram('src/main/elevation/sudo-prompt-host.ts', folder, 'sudo-prompt-host');
