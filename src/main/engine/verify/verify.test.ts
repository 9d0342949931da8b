import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeIdentity } from '../../../../test/support/certificate.ts';
import { cli, put } from '../../../../test/support/cli.ts';
import {
  makeImage,
  packImage,
  sampleFiles,
  seededBytes,
  sha256,
  zstd,
} from '../../../../test/support/image-factory.ts';
import { packTar, type TarPart } from '../../../../test/support/tar-writer.ts';
import { sharedTmpFolder, tmpFolder } from '../../../../test/support/tmp.ts';
import type { CheckFault, CheckReport } from '../../../shared/model/job.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { detectContainer } from '../archive/detect-container.ts';
import { openFinished } from '../finished/open-finished.ts';
import { inspectFinished } from './inspect-finished.ts';
import { verify } from './verify.ts';

const shared = sharedTmpFolder();
const pristine = () => join(shared(), 'folder');

beforeAll(async () => {
  const identity = makeIdentity();
  const args = [1, 2].flatMap((seed) => {
    const members = makeImage({ files: sampleFiles(seed).slice(0, 14), identity });
    return ['--image', `ecu${seed}:${put(shared(), `${seed}.tgz`, packImage(members))}:v${seed}`];
  });
  const { exit, stderr } = await cli([
    ...args,
    '-o',
    join(shared(), 'x.tar'),
    '-o',
    `${pristine()}/`,
  ]);
  expect(exit, stderr).toBe(0);
});

async function check(path: string, checkSignature = true): Promise<CheckReport> {
  const output = await openFinished(path);
  try {
    return await verify(output, { checkSignature });
  } finally {
    await output.close();
  }
}

/** What checking a changed copy tells. */
async function faultsOf(change: (folder: string) => void): Promise<readonly CheckFault[]> {
  const folder = join(tmpFolder(), 'copy');
  cpSync(pristine(), folder, { recursive: true });
  change(folder);
  const report = await check(folder);
  expect(report.complete).toBe(report.faultCount === 0);
  return report.faults;
}

/** As above, also as a tar archive; both must tell the same. */
async function faultsOfBoth(change: (folder: string) => void): Promise<readonly CheckFault[]> {
  const folder = join(tmpFolder(), 'copy');
  cpSync(pristine(), folder, { recursive: true });
  change(folder);
  const report = await check(folder);
  const parts: TarPart[] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    statSync(join(folder, name)).isDirectory()
      ? { name: `./${name}/` }
      : { name: `./${name}`, content: readFileSync(join(folder, name)) },
  );
  const asTar = await check(put(tmpFolder(), 'copy.tar', packTar(parts)));
  const sorted = (faults: readonly CheckFault[]) => faults.map((f) => JSON.stringify(f)).sort();
  expect(sorted(asTar.faults)).toEqual(sorted(report.faults));
  expect(report.complete).toBe(report.faultCount === 0);
  return report.faults;
}

const blobs = (folder: string) => readdirSync(join(folder, 'data')).sort();
const compressed = (folder: string) => blobs(folder).find((name) => name.endsWith('.zst')) ?? '';
const plain = (folder: string) =>
  blobs(folder).find(
    (name) => !name.endsWith('.zst') && statSync(join(folder, 'data', name)).size > 9,
  ) ?? '';

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function editManifest(folder: string, edit: (manifest: Manifest) => object): void {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  writeFileSync(path, JSON.stringify(edit(manifest)));
}

test('what was built is complete, as a folder and as a tar archive', async () => {
  for (const path of [pristine(), join(shared(), 'x.tar')]) {
    const report = await check(path);
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ complete: true, faultCount: 0 });
    expect(report.manifest?.image_meta.map((image) => image.ecu_id)).toEqual(['ecu1', 'ecu2']);
  }
  expect(await faultsOfBoth(() => undefined)).toEqual([]);
});

