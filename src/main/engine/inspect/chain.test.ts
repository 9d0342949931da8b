import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedTmpFolder, tmpFolder } from '../../../../test/support/tmp.ts';
import { describeNeeding } from '../../../../test/support/tools.ts';
import {
  CA_EXTENSIONS,
  issue,
  LEAF_EXTENSIONS,
  openssl,
  type Identity,
} from '../../../../test/support/pki.ts';
import { toErrorData } from '../../../shared/errors.ts';
import { basicConstraints } from './certificate.ts';
import { loadCaChains, readCaFolder, type CaChain } from './ca.ts';
import { validateIssuers, findAnchor } from './chain.ts';

const SAMPLE_CA = join(import.meta.dirname, '../../../../test/fixtures/samples/ca');

describeNeeding([openssl], 'a signing certificate', () => {
  const folder = sharedTmpFolder();
  let root: Identity;
  let intermediate: Identity;
  let second: Identity;
  let leaf: Identity;
  let other: Identity;

  beforeAll(() => {
    const make = (subject: string, issuer?: Identity, extensions = CA_EXTENSIONS) =>
      issue(folder(), { subject, extensions, ...(issuer && { issuer }) });
    root = make('/CN=root');
    intermediate = make('/CN=intermediate', root, ['basicConstraints=critical,CA:true,pathlen:1']);
    second = make('/CN=second', intermediate, ['basicConstraints=critical,CA:true,pathlen:0']);
    leaf = make('/CN=leaf', second, LEAF_EXTENSIONS);
    other = make('/CN=root');
  });

  const chain = (roots: Identity[], intermediates: Identity[]): CaChain => ({
    name: 'test',
    roots: roots.map(({ certificate }) => certificate),
    intermediates: intermediates.map(({ certificate }) => certificate),
  });

  /** What `openssl verify` says, which shares no code with ours. */
  function opensslVerifies(subject: Identity, roots: Identity[], untrusted: Identity[]): boolean {
    const place = tmpFolder();
    const bundle = (name: string, members: Identity[]) => {
      writeFileSync(join(place, name), members.map(({ pem }) => pem).join('\n'));
      return join(place, name);
    };
    try {
      execFileSync(
        openssl.path,
        [
          ...['verify', '-no-CApath', '-no-CAstore', '-CAfile', bundle('roots', roots)],
          ...(untrusted.length > 0 ? ['-untrusted', bundle('untrusted', untrusted)] : []),
          subject.certificatePath,
        ],
        { stdio: 'pipe' },
      );
      return true;
    } catch {
      return false;
    }
  }

  const bothSay = (subject: Identity, roots: Identity[], untrusted: Identity[]) => {
    const ours =
      findAnchor(subject.certificate, [chain(roots, untrusted)], { now: new Date() }) !== null;
    expect(ours).toBe(opensslVerifies(subject, roots, untrusted));
    return ours;
  };

  test('is anchored by root and intermediates in any order', () => {
    expect(bothSay(leaf, [root], [intermediate, second])).toBe(true);
    expect(bothSay(leaf, [root], [second, intermediate])).toBe(true);
  });

  test('is not anchored with a gap in the chain', () => {
    expect(bothSay(leaf, [root], [intermediate])).toBe(false);
    expect(bothSay(leaf, [root], [second])).toBe(false);
  });

  test('is not anchored by another root of the same name', () => {
    expect(bothSay(leaf, [other], [intermediate, second])).toBe(false);
  });

  // The second has no key usage that would forbid it, so that only its being no CA does.
  test.each([[LEAF_EXTENSIONS], [['basicConstraints=critical,CA:false']]])(
    'is not anchored by an issuer that is no CA: %j',
    (extensions) => {
      const impostor = issue(folder(), { subject: '/CN=impostor', issuer: root, extensions });
      const forged = issue(folder(), {
        subject: '/CN=forged',
        issuer: impostor,
        extensions: LEAF_EXTENSIONS,
      });
      expect(bothSay(forged, [root], [impostor])).toBe(false);
    },
  );

  test('is not anchored beyond a path length', () => {
    const tooDeep = issue(folder(), { subject: '/CN=deep', issuer: second });
    const subject = issue(folder(), {
      subject: '/CN=subject',
      issuer: tooDeep,
      extensions: LEAF_EXTENSIONS,
    });
    expect(bothSay(subject, [root], [intermediate, second, tooDeep])).toBe(false);
  });

  test('is not anchored before or after its time', () => {
    const chains = [chain([root], [intermediate, second])];
    for (const year of [2000, 2200])
      expect(findAnchor(leaf.certificate, chains, { now: new Date(year, 1) })).toBeNull();
  });

  test('of which only the time of an issuer is in the way says so, and nothing where there is no way', () => {
    const check = (chains: readonly CaChain[], now: Date) =>
      toErrorCode(() => validateIssuers('image', leaf.certificate, chains, { now }));
    const trusted = [chain([root], [intermediate, second])];
    expect(check(trusted, new Date(2000, 1))).toBe('certificate-not-yet-valid');
    expect(check(trusted, new Date(2100, 1))).toBe('certificate-expired');
    expect(check(trusted, new Date())).toBeNull();
    expect(check([chain([other], [intermediate, second])], new Date(2000, 1))).toBeNull();
    expect(check([chain([root], [intermediate])], new Date(2000, 1))).toBeNull();
  });

  test('is not anchored across two chains', () => {
    const chains = [chain([root], []), chain([other], [intermediate, second])];
    expect(findAnchor(leaf.certificate, chains, { now: new Date() })).toBeNull();
  });

  test('takes intermediates from the image alone where asked to', () => {
    const chains = [chain([root], [intermediate, second])];
    const anchor = (intermediates: Identity[]) =>
      findAnchor(leaf.certificate, chains, {
        intermediates: intermediates.map(({ certificate }) => certificate),
        now: new Date(),
      });
    expect(anchor([])).toBeNull();
    expect(anchor([second, intermediate])?.root).toBe(root.certificate);
  });

  test('tells the basic constraints as they are', () => {
    const plain = issue(folder(), { subject: '/CN=x', extensions: ['basicConstraints=CA:true'] });
    const without = issue(folder(), { subject: '/CN=x', extensions: ['keyUsage=keyCertSign'] });
    expect(basicConstraints(root.certificate)).toEqual({
      critical: true,
      ca: true,
      pathLength: null,
    });
    expect(basicConstraints(intermediate.certificate)?.pathLength).toBe(1);
    expect(basicConstraints(leaf.certificate)).toMatchObject({ critical: true, ca: false });
    expect(basicConstraints(plain.certificate)).toMatchObject({ critical: false, ca: true });
    expect(basicConstraints(without.certificate)).toBeNull();
  });

  describe('of a CA folder', () => {
    const write = (files: Record<string, string>) => {
      const dir = tmpFolder();
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
      return dir;
    };

    test('is grouped by chain, in order of names', async () => {
      const chains = await loadCaChains(
        write({
          'b.root.pem': root.pem,
          'a.v2.root.pem': other.pem,
          'b.intermediate.pem': intermediate.pem + second.pem,
          'README.md': 'no certificate',
        }),
      );
      expect(chains.map(({ name }) => name)).toEqual(['a.v2', 'b']);
      expect(chains[1]?.intermediates).toHaveLength(2);
      expect(findAnchor(leaf.certificate, chains, { now: new Date() })?.chain.name).toBe('b');
    });

    test.each([
      ['an empty folder', {}, 'no <chain>.root.pem'],
      ['no PEM', { 'a.root.pem': 'hello' }, 'a.root.pem: no PEM'],
      [
        'a broken certificate',
        { 'a.root.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
        'a.root.pem',
      ],
    ])('with %s is refused', async (_, files, reason) => {
      await expect(loadCaChains(write(files))).rejects.toMatchObject({
        data: {
          code: 'ca-unreadable',
          params: { reason: expect.stringContaining(reason) as string },
        },
      });
    });

    test('leaves hidden files alone, whatever is in them', async () => {
      const dir = write({
        'a.root.pem': root.pem,
        '._a.root.pem': '\0\x05\x16\x07 attributes of macOS',
        '._a.intermediate.pem': '\0\x05\x16\x07',
        '.b.root.pem': 'half written',
      });
      expect(await readCaFolder(dir)).toMatchObject({ chains: [{ name: 'a' }], withoutRoot: [] });
      const chain = (await loadCaChains(dir))[0];
      expect(chain?.roots).toHaveLength(1);
      expect(chain?.intermediates).toEqual([]);
    });

    test('tells of an intermediate without its root, and uses the other chains', async () => {
      const folder = await readCaFolder(
        write({
          'a.root.pem': root.pem,
          'b.intermediate.pem': intermediate.pem,
          'c.intermediate.pem': second.pem,
        }),
      );
      expect(folder.chains.map(({ name }) => name)).toEqual(['a']);
      expect(folder.withoutRoot).toEqual(['b', 'c']);
    });

    test('without any root, or with an intermediate as root, is refused', async () => {
      const refused = { data: { code: 'ca-unreadable' } };
      await expect(
        loadCaChains(write({ 'a.intermediate.pem': intermediate.pem })),
      ).rejects.toMatchObject(refused);
      await expect(loadCaChains(write({ 'a.root.pem': intermediate.pem }))).rejects.toMatchObject(
        refused,
      );
      await expect(loadCaChains(join(tmpFolder(), 'nowhere'))).rejects.toMatchObject(refused);
    });
  });
});

test('the sample CA folder loads', async () => {
  const [chain] = await loadCaChains(SAMPLE_CA);
  expect(chain).toMatchObject({ name: 'sample' });
  expect(chain?.intermediates).toHaveLength(1);
});

function toErrorCode(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return toErrorData(error).code;
  }
}
