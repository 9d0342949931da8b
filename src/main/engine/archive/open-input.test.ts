import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import { packTar } from '../../../../test/support/tar-writer.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../../test/support/tools.ts';
import { packZip } from '../../../../test/support/zip.ts';
import { BuilderError, type ErrorData } from '../../../shared/errors.ts';
import { openInput } from './open-input.ts';

const bsdtar = tool('bsdtar');
const lz4 = tool('lz4');
const xz = tool('xz');
const zstd = tool('zstd');

const TAR = packTar([{ name: 'a', content: seededBytes(1, 3000) }]);

/** What opening a file of these bytes is refused with; null: it is opened. */
async function refusal(bytes: Uint8Array): Promise<ErrorData | null> {
  const path = join(tmpFolder(), 'input');
  writeFileSync(path, bytes);
  try {
    await openInput(path);
    return null;
  } catch (error) {
    if (error instanceof BuilderError) return error.data;
    throw error;
  }
}

/** An empty disk with `bytes` at an offset. */
function disk(offset: number, bytes: string | readonly number[]): Buffer {
  const content = Buffer.alloc(100_000);
  content.set(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, offset);
  return content;
}

const ext4 = disk(1080, [0x53, 0xef]);
const iso = disk(0x8001, 'CD001');

describe('a compressed file', () => {
  test('around a tar archive, an empty one too, is opened', async () => {
    expect(await refusal(gzipSync(TAR))).toBeNull();
    expect(await refusal(zstdCompressSync(packTar([])))).toBeNull();
  });

  test.each<[string, Uint8Array, string]>([
    ['compressed once more', gzipSync(TAR), 'gzip'],
    ['a zip', packZip([{ name: 'a', content: TAR }]), 'zip'],
    ['a filesystem', ext4, 'ext4'],
    ['a disk with partitions', disk(510, [0x55, 0xaa]), 'MBR'],
    ['a disc', iso, 'ISO 9660'],
  ])('around %s is named by what it holds, not called damaged', async (_, content, kind) => {
    for (const packed of [gzipSync(content), zstdCompressSync(content)])
      expect(await refusal(packed)).toMatchObject({
        code: 'compressed-kind-unsupported',
        params: { kind },
      });
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a text', Buffer.from('hello')],
    ['noise', seededBytes(2, 5000)],
  ])('around %s holds no archive', async (_, content) => {
    for (const packed of [gzipSync(content), zstdCompressSync(content)])
      expect((await refusal(packed))?.code).toBe('compressed-without-tar');
  });

  test('around a damaged tar archive, or cut off, is damaged', async () => {
    const damaged = Buffer.from(TAR);
    damaged[3] = 1;
    expect((await refusal(gzipSync(damaged)))?.code).toBe('archive-corrupt');
    expect((await refusal(gzipSync(TAR).subarray(0, -20)))?.code).toBe('archive-truncated');
    expect((await refusal(gzipSync('hello').subarray(0, -4)))?.code).toBe('archive-truncated');
  });

  test('whose damage makes its first bytes look like nothing known is damaged, not another file', async () => {
    // Level 0 stores: the first header follows 10 bytes of gzip and 5 of the block.
    const packed = gzipSync(TAR, { level: 0 });
    packed.fill(0x77, 15, 15 + 512);
    expect((await refusal(packed))?.code).toBe('archive-corrupt');
  });
});

describe('a compressor that was asked for more memory than is given here', () => {
  const packed = (command: string, ...args: string[]) =>
    execFileSync(command, ['-c', ...args], { input: TAR, stdio: 'pipe' });

  testNeeding([zstd], 'zstd: the limit is reported', async () => {
    expect(await refusal(packed(zstd.path, '--long=27', '-1'))).toBeNull();
    // A frame of unknown size keeps its window (RFC 8878, 3.1.1.1.2): 2^31 bytes.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 1, 0, 0]);
    expect(await refusal(frame)).toMatchObject({
      code: 'archive-needs-memory',
      params: { limit: 2 ** 27 },
    });
  });

  testNeeding([xz], 'xz: the limit is reported, and what xz makes is read', async () => {
    expect(await refusal(packed(xz.path, '-6'))).toBeNull();
    const large = packed(xz.path, '-0', '-T1');
    // The block header behind the stream header (xz file format, 3.1): 512 MiB of dictionary.
    const header = large.subarray(12, 12 + 4 * ((large[12] ?? 0) + 1));
    const dictionary = header.indexOf(Buffer.from([0x21, 0x01])) + 2;
    header[dictionary] = 34;
    header.writeUInt32LE(crc32(header.subarray(0, -4)), header.length - 4);
    expect(await refusal(large)).toMatchObject({
      code: 'archive-needs-memory',
      params: { limit: 192 * 1024 * 1024 },
    });
  });
});

