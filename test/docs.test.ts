import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** What the documents name is there: links, their headings, and files of the project. */

const ROOT = join(import.meta.dirname, '..');
const ROOMS = ['.ci', 'bench', 'docs', 'e2e', 'packaging', 'scripts', 'src', 'test'];

const files = [
  ...readdirSync(ROOT),
  ...ROOMS.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map((path) =>
      join(room, path),
    ),
  ),
];
const documents = files.filter((path) => /^([A-Z]+|docs\/.*)\.md$/u.test(path));

const read = (document: string): string => readFileSync(join(ROOT, document), 'utf8');

/** The names that GitHub gives to headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gmu)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Links of a document that lead nowhere; those into the web are not followed. */
function brokenLinks(document: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/u.test(target)) return false;
    const [path = '', anchor] = decodeURI(target).split('#');
    const file = path === '' ? document : relative(ROOT, join(ROOT, dirname(document), path));
    if (!existsSync(join(ROOT, file))) return true;
    return anchor !== undefined && !anchors(read(file)).includes(anchor);
  });
}

/**
 * Files named in code spans that are not there: `src/main/writer`, `src/shared/errors/<area>.ts`, or only the
 * end of a path, as `inspect/v1/` or `session.ts`.
 */
function missingFiles(text: string): string[] {
  const names = [...text.matchAll(/`([\w.*{},<>/-]+)`/gu)].map(([, name = '']) => name);
  return names.filter((name) => {
    const isRooted = ROOMS.some((room) => name.startsWith(`${room}/`));
    if (!isRooted && (!/\.tsx?$/u.test(name) || /^\w?\./u.test(name))) return false;
    const pattern = name
      .replace(/\/$/u, '')
      .replaceAll('.', '\\.')
      .replaceAll(/\*+|<\w+>/gu, '[^/]+')
      .replaceAll(/\{([^}]+)\}/gu, (_, choices: string) => `(${choices.replaceAll(',', '|')})`);
    const match = new RegExp(`${isRooted ? '^' : '(^|/)'}${pattern}$`, 'u');
    return !files.some((path) => match.test(path));
  });
}

test.each(documents)('%s', (document) => {
  const text = read(document);
  expect(brokenLinks(document, text), 'links').toEqual([]);
  // The changelog names what was there once.
  if (document !== 'CHANGELOG.md') expect(missingFiles(text), 'files').toEqual([]);
});

test('a wrong link, heading and file are seen', () => {
  const text =
    '[a](docs/no.md) [b](#no) [c](README.md#no) [d](#yes)\n# Yes\n`src/no.ts` `no/{a,b}.ts`';
  expect(brokenLinks('README.md', text)).toEqual(['docs/no.md', '#no', 'README.md#no', '#yes']);
  expect(missingFiles(text)).toEqual(['src/no.ts', 'no/{a,b}.ts']);
});
