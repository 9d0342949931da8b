/** Writes the licences of everything that the packaged app contains to out/licences.txt. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Packages that are bundled into the window; their dependencies follow. */
const BUNDLED = [
  'react',
  'react-dom',
  'react-aria-components',
  'lucide-react',
  '@tanstack/react-virtual',
];

const read = (folder: string): Package =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Package;

/** As Node finds a package: beside the one that needs it, or in a folder above. */
function find(name: string, from: string): string | null {
  for (let folder = from; folder.startsWith(ROOT.slice(0, -1)); folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
  }
  return null;
}

const found = new Map<string, string>();

function collect(names: readonly string[], from: string): void {
  for (const name of names) {
    const folder = find(name, from);
    if (folder === null || found.has(folder)) continue;
    const { dependencies = {}, version, license, name: ownName } = read(folder);
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/iu.test(entry));
    const text = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8').trim();
    found.set(folder, `${ownName} ${version} (${license ?? 'see below'})\n\n${text}`);
    collect(Object.keys(dependencies), folder);
  }
}

collect([...Object.keys(read(ROOT).dependencies ?? {}), ...BUNDLED], ROOT);
const sections = [...found.values()].sort();
const rule = `\n\n${'-'.repeat(72)}\n\n`;
writeFileSync(path.join(ROOT, 'out/licences.txt'), `${sections.join(rule)}\n`);
