// In front of every build: an older npm leaves the core of the bundler out without a word, and what the
// bundler then says leads to a wrong place (see warnOfOldNpm in build-native.js).
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/@rolldown');
if (!existsSync(folder) || !readdirSync(folder).some((name) => name.startsWith('binding-'))) {
  console.error(
    'The bundler is not complete: `npm ci` has not run yet, or with an npm on a Node older than 20.19.\n' +
      'Install Node 20.19 or newer with its npm, and run `npm ci` again.',
  );
  process.exit(1);
}
