import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../../test/support/tools.ts';
import { packZip, type ZipPart } from '../../../../test/support/zip.ts';
import { BuilderError, type ErrorCode } from '../../../shared/errors.ts';
import { openZip } from './zip.ts';

const SAMPLE = join(import.meta.dirname, '../../../../test/fixtures/samples-v1/v1_a.zip');
const zip = tool('zip');
const unzip = tool('unzip');
const python = tool('python3');
const part = (name: string, text: string, more: Partial<ZipPart> = {}): ZipPart => ({
  name,
  content: Buffer.from(text),
  ...more,
});

function written(bytes: Uint8Array): string {
  const path = join(tmpFolder(), 'test.zip');
  writeFileSync(path, bytes);
  return path;
}

async function codeOf(bytes: Uint8Array): Promise<ErrorCode | 'accepted'> {
  try {
    await openZip(written(bytes));
    return 'accepted';
  } catch (error) {
    if (error instanceof BuilderError) return error.code;
    throw error;
  }
}

async function contents(path: string): Promise<Record<string, string>> {
  const input = await openZip(path);
  const all = await input.readMany([...input.members.keys()], 1e9);
  return Object.fromEntries([...all].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]));
}

testNeeding([unzip], 'members of a real image are what unzip extracts', async () => {
  const listed = execFileSync(unzip.path, ['-Z1', SAMPLE], { encoding: 'utf8' }).trim().split('\n');
  const input = await openZip(SAMPLE);
  const files = listed.filter((name) => !name.endsWith('/'));
  expect([...input.members.keys()].sort()).toEqual(files.sort());
  const ours = await input.readMany(files, 1e7);
  for (const name of files) {
    const theirs = execFileSync(unzip.path, ['-p', SAMPLE, name], { maxBuffer: 1e7 });
    expect(theirs.equals(ours.get(name) ?? Buffer.alloc(0)), name).toBe(true);
  }
  expect(input.container).toBe('zip');
  expect(input.fingerprint.size).toBe(readFileSync(SAMPLE).length);
});

describe('archives of Info-ZIP', () => {
  const pack = (args: string[]) => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'd'));
    writeFileSync(join(folder, 'd/a'), 'alpha'.repeat(99));
    writeFileSync(join(folder, 'd/日本'), 'beta');
    symlinkSync('a', join(folder, 'd/link'));
    execFileSync(zip.path, args, { cwd: folder, stdio: 'pipe' });
    return join(folder, 'x.zip');
  };

  testNeeding([zip], 'open, plain and with Zip64', async () => {
    const expected = { 'd/a': 'alpha'.repeat(99), 'd/日本': 'beta' };
    expect(await contents(pack(['-0ry', 'x.zip', 'd']))).toEqual(expected);
    expect(await contents(pack(['-0ry', '-fz', 'x.zip', 'd']))).toEqual(expected);
  });

  testNeeding([zip], 'are refused when compressed or encrypted', async () => {
    expect(await codeOf(readFileSync(pack(['-9r', 'x.zip', 'd'])))).toBe('zip-compressed');
    expect(await codeOf(readFileSync(pack(['-0r', '-P', 'secret', 'x.zip', 'd'])))).toBe(
      'zip-encrypted',
    );
  });
});

testNeeding(
  [python],
  'an archive written to a pipe opens: its sizes stand behind the contents',
  async () => {
    const script = `
import sys, zipfile
class Pipe:
    def write(self, data): return sys.stdout.buffer.write(data)
    def flush(self): pass
with zipfile.ZipFile(Pipe(), 'w') as z:
    z.writestr('a', 'alpha')
    with z.open('big', 'w', force_zip64=True) as f: f.write(b'beta')
`;
    const packed = execFileSync(python.path, ['-c', script]);
    expect(packed.readUInt16LE(6) & 8).toBe(8);
    expect(await contents(written(packed))).toEqual({ a: 'alpha', big: 'beta' });
  },
);

testNeeding([python], 'an archive beyond 4 GiB opens where Python reads it', async () => {
  const path = join(tmpFolder(), 'huge.zip');
  // One member with a hole of 5 GiB for content, one behind it: all offsets and sizes need 64 bits.
  const script = `
import sys, zipfile
path = sys.argv[1]
with zipfile.ZipFile(path, 'w') as z:
    i = zipfile.ZipInfo('hole')
    i.file_size = i.compress_size = 5 << 30
    i.CRC = i.header_offset = 0
    z.fp.write(i.FileHeader(zip64=True))
    z.fp.seek(5 << 30, 1)
    z.filelist.append(i)
    z.NameToInfo['hole'] = i
    z.start_dir = z.fp.tell()
    z.writestr('a', 'alpha')
print(zipfile.ZipFile(path).read('a').decode(), end='')
`;
  const theirs = execFileSync(python.path, ['-c', script, path], { encoding: 'utf8' });
  const input = await openZip(path);
  expect(input.members.get('hole')?.size).toBe(5 * 1024 ** 3);
  const ours = (await input.readMany(['a'], 10)).get('a');
  expect([theirs, Buffer.from(ours ?? []).toString()]).toEqual(['alpha', 'alpha']);
});