describe('tampering is found:', () => {
  test('a flipped bit in any blob', async () => {
    for (const name of [plain(pristine()), compressed(pristine())])
      for (const from of ['start', 'end'])
        expect(
          await faultsOf((folder) => {
            const path = join(folder, 'data', name);
            flip(path, from === 'start' ? 0 : statSync(path).size - 1);
          }),
        ).toMatchObject([{ kind: 'corrupt', path: `data/${name}` }]);
  });

  test('a missing blob, and the figures that it makes wrong', async () => {
    for (const name of [plain(pristine()), compressed(pristine())]) {
      const faults = await faultsOfBoth((folder) => rmSync(join(folder, 'data', name)));
      expect(faults).toContainEqual(
        expect.objectContaining({ kind: 'missing', path: `data/${name}` }),
      );
      expect(faults.filter(({ kind }) => kind === 'manifest').length).toBe(2);
    }
  });

  test('a blob that is shorter, longer or empty', async () => {
    const name = plain(pristine());
    const bytes = readFileSync(join(pristine(), 'data', name));
    for (const content of [bytes.subarray(1), Buffer.concat([bytes, bytes]), Buffer.alloc(0)])
      expect(
        await faultsOfBoth((folder) => writeFileSync(join(folder, 'data', name), content)),
      ).toContainEqual(expect.objectContaining({ kind: 'corrupt', path: `data/${name}` }));
  });

  test('a blob whose zst holds something else, or is none', async () => {
    const name = compressed(pristine());
    for (const content of [zstd(Buffer.from('other'), 3), Buffer.alloc(0)])
      expect(
        await faultsOf((folder) => writeFileSync(join(folder, 'data', name), content)),
      ).toContainEqual(expect.objectContaining({ kind: 'corrupt', path: `data/${name}` }));
  });

  test('files that no image asks for, right or wrong', async () => {
    const content = seededBytes(1, 100);
    const names = [`data/${sha256(content)}`, 'data/notes.txt', 'meta/0/extra', 'meta/7/x', 'x'];
    const faults = await faultsOfBoth((folder) => {
      mkdirSync(join(folder, 'meta/7'), { recursive: true });
      for (const name of names) writeFileSync(join(folder, name), content);
    });
    for (const name of names)
      expect(faults).toContainEqual(expect.objectContaining({ kind: 'unexpected', path: name }));
  });

  test.each(['regulars.txt', 'dirs.txt', 'symlinks.txt', 'persistents.txt', 'sign.pem'])(
    'a changed or missing %s',
    async (name) => {
      const path = `meta/1/${name}`;
      const append = (folder: string) =>
        writeFileSync(
          join(folder, path),
          Buffer.concat([readFileSync(join(folder, path)), Buffer.from('\n')]),
        );
      expect(await faultsOf(append)).toContainEqual(
        expect.objectContaining({ kind: 'corrupt', path }),
      );
      expect(await faultsOf((folder) => rmSync(join(folder, path)))).toContainEqual(
        expect.objectContaining({ kind: 'missing', path }),
      );
    },
  );

  test('a flipped bit in metadata.jwt, also where only its signature tells', async () => {
    const path = 'meta/0/metadata.jwt';
    const { size } = statSync(join(pristine(), path));
    for (const at of [0, Math.floor(size / 2), size - 20])
      expect(await faultsOf((folder) => flip(join(folder, path), at)), `byte ${at}`).not.toEqual(
        [],
      );
    expect(await faultsOf((folder) => rmSync(join(folder, path)))).toContainEqual(
      expect.objectContaining({ kind: 'missing', path }),
    );
  });

  test('every figure of the manifest', async () => {
    for (const figure of ['data_size', 'data_files_num', 'meta_size'] as const)
      expect(
        await faultsOf((folder) =>
          editManifest(folder, (manifest) => ({ ...manifest, [figure]: manifest[figure] + 1 })),
        ),
      ).toMatchObject([{ kind: 'manifest', detail: expect.stringContaining(figure) as string }]);
  });

  test('a symbolic link, which a server would follow out of the stick', async () => {
    const name = plain(pristine());
    const faults = await faultsOf((folder) => {
      symlinkSync('/etc/passwd', join(folder, 'data', sha256(Buffer.from('secret'))));
      rmSync(join(folder, 'data', name));
      symlinkSync(join(pristine(), 'data', name), join(folder, 'data', name));
      symlinkSync('data', join(folder, 'more'));
    });
    for (const path of [`data/${sha256(Buffer.from('secret'))}`, `data/${name}`, 'more'])
      expect(faults).toContainEqual(expect.objectContaining({ kind: 'unexpected', path }));
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'missing', path: `data/${name}` }),
    );
    const parts: TarPart[] = readdirSync(pristine(), { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(pristine(), path)).isFile())
      .map((path) => ({ name: `./${path}`, content: readFileSync(join(pristine(), path)) }));
    const link = { name: './data/link', type: '2', link: '/etc/passwd' };
    const linked = await check(put(tmpFolder(), 'x.tar', packTar([...parts, link])));
    expect(linked.faults).toMatchObject([{ kind: 'unexpected', path: 'data/link' }]);
  });

  test.each([
    ['ecu1', 'ecu1'],
    ['ecu1', 'ECU1'],
  ])('two images for one ECU: %s and %s', async (...ecuIds) => {
    const faults = await faultsOf((folder) =>
      editManifest(folder, (manifest) => ({
        ...manifest,
        image_meta: manifest.image_meta.map((image, i) => ({
          ...image,
          ecu_id: ecuIds[i] ?? image.ecu_id,
        })),
      })),
    );
    const detail = `two images are for the ECU ${ecuIds[1]}`;
    expect(faults).toMatchObject([{ kind: 'manifest', path: 'manifest.json', detail }]);
  });

  test.each(['', '../x', 'a/b', 'a\0', '.x', 'ecu ', 'ｅｃｕ', 'x'.repeat(65)])(
    'an ECU ID that no build takes: %j',
    async (ecuId) => {
      const faults = await faultsOf((folder) =>
        editManifest(folder, (manifest) => ({
          ...manifest,
          image_meta: manifest.image_meta.map((image, i) =>
            i === 0 ? { ...image, ecu_id: ecuId } : image,
          ),
        })),
      );
      expect(faults).toMatchObject([{ kind: 'manifest', path: 'manifest.json' }]);
    },
  );

  test('a manifest of no image, with a mark before it, or with wrong bytes', async () => {
    const path = (folder: string) => join(folder, 'manifest.json');
    const none = await faultsOf((folder) =>
      editManifest(folder, (manifest) => ({ ...manifest, image_meta: [] })),
    );
    expect(none).toContainEqual(expect.objectContaining({ detail: 'it names no image' }));
    for (const before of [Buffer.from('\ufeff'), Buffer.from([0x22, 0xff, 0x22])])
      expect(
        await faultsOf((folder) =>
          writeFileSync(path(folder), Buffer.concat([before, readFileSync(path(folder))])),
        ),
      ).toContainEqual({ kind: 'manifest', path: 'manifest.json', detail: 'it cannot be read' });
  });

  test('a folder with the name of a blob, which the server takes for it', async () => {
    const name = plain(pristine());
    const faults = await faultsOfBoth((folder) => mkdirSync(join(folder, 'data', `${name}.zst`)));
    expect(faults).toMatchObject([{ kind: 'unexpected', path: `data/${name}.zst` }]);
  });

  test('a FIFO or a link to a folder beside the files', async () => {
    const fifo = await faultsOf((folder) => execFileSync('mkfifo', [join(folder, 'data/x')]));
    expect(fifo).toMatchObject([{ kind: 'unexpected', path: 'data/x' }]);
    const linked = await faultsOf((folder) => symlinkSync('/', join(folder, 'meta/x')));
    expect(linked).toMatchObject([{ kind: 'unexpected', path: 'meta/x' }]);
  });

  test('a manifest that is missing, broken or of another layout', async () => {
    const broken: ((folder: string) => void)[] = [
      (folder) => rmSync(join(folder, 'manifest.json')),
      (folder) => writeFileSync(join(folder, 'manifest.json'), '{'),
      (folder) => editManifest(folder, (manifest) => ({ ...manifest, schema_version: 2 })),
      (folder) => editManifest(folder, (manifest) => ({ ...manifest, image_layout_version: 2 })),
      (folder) => editManifest(folder, (manifest) => ({ ...manifest, image_meta: 5 })),
    ];
    for (const change of broken) expect(await faultsOf(change)).not.toEqual([]);
  });

  test('an image that the manifest does not name, and one that is not there', async () => {
    expect(
      await faultsOf((folder) =>
        editManifest(folder, (manifest) => ({
          ...manifest,
          image_meta: manifest.image_meta.slice(0, 1),
        })),
      ),
    ).toContainEqual(expect.objectContaining({ kind: 'unexpected', path: 'meta/1/metadata.jwt' }));
    expect(
      await faultsOf((folder) => rmSync(join(folder, 'meta/1'), { recursive: true })),
    ).toContainEqual(expect.objectContaining({ kind: 'missing', path: 'meta/1/metadata.jwt' }));
  });
});

