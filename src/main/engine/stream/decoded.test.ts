import { execFileSync } from 'node:child_process';
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../../test/support/tools.ts';
import { decodeStream } from './decoded.ts';

for (const container of ['gzip', 'zstd', 'xz', 'bzip2'] as const) {
  const packer = tool(container);
  testNeeding(
    [packer],
    `a ${container} stream can be left at any moment, also in the middle of native code`,
    async () => {
      const path = join(tmpFolder(), 'stream');
      const input = seededBytes(1, 24 * 1024 ** 2, 'text');
      writeFileSync(path, execFileSync(packer.path, ['-c', '-1'], { input, maxBuffer: 2 ** 26 }));
      for (let round = 0; round < 6; round++) {
        let windows = 0;
        for await (const window of decodeStream(path, container)) {
          // Kept, so that the decoder also comes to wait for a free one.
          if (round < 3) window.release();
          if (windows++ === round) break;
        }
        expect(windows).toBe(round + 1);
      }
    },
  );
}

/** A hole, so that it needs no room; reading all of it takes minutes. */
const TAIL_BYTES = 2 ** 40;

/** RFC 8878, 3.1.2: a frame of any content that means nothing. */
function writeSkippableFrames(path: string, from: number): void {
  const LARGEST = 0xffff_ffff;
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50, 0);
  header.writeUInt32LE(LARGEST, 4);
  const fd = openSync(path, 'r+');
  for (let at = from; at < from + TAIL_BYTES; at += header.length + LARGEST)
    writeSync(fd, header, 0, header.length, at);
  closeSync(fd);
}

for (const container of ['gzip', 'zstd', 'xz'] as const) {
  const packer = tool(container);
  testNeeding(
    [packer],
    `a ${container} stream can be left while nothing comes out of a long tail`,
    async () => {
      const path = join(tmpFolder(), 'stream');
      // More than one window, so that the first one comes before the tail.
      const input = seededBytes(1, 1_500_000, 'text');
      const packed = execFileSync(packer.path, ['-c', '-1'], { input, maxBuffer: 2 ** 26 });
      writeFileSync(path, packed);
      if (container === 'zstd') writeSkippableFrames(path, packed.length);
      truncateSync(path, TAIL_BYTES);
      let windows = 0;
      for await (const window of decodeStream(path, container)) {
        window.release();
        windows++;
        // By then the thread is in the tail.
        await setTimeout(200);
        break;
      }
      expect(windows).toBe(1);
    },
  );
}
