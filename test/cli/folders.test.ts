import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeIdentity } from '../support/certificate.ts';
import { cli, listAll } from '../support/cli.ts';
import {
  makeImage,
  seededBytes,
  sha256,
  unpackImage,
  type ImageMember,
} from '../support/image-factory.ts';
import { tmpFolder } from '../support/tmp.ts';
import { testNeeding, tool } from '../support/tools.ts';

const identity = makeIdentity();
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A folder with an unpacked image. */
function unpacked(members: readonly ImageMember[]): string {
  const folder = join(tmpFolder(), 'image');
  unpackImage(members, folder);
  return folder;
}

/** Names may be any bytes on Linux; macOS and Windows refuse such a file. */
const onLinux = test.runIf(process.platform === 'linux');

describe('in a folder, a name that is not UTF-8', () => {
  const one = seededBytes(1, 3000);
  const two = seededBytes(2, 3000);

  /** Two files in a folder of such a name, which differ in such bytes only, as the lists have them. */
  function imageFolder(): string {
    const files = [
      { path: '/d@/a@1', content: one, compress: false },
      { path: '/d@/a@2', content: two, compress: false },
    ];
    const foreign = (bytes: Uint8Array): Buffer =>
      latin1(
        Buffer.from(bytes)
          .toString('latin1')
          .replaceAll('d@', 'd\xe9')
          .replaceAll('a@1', 'a\xff')
          .replaceAll('a@2', 'a\xfe'),
      );
    const folder = unpacked(
      makeImage({
        files,
        identity,
        editMetafiles: (metafiles) => {
          metafiles.regulars = foreign(metafiles.regulars);
          metafiles.dirs = foreign(metafiles.dirs);
        },
      }),
    );
    const within = (name: string): Buffer =>
      Buffer.concat([Buffer.from(`${folder}/data/`), latin1(name)]);
    renameSync(within('d@'), within('d\xe9'));
    renameSync(within('d\xe9/a@1'), within('d\xe9/a\xff'));
    renameSync(within('d\xe9/a@2'), within('d\xe9/a\xfe'));
    return folder;
  }

  onLinux('that the lists name is found by its bytes', async () => {
    const out = join(tmpFolder(), 'out');
    const { exit, stderr } = await cli(['--image', `p1:${imageFolder()}`, '-o', `${out}/`]);
    expect(exit, stderr).toBe(0);
    expect(listAll(join(out, 'data'))).toEqual(expect.arrayContaining([sha256(one), sha256(two)]));
    expect((await cli(['verify', out])).exit).toBe(0);
  });

  const tar = tool('tar');
  for (const format of ['gnu', 'pax'])
    testNeeding([tar], `that the lists name is found in an archive, too (${format})`, async () => {
      const archive = join(tmpFolder(), 'image.tar');
      execFileSync(tar.path, [`--format=${format}`, '-cf', archive, '-C', imageFolder(), '.']);
      const out = join(tmpFolder(), 'out');
      const { exit, stderr } = await cli(['--image', `p1:${archive}`, '-o', `${out}/`]);
      expect(exit, stderr).toBe(0);
      expect(listAll(join(out, 'data'))).toEqual(
        expect.arrayContaining([sha256(one), sha256(two)]),
      );
    });

  onLinux('that no list names does no harm', async () => {
    const folder = unpacked(makeImage({ files: [{ path: '/plain', content: one }], identity }));
    const stray = Buffer.concat([Buffer.from(`${folder}/data/`), latin1('stray \xff')]);
    mkdirSync(stray);
    writeFileSync(Buffer.concat([stray, latin1('/\xfe')]), 'x');
    const out = join(tmpFolder(), 'out.tar');
    const { exit, stderr } = await cli(['--image', `p1:${folder}`, '-o', out]);
    expect(exit, stderr).toBe(0);
    expect((await cli(['verify', out])).exit).toBe(0);
  });
});
