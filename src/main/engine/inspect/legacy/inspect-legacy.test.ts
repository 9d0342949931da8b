import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { makeIdentity, type MadeIdentity } from '../../../../../test/support/certificate.ts';
import { makeImage, packImage, sampleFiles } from '../../../../../test/support/image-factory.ts';
import { tmpFolder } from '../../../../../test/support/tmp.ts';
import { toErrorData } from '../../../../shared/errors.ts';
import { inspect } from '../inspect.ts';

const RUNS = process.env['NIGHTLY'] === '1' ? 2000 : 25;

/** For the 2,000 on a busy machine: each makes and signs an image. Milliseconds. */
const LONGEST = 1_800_000;

let identity: MadeIdentity;
beforeAll(() => {
  identity = makeIdentity();
});

/** Where, as a part of the whole, and what comes there. */
const changes = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    text: fc.oneof(
      fc.constantFrom("'", ',', '\n', '\r', '/', '..', '\0', '"', '{', ']', "',5,,zst", 'あ'),
      fc.string({ maxLength: 3 }),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);
type Changes = typeof changes extends fc.Arbitrary<infer T> ? T : never;

function changed(text: string, all: Changes): string {
  return all.reduce((now, { at, text: put }) => {
    const index = Math.floor(at * now.length);
    return now.slice(0, index) + put + now.slice(index + 1);
  }, text);
}

type Claims = Record<string, unknown>[];

/** With other texts in one claim, so that what is signed is still JSON. */
function withOneChanged(claims: Claims, { at, text }: Changes[number]): Claims {
  const index = Math.floor(at * claims.length);
  const change = (value: unknown) => changed(String(value), [{ at: (at * 31) % 1, text }]);
  return claims.map((claim, i) =>
    i === index
      ? Object.fromEntries(Object.entries(claim).map(([name, value]) => [name, change(value)]))
      : claim,
  );
}

/** What inspection says of an image that was signed after it was changed. */
async function codeOf(what: 'lists' | 'claims', all: Changes): Promise<string> {
  const members = makeImage({
    ...{ files: sampleFiles(1), identity, symlinks: [['/a', 'b']], persistents: ['/c'] },
    ...(what === 'lists'
      ? {
          editMetafiles: (lists) => {
            for (const name of ['dirs', 'symlinks', 'regulars', 'persistents'] as const)
              lists[name] = Buffer.from(changed(lists[name].toString(), all));
          },
        }
      : {
          editClaims: (claims) => all.reduce(withOneChanged, [...claims]),
        }),
  });
  const path = join(tmpFolder(), 'image.tar');
  writeFileSync(path, packImage(members));
  return inspect(path, { caDir: null, checkSignature: true }).then(
    () => 'accepted',
    (error: unknown) => toErrorData(error).code,
  );
}

test.each(['lists', 'claims'] as const)(
  'an image whose %s hold anything is refused in our words, or read',
  async (what) => {
    const codes = new Set([await codeOf(what, [])]);
    expect(codes).toEqual(new Set(['accepted']));
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const code = await codeOf(what, all);
        codes.add(code);
        expect(code).not.toMatch(/^(internal|cancelled)$/);
      }),
      { seed: 20_261_125, numRuns: RUNS },
    );
    expect(codes.size).toBeGreaterThan(1);
  },
  LONGEST,
);