describe('a hostile archive', () => {
  const a = part('a', 'alpha');
  const b = part('b', 'beta');
  const good = packZip([a, b]);

  test('has a good twin', async () => {
    expect(await contents(written(good))).toEqual({ a: 'alpha', b: 'beta' });
    expect(
      await contents(written(packZip([part('d/', ''), part('d/a', 'x')], 'a comment'))),
    ).toEqual({ 'd/a': 'x' });
  });

  test.each<[string, Uint8Array, ErrorCode]>([
    ['two members of one name', packZip([a, part('a', 'other')]), 'zip-duplicate-name'],
    [
      'a size that the local header does not tell',
      packZip([part('a', 'alpha', { central: { size: 3, compressedSize: 3 } })]),
      'zip-size-wrong',
    ],
    [
      'a size beyond its end',
      packZip([
        part('a', 'alpha', {
          local: { size: 1e6, compressedSize: 1e6 },
          central: { size: 1e6, compressedSize: 1e6 },
        }),
      ]),
      'zip-size-wrong',
    ],
    [
      'a stored member with two sizes',
      packZip([part('a', 'alpha', { local: { size: 9 }, central: { size: 9 } })]),
      'zip-size-wrong',
    ],
    [
      'another name in the local header',
      packZip([part('a', 'alpha', { local: { name: 'b' } })]),
      'archive-corrupt',
    ],
    [
      'members that overlap (a bomb without compression)',
      packZip([a, part('a', 'alpha', { central: { name: 'a', headerOffset: 0 } })]),
      'zip-overlap',
    ],
    [
      'a member over the directory',
      packZip([
        part('a', 'alpha', {
          local: { size: 60, compressedSize: 60 },
          central: { size: 60, compressedSize: 60 },
        }),
      ]),
      'zip-overlap',
    ],
    [
      'no room for its local header',
      packZip([part('a', '', { central: { headerOffset: 9e6 } })]),
      'archive-corrupt',
    ],
    ['a folder with content', packZip([part('a/', 'x')]), 'archive-corrupt'],
    ['bytes put before it', Buffer.concat([Buffer.from('#!/bin/sh\n'), good]), 'archive-corrupt'],
    ['bytes put behind it', Buffer.concat([good, Buffer.from('x')]), 'archive-truncated'],
    ['its end cut off', good.subarray(0, -1), 'archive-truncated'],
    ['only its beginning', good.subarray(0, 20), 'archive-truncated'],
    ['an absolute name', packZip([part('/etc/passwd', 'x')]), 'member-name-unsafe'],
    ['a name that climbs', packZip([part('a/../../b', 'x')]), 'member-name-unsafe'],
    ['an empty name', packZip([part('', 'x')]), 'member-name-unsafe'],
    ['a name with a backslash', packZip([part('..\\b', 'x')]), 'member-name-unsafe'],
    ['a name with NUL', packZip([part('a\0b', 'x')]), 'member-name-unsafe'],
  ])('with %s is refused', async (_, bytes, code) => {
    expect(await codeOf(bytes)).toBe(code);
  });

  test('that is not there, or is a folder, is refused', async () => {
    const folder = tmpFolder();
    await expect(openZip(join(folder, 'none'))).rejects.toMatchObject({ code: 'input-not-found' });
    await expect(openZip(folder)).rejects.toBeInstanceOf(BuilderError);
  });

  test('that changes after it was opened is not read', async () => {
    const path = written(good);
    const input = await openZip(path);
    writeFileSync(path, packZip([a, part('b', 'other')]));
    await expect(input.readMany(['a'], 100)).rejects.toMatchObject({ code: 'input-changed' });
  });

  test('with a member larger than asked for is not read', async () => {
    const input = await openZip(written(good));
    await expect(input.readMany(['a'], 4)).rejects.toMatchObject({ code: 'archive-limit' });
  });

  test('with any bytes changed is refused in our words, or its members lie within the file', async () => {
    const whole = packZip([part('d/', ''), a, b, part('d/c', 'gamma')], 'note');
    const path = written(whole);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        writeFileSync(path, bytes);
        try {
          const { members } = await openZip(path);
          for (const { size, location } of members.values())
            expect(location.kind === 'extent' && location.offset + size <= bytes.length).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BuilderError);
        }
      }),
      { seed: 20_260_101, numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
    );
  });
});
