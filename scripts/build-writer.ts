/**
 * Bundles the elevated writer, and the process that runs sudo-prompt, each to one file in out/writer:
 * they run by themselves, outside the app's archive, and load nothing else.
 */
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '..');
const ENTRIES = {
  writer: 'src/main/writer/main.ts',
  'sudo-prompt-host': 'src/main/elevation/sudo-prompt-host.ts',
};

for (const [name, entry] of Object.entries(ENTRIES))
  await build({
    ...{ root: ROOT, configFile: false, logLevel: 'warn' },
    ssr: { noExternal: true, target: 'node' },
    build: {
      ...{ ssr: join(ROOT, entry), outDir: join(ROOT, 'out/writer'), emptyOutDir: false },
      // The writer is meant to be read by whoever wants to know what gets elevated.
      ...{ minify: false, target: 'node22' },
      rolldownOptions: {
        output: { entryFileNames: `${name}.mjs`, codeSplitting: false },
      },
    },
  });
