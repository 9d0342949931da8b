import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { decodeStream } from './decoded.ts';

test.each([
  ['gzip', 'gzip'],
  ['zstd', 'zstd'],
  ['xz', 'xz'],
  ['bzip2', 'bzip2'],
] as const)(
  'a %s stream can be left at any moment, also in the middle of native code',
  async (container, tool) => {
    const path = join(tmpFolder(), 'stream');
    const content = seededBytes(1, 24 * 1024 ** 2, 'text');
    writeFileSync(path, execFileSync(tool, ['-c', '-1'], { input: content, maxBuffer: 2 ** 26 }));
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
