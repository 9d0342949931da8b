import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npm } from '../scripts/npm.js';
import { shippedPackages, unknownLicences } from '../scripts/shipped-packages.ts';

const ROOT = join(import.meta.dirname, '..');
const shipped = shippedPackages();
const names = new Set(shipped.map(({ name }) => name));

interface Tree {
  readonly name?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

function namesIn({ dependencies = {} }: Tree): string[] {
  return Object.entries(dependencies).flatMap(([name, tree]) => [name, ...namesIn(tree)]);
}

test('everything that npm installs for the product is among what is shipped', () => {
  const args = ['ls', '--omit=dev', '--omit=optional', '--all', '--json'];
  const json = execFileSync(...npm(args), { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  const installed = namesIn(JSON.parse(json) as Tree);
  expect(installed).toContain('minipass');
  const aliases: Readonly<Record<string, string>> = { 'sudo-prompt': '@vscode/sudo-prompt' };
  // A peer that is only of use where sources are written.
  const missing = installed.filter((name) => !names.has(aliases[name] ?? name));
  expect(missing.filter((name) => name !== 'typescript')).toEqual([]);
});

test('every package that the product imports is among what is shipped', () => {
  const sources = globSync('src/**/*.{ts,tsx}', { cwd: ROOT }).filter(
    (path) => !/\.test\.tsx?$|-suite\.ts$/.test(path),
  );
  const imported = new Set(
    sources.flatMap((path) =>
      Array.from(
        readFileSync(join(ROOT, path), 'utf8').matchAll(
          /(?:from|import\(|require\w*\() ?'([^'.][^']*)'/g,
        ),
        ([, name = '']) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
      ),
    ),
  );
  expect(imported).toContain('react');
  const ours = /^(node:.*|electron|sudo-prompt)$/;
  expect([...imported].filter((name) => !ours.test(name) && !names.has(name))).toEqual([]);
});

test('every licence is one that we have looked at, and is shipped with its text', () => {
  expect(unknownLicences(shipped)).toEqual([]);
  // Our own, in scripts/install.
  const standIns = ['node-gyp-build', 'prebuild-install'];
  const without = shipped.filter(({ text, name }) => text.length < 200 && !standIns.includes(name));
  expect(without.map(({ name }) => name)).toEqual(WITHOUT_TEXT);
});

/** Packages that state their licence in package.json alone. */
const WITHOUT_TEXT = ['client-only'];

test('an unreviewed licence, and none at all, are found', () => {
  const [some] = shipped;
  if (some === undefined) throw new Error('nothing is shipped');
  for (const licence of ['SSPL-1.0', 'GPL-3.0-only', ''])
    expect(unknownLicences([{ ...some, licence }])).toHaveLength(1);
});

test('the list of what is in a release has every package that is shipped, and Electron', () => {
  const json = execFileSync(...npm(['run', '--silent', 'sbom']), { cwd: ROOT, encoding: 'utf8' });
  const { components } = JSON.parse(json) as { components: { name: string; purl: string }[] };
  expect([...new Set(components.map(({ name }) => name))].sort()).toEqual(
    ['electron', ...names].sort(),
  );
  expect(components.map(({ purl }) => purl)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^pkg:npm\/%40vscode\/sudo-prompt@9\./u)]),
  );
});
