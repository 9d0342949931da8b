import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '..');

/**
 * Bundles a program, with all that it imports, to one file that runs by itself.
 * @param entry path below the repository. @param folder where `<name>.mjs` comes, beside what is there.
 * @param external packages that it still needs, since they find native modules by their own place.
 */
export async function bundleProgram(
  entry: string,
  folder: string,
  name: string,
  external: string[] = [],
): Promise<void> {
  await build({
    ...{ root: ROOT, configFile: false, logLevel: 'warn' },
    ssr: { noExternal: true, external, target: 'node' },
    build: {
      ...{ ssr: join(ROOT, entry), outDir: folder, emptyOutDir: false },
      // The writer stays readable, for people who want to know what gets elevated.
      ...{ minify: false, target: 'node22' },
      rolldownOptions: {
        output: { entryFileNames: `${name}.mjs`, codeSplitting: false },
      },
    },
  });
}
