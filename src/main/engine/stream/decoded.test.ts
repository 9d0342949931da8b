import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
