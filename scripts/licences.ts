/** Writes the licences of everything that the packaged app contains to out/licences.txt. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { shippedPackages, unknownLicences } from './shipped-packages.ts';

const packages = shippedPackages();
const unknown = unknownLicences(packages).map(({ name, licence }) => `${name} (${licence})`);
if (unknown.length > 0)
  throw new Error(`licences to be looked at first, see shipped-packages.ts: ${unknown.join(', ')}`);

const sections = packages.map(
  ({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}`,
);
const rule = `\n\n${'-'.repeat(72)}\n\n`;
const file = path.join(import.meta.dirname, '../out/licences.txt');
writeFileSync(file, `${sections.sort().join(rule)}\n`);
