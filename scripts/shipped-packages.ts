import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A package that the app contains. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** As the package states it: an SPDX identifier. */
  readonly licence: string;
  /** The text; empty where the package brings none. */
  readonly text: string;
}

/** Packages that are bundled into our own files; their dependencies follow. */
const BUNDLED = [
  'react',
  'react-dom',
  'react-aria-components',
  'lucide-react',
  '@tanstack/react-virtual',
  'zod',
  'zustand',
  'lean-qr',
];

/** What we may ship, and do what it asks for: name the authors; for LGPL-3.0, see docs/dependencies.md. */
const KNOWN_LICENCES: ReadonlySet<string> = new Set([
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'],
  'LGPL-3.0',
]);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Everything that the packaged app contains but Electron, which brings its licences as files. */
export function shippedPackages(): ShippedPackage[] {
  const found = new Map<string, ShippedPackage>();
  const collect = (names: readonly string[], from: string): void => {
    for (const name of names) {
      const folder = find(name, from);
      if (folder === null || found.has(folder)) continue;
      const { dependencies = {}, version, license = '', name: ownName } = read(folder);
      const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/iu.test(entry));
      const text = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8').trim();
      found.set(folder, { name: ownName, version, licence: license, text });
      collect(Object.keys(dependencies), folder);
    }
  };
  collect([...Object.keys(read(ROOT).dependencies ?? {}), ...BUNDLED], ROOT);
  return [...found.values()];
}

/** Those whose licence was not reviewed yet; nothing is shipped while there are any. */
export function unknownLicences(packages: readonly ShippedPackage[]): ShippedPackage[] {
  return packages.filter(({ licence }) => !KNOWN_LICENCES.has(licence));
}

function read(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** As Node finds a package: beside the one that needs it, or in a folder above. */
function find(name: string, from: string): string | null {
  for (let folder = from; folder.startsWith(ROOT.slice(0, -1)); folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
  }
  return null;
}