test('unsigned metadata is right where signatures are not checked', async () => {
  const folder = join(tmpFolder(), 'copy');
  cpSync(pristine(), folder, { recursive: true });
  const path = join(folder, 'meta/0/metadata.jwt');
  const jwt = readFileSync(path, 'latin1');
  // Another letter of base64url: with a flipped bit it might be no JWT at all.
  const letter = jwt.at(-20) === 'A' ? 'B' : 'A';
  writeFileSync(path, `${jwt.slice(0, -20)}${letter}${jwt.slice(-19)}`);
  expect((await check(folder)).faults).toMatchObject([{ path: 'meta/0/metadata.jwt' }]);
  expect((await check(folder, false)).complete).toBe(true);
});

test('a tar archive in which a file is the folder of another is not complete', async () => {
  const parts: TarPart[] = readdirSync(pristine(), { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(pristine(), path)).isFile())
    .map((path) => ({ name: `./${path}`, content: readFileSync(join(pristine(), path)) }));
  // A name of the same length, so that the manifest stays right.
  const [was, now] = ['persistents.txt', 'sign.pem/people'];
  const renamed = parts.map(({ name, content = Buffer.alloc(0) }) => {
    if (name === `./meta/0/${was}`) return { name: `./meta/0/${now}`, content };
    if (name !== './meta/0/metadata.jwt' || typeof content === 'function') return { name, content };
    const [header, payload = '', signature] = Buffer.from(content).toString().split('.');
    const claims = Buffer.from(payload, 'base64').toString().replace(was, now);
    const changed = Buffer.from(claims).toString('base64url').padEnd(payload.length, '=');
    return { name, content: Buffer.from(`${header}.${changed}.${signature}`) };
  });
  const report = await check(put(tmpFolder(), 'x.tar', packTar(renamed)), false);
  expect(report.complete).toBe(false);
  expect(report.faults).toContainEqual(
    expect.objectContaining({ kind: 'corrupt', path: 'meta/0/metadata.jwt' }),
  );
});

