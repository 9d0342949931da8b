/**
 * Prints the packages that the app contains, as CycloneDX (bom-1.5). `npm sbom` would leave out those that are
 * bundled into our own files, which are dependencies of the build. Electron is listed with the version that is
 * packaged.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { shippedPackages } from './shipped-packages.ts';

const ROOT = path.join(import.meta.dirname, '..');
const { name, version } = manifest('package.json');
const electron = { ...manifest('node_modules/electron/package.json'), licence: 'MIT' };

const components = [electron, ...shippedPackages()].map((shipped) => ({
  type: 'library',
  name: shipped.name,
  version: shipped.version,
  // The “@” of a scope is written so in a package URL.
  purl: `pkg:npm/${shipped.name.replace('@', '%40')}@${shipped.version}`,
  licenses: [{ license: { id: shipped.licence } }],
}));
const metadata = { component: { type: 'application', name, version } };
const bom = { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata, components };
console.log(JSON.stringify(bom, null, 2));

function manifest(file: string): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as {
    name: string;
    version: string;
  };
}
