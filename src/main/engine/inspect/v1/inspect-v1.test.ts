import { sign } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  CA_EXTENSIONS,
  issue,
  LEAF_EXTENSIONS,
  openssl,
  type Identity,
} from '../../../../../test/support/pki.ts';
import { sharedTmpFolder, tmpFolder } from '../../../../../test/support/tmp.ts';
import { describeNeeding } from '../../../../../test/support/tools.ts';
import {
  filter,
  makeImage,
  packImage,
  sha256,
  zstd,
  type Descriptor,
  type ImageSpec,
  type PayloadSpec,
  type ResourceWriter,
  type Spoil,
} from '../../../../../test/support/v1-image.ts';
import { BuilderError, type ErrorData } from '../../../../shared/errors.ts';
import type { InspectedImage } from '../inspected-image.ts';
import { inspect } from '../inspect.ts';

/** Bytes that do not compress, different for each seed. */
function noise(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const PLAIN = noise(1, 3000);
const TEXT = Buffer.from('compressible '.repeat(300));
const SLICED = noise(2, 5000);
const PACKED_SLICED = Buffer.concat([TEXT, noise(3, 4000)]);
const SMALL = [noise(4, 100), noise(5, 200), noise(6, 300)] as const;
const TINY = Buffer.from('inlined');

const FILES = {
  '/plain': PLAIN,
  '/text': TEXT,
  '/sliced': SLICED,
  '/packed-sliced': PACKED_SLICED,
  '/small/a': SMALL[0],
  '/small/b': SMALL[1],
  '/small/c': SMALL[2],
  '/tiny': TINY,
  '/empty': Buffer.alloc(0),
  '/line\nfeed': TINY,
};
const BUNDLE = Buffer.concat(SMALL);

/** SQL that gives ft_resource these definitions of ids and digests, and last what joins look for. */
const remade = (columns: string, last = 'resource_id INTEGER,digest BLOB') => `
  CREATE TEMP TABLE o AS SELECT resource_id, digest, size, contents FROM ft_resource;
  DROP TABLE ft_resource;
  CREATE TABLE ft_resource (${columns},size INTEGER NOT NULL,contents BLOB,${last});
  INSERT INTO ft_resource SELECT *, resource_id, digest FROM o`;

function storeAll(resources: ResourceWriter): void {
  resources.plain(PLAIN);
  resources.compressed(TEXT);
  resources.sliced(SLICED, 2000);
  resources.compressedSliced(PACKED_SLICED, 1500);
  resources.bundled(SMALL, (bundle) => resources.compressed(bundle));
}

describeNeeding([openssl], 'an OTA image v1', () => {
  const folder = sharedTmpFolder();
  let root: Identity;
  let intermediate: Identity;
  let leaf: Identity;
  let caDir: string;

  beforeAll(() => {
    root = issue(folder(), { subject: '/CN=root' });
    intermediate = issue(folder(), { subject: '/CN=intermediate', issuer: root });
    leaf = signer(intermediate);
    caDir = join(folder(), 'ca');
    mkdirSync(caDir);
    writeFileSync(join(caDir, 'test.root.pem'), root.pem);
    writeFileSync(join(caDir, 'test.intermediate.pem'), intermediate.pem);
  });
  afterEach(() => vi.useRealTimers());

  const signer = (issuer: Identity, curve?: string) =>
    issue(folder(), {
      subject: '/CN=signer',
      issuer,
      extensions: LEAF_EXTENSIONS,
      ...(curve && { curve }),
    });

  const spec = (spoil: Spoil = {}, more: Partial<ImageSpec> = {}): ImageSpec => ({
    payloads: [{ ecuId: 'main', files: FILES }],
    chain: [leaf, intermediate],
    store: storeAll,
    spoil,
    ...more,
  });

  function inspectMembers(
    members: ReadonlyMap<string, Uint8Array>,
    ca: string | null = caDir,
    checkSignature = true,
  ): Promise<InspectedImage> {
    const path = join(tmpFolder(), 'image.zip');
    writeFileSync(path, packImage(members));
    return inspect(path, { caDir: ca, checkSignature });
  }

  const inspectSpec = (image: ImageSpec, ca: string | null = caDir) =>
    inspectMembers(makeImage(image), ca);

  async function errorOf(promise: Promise<unknown>): Promise<ErrorData> {
    const error: unknown = await promise.then(
      () => new Error('accepted'),
      (reason: unknown) => reason,
    );
    if (error instanceof BuilderError) return error.data;
    throw error;
  }

  const errorOfSpoiled = (spoil: Spoil) => errorOf(inspectSpec(spec(spoil)));

  test('is reported with what it holds', async () => {
    const { report, payloads } = await inspectSpec(spec());
    expect(report.signature).toMatchObject({
      state: 'anchored',
      chain: 'test',
      signer: 'CN=signer',
    });
    expect(report.payloads).toHaveLength(1);
    expect(report.payloads[0]).toMatchObject({
      ecuId: 'main',
      releaseKey: 'dev',
      version: '1.2.3',
      files: 10,
      directories: 1,
      symlinks: 0,
      unpackedBytes: Object.values(FILES).reduce((sum, { length }) => sum + length, 0),
    });
    const names = payloads[0]?.blobs.map(({ name }) => name) ?? [];
    expect(names).toContain(sha256(PLAIN));
    expect(names).toContain(`${sha256(TEXT)}.zst`);
    expect(names).toContain(`${sha256(BUNDLE)}.zst`);
    expect(names).toContain(sha256(SLICED.subarray(0, 2000)));
    expect(names).toContain(sha256(zstd(PACKED_SLICED).subarray(0, 1500)));
    // Resource table, manifest, config, file table, index.json.
    expect(names).toHaveLength(1 + 2 + 3 + Math.ceil(zstd(PACKED_SLICED).length / 1500) + 5);
  });

  test('goes by the same report as a folder', async () => {
    const place = tmpFolder();
    for (const [name, bytes] of makeImage(spec())) {
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), bytes);
    }
    const { report } = await inspect(place, { caDir, checkSignature: true });
    const { report: zipped } = await inspectSpec(spec());
    expect(report.container).toBe('folder');
    expect(report.payloads).toEqual(zipped.payloads);
  });

  test('stores the compressed form of one file under two names when it is a file itself', async () => {
    const packed = zstd(TEXT);
    const { payloads } = await inspectSpec(
      spec({}, { payloads: [{ ecuId: 'main', files: { ...FILES, '/text.zst': packed } }] }),
    );
    const found = (name: string) => payloads[0]?.blobs.find((blob) => blob.name === name);
    expect(found(`${sha256(TEXT)}.zst`)?.location).toEqual(found(sha256(packed))?.location);
  });

  test('tells of blobs that nothing refers to and leaves them out', async () => {
    const extra = noise(9, 50);
    const { report, payloads } = await inspectSpec(
      spec({ members: (members) => members.set(`blobs/sha256/${sha256(extra)}`, extra) }),
    );
    expect(report.warnings).toContainEqual({ code: 'unlisted-members', params: { count: 1 } });
    expect(payloads[0]?.blobs.some(({ name }) => name === sha256(extra))).toBe(false);
  });

  describe('is taken, as clients take it, when', () => {
    const P = 'application/vnd.tier4.ota.file-based-ota-image';
    const namesOf = ({ payloads }: InspectedImage) => payloads[0]?.blobs.map(({ name }) => name);
    /** An entry whose blob the image does not even have. */
    const foreign = (more: Partial<Descriptor>): Descriptor => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: `sha256:${'0'.repeat(64)}`,
      size: 7,
      ...more,
    });

    test('index.json has entries of other kinds: they are reported and left out', async () => {
      const partition = foreign({
        artifactType: 'application/vnd.tier4.ota.partition-based-ota-image.v1',
        annotations: { 'vnd.tier4.pilot-auto.platform.ecu': 'other' },
      });
      const agent = { mediaType: 'application/x-agent', digest: 'sha512:00' } as Descriptor;
      const second = foreign({ mediaType: `${P}.resource_table.v1.sqlite3` });
      const { report } = await inspectSpec(
        spec({ index: ({ manifests }) => manifests.push(partition, agent, agent, second) }),
      );
      expect(report.payloads.map(({ ecuId }) => ecuId)).toEqual(['main']);
      expect(report.warnings.filter(({ code }) => code === 'entries-unknown')).toEqual([
        {
          code: 'entries-unknown',
          params: {
            count: 4,
            types: `${partition.artifactType}, application/x-agent, ${second.mediaType}`,
          },
        },
      ]);
    });

    test('entries of the known kinds have no artifact type', async () => {
      const index: Spoil['index'] = ({ manifests }) =>
        manifests.forEach((entry) => delete entry.artifactType);
      expect((await inspectSpec(spec({ index }))).report.payloads).toHaveLength(1);
    });

    test('the manifest has further layers, of whatever form', async () => {
      const { report } = await inspectSpec(spec({ layers: [foreign({}), 'layer'] }));
      expect(report.payloads).toHaveLength(1);
    });

    test('an empty file has neither contents nor a row in the resource table', async () => {
      const usual = namesOf(await inspectSpec(spec()));
      const fileTable: Spoil['fileTable'] = (database) =>
        database.exec('UPDATE ft_resource SET contents = NULL WHERE size = 0');
      expect(namesOf(await inspectSpec(spec({ fileTable })))).toHaveLength(usual?.length ?? 0);
      // Only of the empty file.
      const wrong = `UPDATE ft_resource SET contents = NULL, size = 0 WHERE size = ${TINY.length}`;
      const spoil: Spoil = { fileTable: (database) => database.exec(wrong) };
      expect((await errorOfSpoiled(spoil)).code).toBe('resource-invalid');
    });

    test('a file names no resource: no client makes it, so it is not counted', async () => {
      const fileTable: Spoil['fileTable'] = (database) =>
        database.exec(`UPDATE ft_regular SET resource_id = NULL WHERE path = '/plain'`);
      const { report } = await inspectSpec(spec({ fileTable }));
      expect(report.payloads[0]).toMatchObject({
        files: Object.keys(FILES).length - 1,
        unpackedBytes:
          Object.values(FILES).reduce((sum, { length }) => sum + length, 0) - PLAIN.length,
      });
    });

    test.each<[string, Spoil]>([
      ['no time of issue', { claims: { iat: undefined } }],
      ['a time of issue that is null', { claims: { iat: null } }],
      ['another type', { header: { typ: 'JWS' } }],
    ])('the token has %s', async (_, spoil) => {
      expect((await inspectSpec(spec(spoil))).report.signature.state).toBe('anchored');
    });

    test('the certificates are PEM text, in another order, or there twice', async () => {
      const der = ({ certificate }: Identity) => certificate.raw.toString('base64');
      for (const x5c of [
        [leaf.pem, intermediate.pem],
        [der(intermediate), der(leaf)],
        [intermediate.pem, der(leaf)],
        [der(leaf), der(intermediate), intermediate.pem],
      ]) {
        const members = makeImage(spec({ header: { x5c } }));
        const { signature } = (await inspectMembers(members)).report;
        expect(signature).toMatchObject({ state: 'anchored', signer: 'CN=signer' });
        const unchecked = (await inspectMembers(members, null, false)).report.signature;
        expect(unchecked).toMatchObject({ state: 'unchecked', signer: 'CN=signer' });
      }
    });
  });

  describe('is refused when', () => {
    const without = (digest: string): Spoil => ({
      members: (members) => members.delete(`blobs/sha256/${digest}`),
    });
    const changed = (digest: string): Spoil => ({
      members(members) {
        const bytes = Buffer.from(members.get(`blobs/sha256/${digest}`) ?? Buffer.alloc(0));
        bytes[5] = (bytes[5] ?? 0) ^ 1;
        members.set(`blobs/sha256/${digest}`, bytes);
      },
    });

    test('a blob is missing: the bundle, a slice, a plain file', async () => {
      for (const bytes of [zstd(BUNDLE), SLICED.subarray(4000), PLAIN])
        expect(await errorOfSpoiled(without(sha256(bytes)))).toMatchObject({
          code: 'blob-missing',
          params: { path: `blobs/sha256/${sha256(bytes)}`, count: 1 },
        });
    });

    test('a blob has another size', async () => {
      const path = `blobs/sha256/${sha256(PLAIN)}`;
      const spoil: Spoil = { members: (members) => members.set(path, PLAIN.subarray(1)) };
      expect((await errorOfSpoiled(spoil)).code).toBe('blob-size-mismatch');
    });

    test('a bundle or slice has changed', async () => {
      for (const bytes of [zstd(BUNDLE), SLICED.subarray(0, 2000)])
        expect((await errorOfSpoiled(changed(sha256(bytes)))).code).toBe('resource-corrupt');
    });

    test('a document or table below index.json has changed', async () => {
      const members = makeImage(spec());
      const index = JSON.parse(Buffer.from(members.get('index.json') ?? []).toString()) as {
        manifests: { digest: string }[];
      };
      for (const { digest } of index.manifests)
        expect((await errorOfSpoiled(changed(digest.slice(7)))).code).toBe('blob-corrupt');
    });

    test('index.json is not the one that was signed', async () => {
      const spoil: Spoil = {
        members(members) {
          const text = Buffer.from(members.get('index.json') ?? []).toString();
          members.set('index.json', Buffer.from(text.replace('1.2.3', '6.6.6')));
        },
      };
      expect((await errorOfSpoiled(spoil)).code).toBe('metafile-hash-mismatch');
    });

    test('one of its three files is missing', async () => {
      const spoil: Spoil = { members: (members) => members.delete('index.jwt') };
      expect((await errorOfSpoiled(spoil)).code).toBe('metafile-missing');
    });

    test.each<[string, Spoil]>([
      ['the signature is of something else', { signature: (s) => Buffer.from(s).reverse() }],
      ['the signature is cut off', { signature: (s) => s.subarray(0, 63) }],
      ['the signature is empty', { signature: () => Buffer.alloc(0) }],
    ])('%s', async (_, spoil) => {
      expect((await errorOfSpoiled(spoil)).code).toBe('signature-invalid');
    });

    test('the signature is DER, which clients do not take', async () => {
      const signature = (_: Buffer, signed: Buffer) =>
        sign('sha256', signed, readFileSync(leaf.keyPath));
      expect((await errorOfSpoiled({ signature })).code).toBe('signature-invalid');
    });

    test.each<[string, Spoil]>([
      ['no algorithm', { header: { alg: 'none' } }],
      ['a symmetric algorithm', { header: { alg: 'HS256' } }],
      ['no certificates', { header: { x5c: [] } }],
      ['no claim of an index', { claims: { image_index: undefined } }],
      [
        'a digest of another kind',
        { claims: { image_index: { mediaType: 'x', digest: 'md5:00', size: 1 } } },
      ],
    ])('the token has %s', async (_, spoil) => {
      expect((await errorOfSpoiled(spoil)).code).toBe('metadata-invalid');
    });

    test('the image brings its own root', async () => {
      const error = await errorOf(inspectSpec(spec({}, { chain: [leaf, intermediate, root] })));
      expect(error.code).toBe('certificate-root-included');
      // A self-signed signer is the same trick with a chain of one.
      expect((await errorOf(inspectSpec(spec({}, { chain: [root] }), null))).code).toBe(
        'certificate-root-included',
      );
    });

    test('its certificates have expired, or are not valid yet', async () => {
      const members = makeImage(spec());
      vi.useFakeTimers({ toFake: ['Date'], now: new Date('2100-01-01') });
      expect((await errorOf(inspectMembers(members))).code).toBe('certificate-expired');
      vi.setSystemTime(new Date('2000-01-01'));
      expect(await errorOf(inspectMembers(members))).toMatchObject({
        code: 'certificate-not-yet-valid',
        params: { validFrom: expect.stringMatching(/^20/) as string },
      });
    });

    test('any certificate above the signer has expired, the root too', async () => {
      const now = new Date(Date.now() + 10 * 24 * 3600 * 1000);
      const short = { days: 1 } as const;
      const chains = async (...[rootDays, middleDays]: { days?: number }[]) => {
        const top = issue(folder(), { subject: '/CN=top', ...rootDays });
        const middle = issue(folder(), { subject: '/CN=middle', issuer: top, ...middleDays });
        const ca = tmpFolder();
        writeFileSync(join(ca, 'top.root.pem'), top.pem);
        const members = makeImage(spec({}, { chain: [signer(middle), middle] }));
        vi.useFakeTimers({ toFake: ['Date'], now });
        const result = await inspectMembers(members, ca).then(
          () => 'accepted',
          (error: unknown) => error,
        );
        vi.useRealTimers();
        return result;
      };
      expect(await chains({}, {})).toBe('accepted');
      expect(await chains({}, short)).toMatchObject({ code: 'certificate-expired' });
      expect(await chains(short, {})).toMatchObject({ code: 'certificate-expired' });
    });

    test('its certificates are no chain', async () => {
      const stranger = issue(folder(), { subject: '/CN=intermediate', issuer: root });
      const soft = issue(folder(), {
        subject: '/CN=soft',
        issuer: root,
        extensions: ['basicConstraints=CA:true'],
      });
      // One more than clients follow.
      const deep = [intermediate];
      while (deep.length < 6)
        deep.push(
          issue(folder(), { subject: `/CN=ca${deep.length}`, issuer: deep.at(-1) ?? root }),
        );
      const chains = [
        [leaf, stranger],
        [leaf, signer(intermediate)],
        [signer(soft), soft],
        [signer(intermediate, 'secp384r1'), intermediate],
        [signer(deep.at(-1) ?? root), ...deep.toReversed()],
      ];
      for (const chain of chains)
        expect((await errorOf(inspectSpec(spec({}, { chain })))).code).toBe('certificate-invalid');
    });

    test('no given CA anchors it, or only with an intermediate that the image does not bring', async () => {
      const otherRoot = issue(folder(), { subject: '/CN=root', extensions: CA_EXTENSIONS });
      const other = tmpFolder();
      writeFileSync(join(other, 'other.root.pem'), otherRoot.pem);
      expect((await errorOf(inspectSpec(spec(), other))).code).toBe('signature-untrusted');
      expect((await errorOf(inspectSpec(spec({}, { chain: [leaf] })))).code).toBe(
        'signature-untrusted',
      );
      expect((await inspectSpec(spec(), null)).report.signature.state).toBe('unanchored');
    });

    const setFilter = (content: Uint8Array, applied: Uint8Array): Spoil => ({
      resourceTable: (database) =>
        database
          .prepare('UPDATE rs_manifest SET filter_applied = ? WHERE digest = ?')
          .run(applied, Buffer.from(sha256(content), 'hex')),
    });
    const idOf = 'SELECT resource_id FROM rs_manifest WHERE digest = ?';

    test.each<[string, Buffer]>([
      ['an unknown letter', filter('x', 1)],
      ['no colon', Buffer.from('c;\x92\x01\xa4zstd', 'latin1')],
      ['nothing', Buffer.alloc(0)],
      ['another compression', filter('c', 1, 'gzip')],
      ['text for a number', filter('b', 1, 'abc', 2)],
      ['a negative number', Buffer.from([0x73, 0x3a, 0x91, 0xff])],
      ['too few elements', filter('b', 1, 2)],
      ['too many elements', filter('c', 1, 'zstd', 1)],
      ['trailing bytes', Buffer.concat([filter('c', 1, 'zstd'), Buffer.from([0])])],
      ['no slices', filter('s')],
      ['a list that promises more than there is', Buffer.from('733addffffffff01', 'hex')],
    ])('a filter has %s', async (_, applied) => {
      const error = await errorOfSpoiled(setFilter(TEXT, applied));
      expect(error).toMatchObject({ code: 'filter-invalid', params: { resource: sha256(TEXT) } });
    });

    test.each<[string, Buffer]>([
      ['a missing resource', filter('c', 4711, 'zstd')],
      ['a resource beyond 2^53', filter('c', 2n ** 53n + 1n, 'zstd')],
      ['a resource beyond 2^63', filter('c', 2n ** 63n, 'zstd')],
      ['a bundle that is missing', filter('b', 4711, 0, TEXT.length)],
      ['a slice that is missing', filter('s', 4711)],
      // As doubles the sum would be the bundle's size.
      ['a part far outside', filter('b', 1, 2n ** 64n - 1n, TEXT.length)],
    ])('a filter leads to %s', async (_, applied) => {
      const error = await errorOfSpoiled(setFilter(TEXT, applied));
      expect(error).toMatchObject({ code: 'resource-outside', params: { resource: sha256(TEXT) } });
    });

    test('a filter is no blob', async () => {
      const spoil: Spoil = {
        resourceTable: (database) => database.exec("UPDATE rs_manifest SET filter_applied = 'c:'"),
      };
      expect((await errorOfSpoiled(spoil)).code).toBe('table-invalid');
    });

    test('slices lead back to the file that they are of', async () => {
      const error = await errorOfSpoiled({
        resourceTable(database) {
          const digest = Buffer.from(sha256(SLICED), 'hex');
          const { resource_id: id } = database.prepare(idOf).get(digest) ?? {};
          database
            .prepare('UPDATE rs_manifest SET filter_applied = ? WHERE digest = ?')
            .run(filter('s', Number(id)), digest);
        },
      });
      expect(error).toMatchObject({
        code: 'resource-nested',
        params: { resource: sha256(SLICED) },
      });
    });

    test('a compressed form or a bundle leads back to itself', async () => {
      for (const [content, letter] of [
        [TEXT, 'c'],
        [SMALL[0], 'b'],
      ] as const) {
        const error = await errorOfSpoiled({
          resourceTable(database) {
            const digest = Buffer.from(sha256(content), 'hex');
            const { resource_id: id } = database.prepare(idOf).get(digest) ?? {};
            const loop =
              letter === 'c' ? filter('c', Number(id), 'zstd') : filter('b', Number(id), 0, 100);
            database
              .prepare('UPDATE rs_manifest SET filter_applied = ? WHERE digest = ?')
              .run(loop, digest);
          },
        });
        expect(error.code).toBe('resource-nested');
      }
    });

    test('a slice that repeats was lost', async () => {
      const half = noise(7, 1000);
      const twice = Buffer.concat([half, half]);
      const image = (times: number) =>
        spec(
          {},
          {
            payloads: [{ ecuId: 'main', files: { '/twice': twice } }],
            store(resources) {
              const id = resources.plain(half);
              resources.row(twice, filter('s', ...Array.from({ length: times }, () => id)));
            },
          },
        );
      expect((await errorOf(inspectSpec(image(1)))).code).toBe('resource-invalid');
      expect((await inspectSpec(image(2))).payloads[0]?.blobs.length).toBe(1 + 5);
    });

    test('slices are joined in the wrong order', async () => {
      const error = await errorOfSpoiled({
        resourceTable(database) {
          const ids = [2000, 0, 4000].map((at) => {
            const slice = SLICED.subarray(at, at + 2000);
            const row = database.prepare(idOf).get(Buffer.from(sha256(slice), 'hex'));
            return Number(row?.['resource_id']);
          });
          database
            .prepare('UPDATE rs_manifest SET filter_applied = ? WHERE digest = ?')
            .run(filter('s', ...ids), Buffer.from(sha256(SLICED), 'hex'));
        },
      });
      expect(error).toMatchObject({
        code: 'resource-corrupt',
        params: { resource: sha256(SLICED) },
      });
    });

    test('a part is not what its bundle holds there, or reaches beyond it', async () => {
      const move = (offset: number): Spoil => ({
        resourceTable(database) {
          const row = database.prepare(idOf).get(Buffer.from(sha256(BUNDLE), 'hex'));
          database
            .prepare('UPDATE rs_manifest SET filter_applied = ? WHERE digest = ?')
            .run(
              filter('b', Number(row?.['resource_id']), offset, 300),
              Buffer.from(sha256(SMALL[2]), 'hex'),
            );
        },
      });
      expect((await errorOfSpoiled(move(299))).code).toBe('resource-corrupt');
      expect((await errorOfSpoiled(move(301))).code).toBe('resource-outside');
    });

    test.each<[string, string]>([
      ['a file with a resource that does not exist', 'UPDATE ft_regular SET resource_id = 4711'],
      ['a file with an inode that does not exist', 'UPDATE ft_regular SET inode_id = 4711'],
      ['a folder with an inode that does not exist', 'UPDATE ft_dir SET inode_id = 4711'],
      ['a path that is not absolute', `UPDATE ft_regular SET path = 'x' WHERE path = '/plain'`],
      ['a path that is no text', `UPDATE ft_regular SET path = x'2f' WHERE path = '/plain'`],
      ['a size that is no whole number', 'UPDATE ft_resource SET size = 1.5'],
      ['a size below zero', 'UPDATE ft_resource SET size = -1'],
      ['a digest of another length', `UPDATE ft_resource SET digest = x'00' WHERE resource_id = 1`],
      [
        'contents that are text',
        `UPDATE ft_resource SET contents = 'x' WHERE contents IS NOT NULL`,
      ],
      ['sizes beyond all bounds', 'UPDATE ft_resource SET size = 9223372036854775807'],
    ])('the file table has %s', async (_, sql) => {
      const spoil: Spoil = { fileTable: (database) => database.exec(sql) };
      expect((await errorOfSpoiled(spoil)).code).toBe('table-invalid');
    });

    test('the two tables contradict each other, or contents their digest', async () => {
      for (const [sql, code] of [
        ['UPDATE ft_resource SET size = size + 1 WHERE contents IS NULL', 'resource-invalid'],
        [`UPDATE ft_resource SET contents = x'00' WHERE contents IS NOT NULL`, 'resource-invalid'],
        ['UPDATE ft_resource SET digest = zeroblob(32) WHERE resource_id = 1', 'resource-outside'],
        // The same number as a double.
        ['UPDATE ft_resource SET size = 9007199254740993 WHERE resource_id = 1', 'table-invalid'],
      ] as const) {
        const spoil: Spoil = { fileTable: (database) => database.exec(sql) };
        expect((await errorOfSpoiled(spoil)).code, sql).toBe(code);
      }
    });

    test.each<[string, string]>([
      [
        'a view for a table',
        'ALTER TABLE ft_dir RENAME TO d; CREATE VIEW ft_dir AS SELECT * FROM d',
      ],
      ['a view beside the tables', 'CREATE VIEW v AS SELECT 1'],
      ['a trigger', 'CREATE TRIGGER t DELETE ON ft_dir BEGIN SELECT 1; END'],
      ['a check that runs code', 'CREATE TABLE x (a, CHECK (randomblob(1000000000) = a))'],
      ['a default that runs code', 'CREATE TABLE x (a DEFAULT (randomblob(1000000000)))'],
      ['a generated column', 'CREATE TABLE x (a, b AS (zeroblob(1000000000)))'],
      ['an index over an expression', 'CREATE INDEX i ON ft_dir (length(path))'],
      ['a partial index', 'CREATE INDEX i ON ft_dir (path) WHERE inode_id > 1'],
      ['a virtual table', 'CREATE VIRTUAL TABLE x USING fts5(a)'],
      [
        'a table without its unique digests',
        'ALTER TABLE ft_resource RENAME TO o; CREATE TABLE ft_resource AS SELECT * FROM o',
      ],
      [
        'indexes of other columns, whose names end in the same',
        remade('xresource_id INTEGER PRIMARY KEY,xdigest BLOB NOT NULL UNIQUE'),
      ],
      [
        'indexes of other columns, whose names begin with what JavaScript takes for a space',
        remade('\u{a0}resource_id INTEGER PRIMARY KEY,\u{a0}digest BLOB NOT NULL UNIQUE'),
      ],
      [
        'an index that another word makes none',
        remade(
          'resource_id INTEGER PRIMARY KEY,xdigest BLOB NOT NULL UNIQUE',
          'y INTEGER,digest BLOB NOT NULL',
        ),
      ],
      ['a table missing', 'DROP TABLE ft_inode'],
      ['a column missing', 'ALTER TABLE ft_resource DROP COLUMN contents'],
      ['too many tables', Array.from({ length: 70 }, (_, i) => `CREATE TABLE t${i} (a)`).join(';')],
    ])('a table has a schema with %s', async (_, sql) => {
      const spoil: Spoil = { fileTable: (database) => database.exec(sql) };
      expect((await errorOfSpoiled(spoil)).code).toBe('table-invalid');
    });

    test('a table is no database, or a damaged one', async () => {
      const changes: ((bytes: Buffer) => Buffer)[] = [
        () => Buffer.from('hello'),
        (bytes) => bytes.subarray(0, 5000),
        (bytes) => Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xff)]),
      ];
      for (const change of changes)
        expect((await errorOfSpoiled({ tableBytes: change })).code).toBe('table-invalid');
    });

    test('index.json has no payload, no resource table, a payload twice, or another form', async () => {
      const spoils: NonNullable<Spoil['index']>[] = [
        (index) => index.manifests.shift(),
        (index) => index.manifests.pop(),
        (index) => index.manifests.push(...index.manifests.slice(0, 1)),
        (index) => (index.schemaVersion = 1),
        ({ manifests: [first] }) => first && (first.mediaType = 'text/plain'),
        ({ manifests: [first] }) => first && (first.digest = 'sha256:../../etc/passwd'),
        ({ manifests: [first] }) => first && (first.annotations = {}),
      ];
      for (const index of spoils)
        expect((await errorOfSpoiled({ index })).code).toBe('metadata-invalid');
    });
  });

  test('with more constraints in its tables, and spaces between words, is read all the same', async () => {
    const sql = remade(
      'resource_id\n INTEGER PRIMARY  KEY NOT NULL , digest BLOB NOT NULL UNIQUE ON CONFLICT ABORT',
      'x INTEGER,y BLOB',
    );
    const { report } = await inspectSpec(spec({ fileTable: (database) => database.exec(sql) }));
    expect(report.payloads[0]?.files).toBe(10);
  });

  test('in WAL mode is read all the same', async () => {
    const { report } = await inspectSpec(
      spec({
        tableBytes(bytes) {
          bytes[18] = bytes[19] = 2;
          return bytes;
        },
      }),
    );
    expect(report.payloads[0]?.files).toBe(10);
  });

  test('is not checked for its signature when asked so, but for its hashes', async () => {
    const forged = makeImage(spec({ signature: () => Buffer.alloc(64) }));
    const { report } = await inspectMembers(forged, caDir, false);
    expect(report.signature).toMatchObject({ state: 'unchecked', signer: 'CN=signer' });
    forged.set('index.json', Buffer.from('{}'));
    expect((await errorOf(inspectMembers(forged, caDir, false))).code).toBe(
      'metafile-hash-mismatch',
    );
  });

  test('with several payloads tells each, in index order', async () => {
    const payload = (ecuId: string, releaseKey: string): PayloadSpec => ({
      ecuId,
      releaseKey,
      files: releaseKey === 'dev' ? FILES : { '/plain': PLAIN },
    });
    const payloads = [payload('b', 'prd'), payload('a', 'dev'), payload('b', 'dev')];
    const { report } = await inspectSpec(spec({}, { payloads }));
    expect(
      report.payloads.map(({ ecuId, releaseKey, files }) => [ecuId, releaseKey, files]),
    ).toEqual([
      ['b', 'prd', 1],
      ['a', 'dev', 10],
      ['b', 'dev', 10],
    ]);
  });

  test('with any bytes changed in its tables is refused in our words, or accepted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
          minLength: 1,
          maxLength: 8,
        }),
        async (changes) => {
          const spoil: Spoil = {
            tableBytes(bytes) {
              for (const [where, value] of changes)
                bytes[Math.floor(where * (bytes.length - 1))] = value;
              return bytes;
            },
          };
          try {
            await inspectSpec(spec(spoil));
          } catch (error) {
            expect(error).toBeInstanceOf(BuilderError);
          }
        },
      ),
      { seed: 20_260_102, numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
    );
  });
});