test('a mounted stick with files in lost+found is complete', async () => {
  const faults = await faultsOf((folder) => {
    mkdirSync(join(folder, 'lost+found/#12'), { recursive: true });
    writeFileSync(join(folder, 'lost+found/#12/x'), 'saved');
    symlinkSync('/', join(folder, 'lost+found/#13'));
  });
  expect(faults).toEqual([]);
  expect(await faultsOf((folder) => mkdirSync(join(folder, '.Trash-1000')))).toEqual([]);
});

test('a tar archive with the magic of a filesystem, or whose first member is called as one of a codec', async () => {
  const parts: TarPart[] = readdirSync(pristine(), { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(pristine(), path)).isFile())
    .map((path) => ({ name: path, content: readFileSync(join(pristine(), path)) }));
  const magics = ['\x1f\x8b', 'BZh9', 'PK\x03\x04'].map((name) => ({ name: `${name}/` }));
  for (const first of [...magics, { name: './' }]) {
    // The second header is at 512, the third at 1024: the magic is in the name of its owner.
    const path = put(tmpFolder(), 'x.tar', packTar([first, { name: 'meta/' }, ...parts]));
    const bytes = readFileSync(path);
    bytes.writeUInt16LE(0xef53, 1024 + 0x38);
    bytes.fill(0x20, 1024 + 148, 1024 + 156);
    const sum = bytes.subarray(1024, 1536).reduce((total, byte) => total + byte, 0);
    expect((await check(path)).complete, JSON.stringify(first.name)).toBe(true);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 1024 + 148);
    expect(detectContainer(bytes)).toBe('tar');
    // The third header's name is another one now, which is a fault of its own, but of a tar archive.
    expect((await check(put(tmpFolder(), 'y.tar', bytes))).kind).toBe('tar');
  }
});

