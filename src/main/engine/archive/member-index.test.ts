import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BuilderError } from '../../../shared/errors.ts';
import { MemberIndex } from './member-index.ts';
import type { TarMember } from './tar-parser.ts';

/** `a=5` a file of 5 bytes, `b>a` a hard link, `c/` a folder, `d@` a symbolic link. */
function membersOf(entries: readonly string[]): Map<string, number> {
  const index = new MemberIndex('test.tar');
  for (const [i, entry] of entries.entries()) {
    const [, name = '', kind, value = ''] = /^(.*?)([=>/@])(.*)$/.exec(entry) ?? [];
    const type = { '=': 'file', '>': 'hardlink', '/': 'directory', '@': 'other' }[kind ?? ''];
    index.add({
      name,
      type: type as TarMember['type'],
      size: kind === '=' ? Number(value) : 0,
      offset: 512 * i,
      linkName: kind === '>' ? value : '',
      runs: null,
    });
  }
  return new Map(Array.from(index.members, ([name, { size }]) => [name, size]));
}

describe('members of an archive', () => {
  test.each<[string, string[], Record<string, number>]>([
    ['a link behind its file', ['a=1', 'b>a'], { a: 1, b: 1 }],
    ['a link before its file', ['b>a', 'a=1'], { a: 1, b: 1 }],
    ['links to links', ['a=1', 'b>a', 'c>b'], { a: 1, b: 1, c: 1 }],
    ['links to links, the file last', ['c>b', 'b>a', 'a=1'], { a: 1, b: 1, c: 1 }],
    ['links to links, the file between', ['c>b', 'a=1', 'b>a'], { a: 1, b: 1, c: 1 }],
    ['a link to nothing', ['b>a'], {}],
    ['links in a ring', ['a>b', 'b>c', 'c>a'], {}],
    ['a link to itself', ['a>a'], {}],
    ['a link to itself that then is a file', ['a>a', 'a=1'], { a: 1 }],
    ['a link to a symbolic link', ['a@', 'b>a'], {}],
    ['a link to a folder', ['a/', 'b>a'], {}],
    ['the last of two files', ['a=1', 'a=2'], { a: 2 }],
    ['a link keeps the file that it was made to', ['a=1', 'b>a', 'a=2'], { a: 2, b: 1 }],
    ['a link that takes the place of a file', ['a=1', 'b=2', 'b>a'], { a: 1, b: 1 }],
    ['a waiting link that became a file', ['b>a', 'b=2', 'a=1'], { a: 1, b: 2 }],
    ['a waiting link that became a symbolic link', ['b>a', 'b@', 'a=1'], { a: 1 }],
    ['a waiting link that waits for another', ['b>a', 'b>c', 'a=1', 'c=3'], { a: 1, b: 3, c: 3 }],
    ['a symbolic link that takes the place of a file', ['a=1', 'a@'], {}],
    ['a folder takes no place', ['a=1', 'a/'], { a: 1 }],
  ])('%s', (_, entries, expected) => {
    expect(Object.fromEntries(membersOf(entries))).toEqual(expected);
  });

  test('are below a folder that is called by a slash alone; a file of that name is unsafe', () => {
    const index = new MemberIndex('test.tar');
    const root = { name: '/', size: 0, offset: 0, linkName: '', runs: null };
    expect(index.add({ ...root, type: 'directory' })).toBe('');
    expect(() => index.add({ ...root, type: 'file' })).toThrow('member-name-unsafe');
  });

  test('of names that occur once are the same in whatever order they come', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const entries = fc.tuple(
      ...names.map((name) =>
        fc.oneof(
          fc.constantFrom(`${name}=1`, `${name}=2`),
          fc.constantFrom(...names).map((target) => `${name}>${target}`),
        ),
      ),
    );
    /** What a link leads to, found by following it through all that there is. */
    const follow = (all: readonly string[], name: string): number | null => {
      for (let steps = 0, at = name; steps <= names.length; steps++) {
        const [kind, value = ''] = all.find((entry) => entry.startsWith(at))?.slice(1) ?? '';
        if (kind === '=') return Number(value);
        at = value;
      }
      return null;
    };
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat()), (all, keys) => {
        const shuffled = all
          .map((entry) => [keys.next().value as number, entry] as const)
          .sort(([a], [b]) => a - b)
          .map(([, entry]) => entry);
        const found = membersOf(shuffled);
        for (const name of names) expect(found.get(name) ?? null).toBe(follow(all, name));
      }),
      { seed: 20_261_124, numRuns: 1000 },
    );
  });

  test('a chain of 100,000 links is followed, from its end too', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => `l${i + 1}>l${i}`);
    expect(membersOf([...chain.toReversed(), 'l0=7']).get('l100000')).toBe(7);
  });

  test('whose names would fill the memory are refused, though there are few', () => {
    const index = new MemberIndex('test.tar');
    // The same one each time, so that the test itself needs no memory.
    const longest = Buffer.alloc(4096, 'x').toString();
    const link = { type: 'hardlink', size: 0, offset: 0, runs: null } as const;
    for (let characters = 0; characters < 2 ** 29; characters += 2 * longest.length)
      index.add({ name: longest, linkName: longest, ...link });
    expect(() => index.add({ name: 'a', linkName: 'b', ...link })).toThrow(BuilderError);
    expect(() => index.add({ name: 'a', linkName: 'b', ...link })).toThrow('archive-limit');
  });
});
