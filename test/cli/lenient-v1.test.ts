import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { cli, put } from '../support/cli.ts';
import { issue, LEAF_EXTENSIONS, openssl, type Identity } from '../support/pki.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding } from '../support/tools.ts';
import { offlineServer, playClient } from '../support/v1-client.ts';
import {
  makeImage,
  packImage,
  sha256,
  type Descriptor,
  type ImageSpec,
  type Spoil,
} from '../support/v1-image.ts';

const P = 'application/vnd.tier4.ota';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const TEXT = Buffer.from('compressible '.repeat(300));
const FILES = {
  '/plain': Buffer.from('plain'),
  '/text': TEXT,
  '/nothing': Buffer.alloc(0),
  '/without-resource': Buffer.from('no client makes it'),
};

/** An entry whose blob the image does not even have. */
const foreign = (more: Partial<Descriptor>): Descriptor => ({
  ...{ mediaType: MANIFEST, digest: `sha256:${'0'.repeat(64)}`, size: 7 },
  ...more,
});

describeNeeding([openssl], 'an OTA image v1 in which much is odd, but nothing wrong', () => {
  const keys = sharedTmpFolder();
  let root: Identity;
  let intermediate: Identity;
  let leaf: Identity;
  let stranger: Identity;
  beforeAll(() => {
    root = issue(keys(), { subject: '/CN=root' });
    intermediate = issue(keys(), { subject: '/CN=intermediate', issuer: root });
    stranger = issue(keys(), { subject: '/CN=stranger', issuer: root });
    leaf = issue(keys(), {
      subject: '/CN=signer',
      issuer: intermediate,
      extensions: LEAF_EXTENSIONS,
    });
  });

  /** All at once. */
  const oddities = (): Spoil => ({
    index: ({ manifests }) =>
      manifests.push(
        foreign({ artifactType: `${P}.partition-based-ota-image.v1` }),
        { mediaType: 'application/x-agent', digest: 'sha512:00' } as Descriptor,
        foreign({ mediaType: `${P}.file-based-ota-image.resource_table.v1.sqlite3` }),
      ),
    layers: [foreign({}), 'a layer of another form'],
    fileTable: (database) =>
      database.exec(`
        UPDATE ft_resource SET contents = NULL WHERE size = 0;
        UPDATE ft_regular SET resource_id = NULL WHERE path = '/without-resource'`),
    claims: { iat: undefined },
    header: { x5c: [intermediate.pem, leaf.pem] },
  });
  const imageOf = (spoil: Spoil): string => {
    const spec: ImageSpec = {
      payloads: [{ ecuId: 'main', files: FILES }],
      chain: [leaf, intermediate],
      store(resources) {
        resources.plain(FILES['/plain']);
        resources.compressed(TEXT);
      },
      spoil,
    };
    return put(tmpFolder(), 'x.zip', packImage(makeImage(spec)));
  };
  const build = (image: string, out: string) => {
    const ca = tmpFolder();
    put(ca, 'a.root.pem', root.pem);
    return cli(['--json', '--ca-dir', ca, '--image', `:${image}`, '-o', out]);
  };

  test('is built and verified, and its client installs all of it', async () => {
    const out = join(tmpFolder(), 'out');
    const { exit, stderr, events } = await build(imageOf(oddities()), `${out}/`);
    expect(exit, stderr).toBe(0);
    const report = events.find(({ kind }) => kind === 'image');
    expect(report).toMatchObject({
      report: {
        signature: { state: 'anchored', chain: 'a', signer: 'CN=signer' },
        payloads: [{ ecuId: 'main', files: 3 }],
        warnings: expect.arrayContaining([
          expect.objectContaining({
            code: 'entries-unknown',
            params: expect.objectContaining({ count: 3 }) as unknown,
          }),
        ]) as unknown,
      },
    });
    expect((await cli(['verify', out])).exit).toBe(0);
    const read = (path: string) =>
      existsSync(join(out, path)) ? readFileSync(join(out, path)) : null;
    const { files, faults } = playClient(offlineServer(read, 0), 'main');
    expect([files, faults]).toEqual([3, []]);
    expect(read(`data/${sha256(TEXT)}.zst`)).not.toBeNull();
    expect(read(`data/${sha256(FILES['/nothing'])}`)).toBeNull();
  });

  test.each<[string, () => Spoil, string]>([
    ['none of its entries is a payload', () => ({ index: onlyUnknown }), 'metadata-invalid'],
    [
      'a file that is not empty has no contents',
      () => ({ fileTable: (database) => database.exec('UPDATE ft_resource SET contents = NULL') }),
      'resource-outside',
    ],
    [
      'its certificates are of two chains',
      () => ({ header: { x5c: [leaf.pem, stranger.pem] } }),
      'certificate-invalid',
    ],
  ])('is refused when %s', async (_, spoil, code) => {
    const out = join(tmpFolder(), 'out.tar');
    expect((await build(imageOf({ ...oddities(), ...spoil() }), out)).code).toBe(code);
    expect(existsSync(out)).toBe(false);
  });
});

function onlyUnknown(index: { manifests: Descriptor[] }): void {
  const table = index.manifests.filter(({ mediaType }) => mediaType.includes('resource_table'));
  index.manifests = [foreign({ artifactType: `${P}.partition-based-ota-image.v1` }), ...table];
}