test('a folder that is no image is refused before it is walked', async () => {
  const folder = tmpFolder();
  writeFileSync(join(folder, 'manifest.json'), '{"name": "a web page"}');
  // Walking it would end in an endless row of folders.
  symlinkSync('..', join(folder, 'deep'));
  mkdirSync(join(folder, 'x/'.repeat(300)), { recursive: true });
  await expect(check(folder)).rejects.toMatchObject({ code: 'verify-not-an-image' });
});

test('an OTA image that was not built yet is reported as such, in every container', async () => {
  const folder = tmpFolder();
  const unpacked = join(folder, 'image');
  mkdirSync(join(unpacked, 'data'), { recursive: true });
  writeFileSync(join(unpacked, 'metadata.jwt'), 'a.b.c');
  execFileSync('tar', ['-cf', join(folder, 'x.tar'), '-C', unpacked, '.']);
  for (const path of [unpacked, join(folder, 'x.tar'), join(shared(), '1.tgz')])
    await expect(check(path), path).rejects.toMatchObject({ code: 'verify-ota-image' });
});

test('what is no offline image is refused', async () => {
  const folder = tmpFolder();
  await expect(check(folder)).rejects.toMatchObject({ code: 'verify-not-an-image' });
  const none = put(folder, 'x.tar', packTar([{ name: 'a', content: Buffer.from('a') }]));
  await expect(check(none)).rejects.toMatchObject({ code: 'verify-not-an-image' });
  const image = join(shared(), '1.tgz');
  expect((await cli(['verify', '--json', image])).exit).toBe(1);
});

test('a tar archive that is cut off is refused anywhere', async () => {
  const whole = readFileSync(join(shared(), 'x.tar'));
  const folder = tmpFolder();
  for (let part = 1; part < 20; part++) {
    const length = Math.floor((whole.length * part) / 20);
    const cut = put(folder, 'cut.tar', whole.subarray(0, length));
    await expect(check(cut)).rejects.toMatchObject({ code: 'archive-truncated' });
  }
});

describe('an image that is taken as an input', () => {
  const options = { caDir: null, checkSignature: false };

  test('whose metadata and manifest change after they were proved is taken as it was proved', async () => {
    const folder = join(tmpFolder(), 'copy');
    cpSync(pristine(), folder, { recursive: true });
    const names = ['metadata.jwt', 'regulars.txt', 'dirs.txt', 'symlinks.txt', 'persistents.txt'];
    const paths = names
      .map((name) => join(folder, 'meta/0', name))
      .concat(`${folder}/manifest.json`);
    const before = paths.map((path) => readFileSync(path));
    let changes = 0;
    const found = await inspectFinished(folder, {
      ...options,
      // Asked for when all was compared.
      get checkSignature() {
        changes++;
        for (const path of paths) writeFileSync(path, readFileSync(path).fill(0x41));
        return false;
      },
    });
    expect(changes).toBeGreaterThan(0);
    const taken = names.map((name) => found.metafiles.find((each) => each.name === `0/${name}`));
    expect(
      taken.map((each) => each && Buffer.from(each.bytes)).concat(Buffer.from(found.manifest)),
    ).toEqual(before);
  });

  test('with more metadata than fits into memory is beyond a limit', async () => {
    const folder = join(tmpFolder(), 'copy');
    cpSync(pristine(), folder, { recursive: true });
    for (let i = 0; i < 5; i++) {
      writeFileSync(join(folder, 'meta', `${i}.txt`), '');
      truncateSync(join(folder, 'meta', `${i}.txt`), 500 * 1024 * 1024);
    }
    await expect(inspectFinished(folder, options)).rejects.toMatchObject({
      data: { code: 'archive-limit', params: { what: 'metadata-size' } },
    });
  });
});
