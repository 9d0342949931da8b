/**
 * Bundles the elevated launcher and writer, and the process that runs sudo-prompt, each to one file in out/writer:
 * they run by themselves, outside the app's archive, and load nothing else.
 */
import { join } from 'node:path';
import { bundleProgram } from './bundle-program.ts';

const FOLDER = join(import.meta.dirname, '../out/writer');

await bundleProgram('src/main/writer/launcher.ts', FOLDER, 'launcher');
await bundleProgram('src/main/writer/main.ts', FOLDER, 'writer');
await bundleProgram('src/main/elevation/sudo-prompt-host.ts', FOLDER, 'sudo-prompt-host');
