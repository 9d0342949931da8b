import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeIdentity } from '../support/certificate.ts';
import { cli, listAll, put } from '../support/cli.ts';
import {
  makeImage,
  packImage,
  sampleFiles,
  unpackImage,
  withContent,
} from '../support/image-factory.ts';
import { tmpFolder } from '../support/tmp.ts';

const MEMBERS = makeImage({ files: sampleFiles(1), identity: makeIdentity() });
const image = (): string => put(tmpFolder(), 'image.tar', packImage(MEMBERS));
const build = (path: string, ...outputs: readonly string[]) =>
  cli(['--json', '--image', `p1:${path}`, ...outputs.flatMap((output) => ['-o', output])]);

describe('an output in the folder of an image', () => {
  function unpacked(): { folder: string; image: string } {
    const folder = tmpFolder();
    unpackImage(MEMBERS, join(folder, 'image'));
    return { folder, image: join(folder, 'image') };
  }

  test.each(['x.tar', 'x.img', 'folder/', 'data/x.tar'])('is refused (%s)', async (name) => {
    const { image: path } = unpacked();
    const before = listAll(path);
    const { code, exit, events } = await build(path, join(path, name));
    expect([code, exit]).toEqual(['output-in-image', 22]);
    // Before any image is read.
    expect(events.map(({ kind }) => kind)).toEqual(['failed']);
    expect(listAll(path)).toEqual(before);
  });

  test('is refused also through links, and as a folder that is there', async () => {
    const { folder, image: path } = unpacked();
    symlinkSync(join(path, 'data'), join(folder, 'link'));
    expect((await build(path, join(folder, 'link/x.tar'))).code).toBe('output-in-image');
    symlinkSync(path, join(folder, 'other'));
    expect((await build(join(folder, 'other'), join(path, 'x.tar'))).code).toBe('output-in-image');
    mkdirSync(join(path, 'empty'));
    symlinkSync(join(path, 'empty'), join(folder, 'to-empty'));
    expect((await build(path, join(folder, 'to-empty'))).code).toBe('output-in-image');
  });

  test('is no matter where it is only beside it', async () => {
    const { folder, image: path } = unpacked();
    const { exit, stderr } = await build(path, join(folder, 'image.tar'), join(folder, 'image2/'));
    expect(exit, stderr).toBe(0);
  });
});

describe('an empty folder as output', () => {
  test('keeps its mode, and gets its contents', async () => {
    const folder = join(tmpFolder(), 'out');
    mkdirSync(folder);
    chmodSync(folder, 0o2750);
    const before = statSync(folder);
    const { exit, stderr } = await build(image(), folder);
    expect(exit, stderr).toBe(0);
    expect(listAll(folder)).toContain('manifest.json');
    expect(listAll(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    const { mode, ino } = statSync(folder);
    expect([mode, ino]).toEqual([before.mode, before.ino]);
    expect((await cli(['verify', folder])).exit).toBe(0);
  });

  test('may be behind a link, and have a lost+found', async () => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'real/lost+found'), { recursive: true });
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const { exit, stderr } = await build(image(), join(folder, 'link'));
    expect(exit, stderr).toBe(0);
    expect(listAll(join(folder, 'real'))).toContain('manifest.json');
    expect((await cli(['verify', join(folder, 'real')])).exit).toBe(0);
  });

  test('is empty again after a failure', async () => {
    const folder = join(tmpFolder(), 'out');
    mkdirSync(folder);
    const name = MEMBERS.find((member) => /^data\/.*[^/]$/.test(member.name))?.name ?? '';
    const broken = withContent(MEMBERS, name, (bytes) =>
      Buffer.from(bytes).fill(bytes[0] === 1 ? 2 : 1, 0, 1),
    );
    const { code } = await build(put(tmpFolder(), 'image.tar', packImage(broken)), folder);
    expect(code).toBe('blob-corrupt');
    expect(listAll(folder)).toEqual([]);
  });
});

describe('a name', () => {
  test.each(['x.tar', 'x.img', ''])('of 255 bytes is written (%s)', async (end) => {
    const folder = tmpFolder();
    const name = 'ラ'.repeat(85).slice(0, -Math.ceil(end.length / 3)) + end;
    const whole = name.padStart(name.length + 255 - Buffer.byteLength(name), 'n');
    expect(Buffer.byteLength(whole)).toBe(255);
    const { exit, stderr } = await build(image(), join(folder, whole) + (end === '' ? '/' : ''));
    expect(exit, stderr).toBe(0);
    expect(listAll(folder)).toContain(whole);
  });

  test('that is too long is reported as such, before any image is read', async () => {
    const path = join(tmpFolder(), `${'n'.repeat(252)}.tar`);
    const { code, exit, events } = await build('/not/read', path);
    expect([code, exit, events.length]).toEqual(['output-path-too-long', 22, 1]);
  });

  test('that is a link to nothing is refused before any image is read', async () => {
    const folder = tmpFolder();
    for (const name of ['x.tar', 'x.img', 'folder']) {
      symlinkSync('/not/there', join(folder, name));
      const path = join(folder, name) + (name === 'folder' ? '/' : '');
      const { code, exit, events } = await build('/not/read', path);
      expect([code, exit, events.length], name).toEqual(['output-link-to-nothing', 22, 1]);
    }
    expect(listAll(folder)).toEqual(['folder', 'x.img', 'x.tar']);
  });

  test('that leads to another output through a link is that output', async () => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const { code } = await build(image(), join(folder, 'real/x.tar'), join(folder, 'link/x.tar'));
    expect(code).toBe('usage-outputs-overlap');
    expect(listAll(join(folder, 'real'))).toEqual([]);
  });
});
