import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspect } from '../../src/main/engine/inspect/inspect.ts';
import { makeIdentity } from './certificate.ts';
import {
  compressArchive,
  makeImage,
  makePki,
  packImage,
  packWithGnuTar,
  sampleFiles,
  seededBytes,
  unpackImage,
} from './image-factory.ts';
import { openssl } from './pki.ts';
import { packTar } from './tar-writer.ts';
import { tmpFolder } from './tmp.ts';
import { testNeeding, tool } from './tools.ts';

const tar = tool('tar');
const xz = tool('xz');
const bzip2 = tool('bzip2');

test('the same seed gives the same tree, another seed another', () => {
  expect(sampleFiles(1)).toEqual(sampleFiles(1));
  expect(sampleFiles(2)).not.toEqual(sampleFiles(1));
});

testNeeding([openssl], 'openssl verifies the certificates, but not with another CA', () => {
  const folder = tmpFolder();
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const verify = (...args: string[]) =>
    execFileSync(openssl.path, ['verify', ...args], { encoding: 'utf8', stdio: 'pipe' });
  const { signer, caFiles } = makePki('one');
  const ca = put('root', caFiles['one.root.pem'] ?? '');
  const untrusted = put('ica', caFiles['one.intermediate.pem'] ?? '');
  const leaf = put('leaf', signer.pem);
  expect(verify('-CAfile', ca, '-untrusted', untrusted, leaf)).toContain('OK');
  const other = put('other', makeIdentity({ isCa: true, commonName: 'one root' }).pem);
  expect(() => verify('-CAfile', other, '-untrusted', untrusted, leaf)).toThrow();
});

testNeeding([tar], 'GNU tar reads what the writer packs', () => {
  const folder = tmpFolder();
  const content = seededBytes(1, 700);
  const long = `d/${'x'.repeat(150)}`;
  writeFileSync(
    join(folder, 'a.tar'),
    packTar([
      { name: 'd/' },
      { name: 'd/a', content },
      { name: long, content: () => content },
      { name: 'd/link', type: '1', link: long },
    ]),
  );
  execFileSync(tar.path, ['xf', 'a.tar'], { cwd: folder });
  for (const name of ['d/a', long, 'd/link'])
    expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
});

testNeeding([tar, xz, bzip2], 'images of every packing are one image', async () => {
  const folder = tmpFolder();
  const members = makeImage({ files: sampleFiles(1), identity: makeIdentity() });
  unpackImage(members, join(folder, 'unpacked'));
  const packed = {
    own: packImage(members),
    'dot-slash': packImage(members, { dotSlash: true }),
    gnu: packWithGnuTar(members),
    pax: packWithGnuTar(members, { dialect: 'pax', dotSlash: true }),
    gzip: packImage(members, { compression: 'gzip' }),
    zstd: packImage(members, { compression: 'zstd-frames' }),
    xz: packImage(members, { compression: 'xz' }),
    bzip2: compressArchive(packWithGnuTar(members), 'bzip2'),
  };
  const inspected = [];
  for (const [name, bytes] of Object.entries(packed)) {
    writeFileSync(join(folder, name), bytes);
    inspected.push(await inspect(join(folder, name), { caDir: null, checkSignature: true }));
  }
  inspected.push(await inspect(join(folder, 'unpacked'), { caDir: null, checkSignature: true }));
  for (const { report, payloads } of inspected) {
    expect(report.payloads).toEqual(inspected[0]?.report.payloads);
    const names = payloads[0]?.blobs.map(({ name }) => name).sort();
    expect(names).toEqual(inspected[0]?.payloads[0]?.blobs.map(({ name }) => name).sort());
    expect(names?.length).toBeGreaterThan(30);
  }
});