describe('a file of another format', () => {
  test.each<[string, Uint8Array]>([
    ['ext4', ext4],
    ['ISO 9660', iso],
    ['RAR', Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1')],
    ['lzip', Buffer.from('LZIP\x01')],
    ['SquashFS', Buffer.from('hsqs')],
  ])('%s is named', async (kind, bytes) => {
    expect(await refusal(bytes)).toMatchObject({
      code: 'archive-kind-unsupported',
      params: { kind },
    });
  });

  test('a tar archive with a damaged first header is damaged, not of another format', async () => {
    const damaged = Buffer.from(TAR);
    damaged[3] = 1;
    expect((await refusal(damaged))?.code).toBe('archive-corrupt');
  });

  testNeeding([lz4], 'LZ4 is named', async () => {
    const packed = execFileSync(lz4.path, ['-c'], { input: TAR, stdio: 'pipe' });
    expect(await refusal(packed)).toMatchObject({ params: { kind: 'LZ4' } });
  });

  testNeeding([xz], 'LZMA is named', async () => {
    const packed = execFileSync(xz.path, ['-c', '--format=lzma'], { input: TAR, stdio: 'pipe' });
    expect(await refusal(packed)).toMatchObject({ params: { kind: 'LZMA' } });
  });

  testNeeding([bsdtar], '7z, cpio and ISO 9660 are named', async () => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'd'));
    writeFileSync(join(folder, 'd/a'), TAR);
    for (const [format, kind] of [
      ['7zip', '7z'],
      ['cpio', 'cpio'],
      ['iso9660', 'ISO 9660'],
    ]) {
      const path = join(folder, kind ?? '');
      execFileSync(bsdtar.path, ['-cf', path, '--format', format ?? '', 'd'], { cwd: folder });
      await expect(openInput(path)).rejects.toMatchObject({
        data: { code: 'archive-kind-unsupported', params: { kind } },
      });
    }
  });
});

testNeeding(
  [bsdtar],
  'a zip of bsdtar is read: names with ./, sizes behind the contents',
  async () => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'in/d'), { recursive: true });
    const contents = { a: seededBytes(3, 100_000), 'd/b': Buffer.from('beta') };
    for (const [name, content] of Object.entries(contents))
      writeFileSync(join(folder, 'in', name), content);
    const path = join(folder, 'x.zip');
    const how = ['--format', 'zip', '--options', 'zip:compression=store'];
    execFileSync(bsdtar.path, ['-cf', path, ...how, '-C', join(folder, 'in'), '.']);
    const input = await openInput(path);
    const read = await input.readMany([...input.members.keys()], 1e6);
    expect(new Map([...read].sort())).toEqual(new Map(Object.entries(contents)));
  },
);

test('a folder within a folder input that cannot be read is named', async () => {
  const folder = tmpFolder();
  // Longer than Linux lets a path be, so that not even root can open it by its path.
  const name = 'x'.repeat(250);
  const half = join(...Array.from({ length: 10 }, () => name));
  for (const part of ['a', 'b']) mkdirSync(join(folder, part, half), { recursive: true });
  renameSync(join(folder, 'a'), join(folder, 'b', half, 'a'));
  const refused = await openInput(folder).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    data: {
      code: 'input-unreadable',
      params: {
        file: expect.stringContaining(join(folder, 'b', half, 'a', name)) as string,
        reason: 'ENAMETOOLONG',
      },
    },
  });
});
