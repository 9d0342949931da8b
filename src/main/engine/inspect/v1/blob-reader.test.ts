import { execFileSync } from 'node:child_process';
import { openSync, closeSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { seededBytes } from '../../../../../test/support/image-factory.ts';
import { memberPieces } from '../../../../../test/support/tar-writer.ts';
import { tmpFolder } from '../../../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../../../test/support/tools.ts';
import { openInput } from '../../archive/open-input.ts';
import { BlobReader } from './blob-reader.ts';
import { blobPath } from './blob-store.ts';
import type { StickFile } from './stick-names.ts';

const MIB = 1024 * 1024;
const zstd = tool('zstd');

/** The reader does not look whether content and digest belong together. */
function file(letter: string, size: number): StickFile {
  const digest = letter.repeat(64);
  return { name: digest, blob: { digest, size }, contentDigest: { sha256: digest, of: 'plain' } };
}

testNeeding(
  [zstd],
  'a blob of any size is read from a compressed tar in small pieces',
  async () => {
    const large = file('1', 300 * MIB);
    const small = [file('2', 5000), file('3', 3 * MIB)].map(
      (each, i) => [each, seededBytes(i, each.blob.size)] as const,
    );
    const path = join(tmpFolder(), 'x.tar');
    const header = { name: blobPath(large.blob), size: large.blob.size };
    const rest = small.map(([{ blob }, content]) => ({ name: blobPath(blob), content }));
    const fd = openSync(path, 'wx');
    let at = 0;
    for (const piece of memberPieces([header])) at += writeSync(fd, piece, 0, piece.length, at);
    // Its zeros are a hole of the file.
    at += large.blob.size;
    for (const piece of memberPieces(rest)) at += writeSync(fd, piece, 0, piece.length, at);
    closeSync(fd);
    truncateSync(path, at + 1024);
    execFileSync(zstd.path, ['-q', '-1', path]);

    const input = await openInput(`${path}.zst`);
    await using reader = new BlobReader(input);
    const order = [...small.map(([each]) => each), large, ...small.map(([each]) => each)];
    reader.expect(order);
    for (const [i, each] of order.entries()) {
      const pieces: Buffer[] = [];
      let size = 0;
      for await (const piece of reader.read([each])) {
        expect(piece.length).toBeLessThanOrEqual(4 * MIB);
        size += piece.length;
        if (each !== large) pieces.push(Buffer.from(piece));
      }
      expect(size, String(i)).toBe(each.blob.size);
      const content = small.find(([one]) => one === each)?.[1];
      if (content !== undefined) expect(Buffer.concat(pieces).equals(content)).toBe(true);
    }
  },
);
