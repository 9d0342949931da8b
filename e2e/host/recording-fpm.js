#!/usr/bin/env node
// Takes the place of fpm, which electron-builder calls to make deb and rpm packages and which comes from a
// host that is often out of reach. Keeps what it was asked for, and the files that are gone afterwards.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const args = process.argv.slice(2);
const valuesOf = (name) => args.filter((_arg, index) => args[index - 1] === name);
const files = args
  .filter((arg) => /^[^-].*=\//u.test(arg))
  .map((arg) => {
    const at = arg.lastIndexOf('=');
    return [arg.slice(0, at), arg.slice(at + 1)];
  });
const texts = Object.fromEntries(
  files
    .filter(([, target]) => /\.(xml|desktop)$/u.test(target))
    .map(([source, target]) => [target, readFileSync(source, 'utf8')]),
);
const [target] = valuesOf('--package');
mkdirSync(path.dirname(target), { recursive: true });
const scripts = ['--after-install', '--after-remove'].map((name) =>
  readFileSync(valuesOf(name)[0], 'utf8'),
);
writeFileSync(
  target,
  JSON.stringify({ type: valuesOf('-t')[0], depends: valuesOf('-d'), files, texts, scripts, args }),
);
