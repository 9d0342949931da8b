import { copyFileSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import type { BuilderError } from '../../../shared/errors.ts';
import { inspect } from '../inspect/inspect.ts';
import { plan } from '../plan/plan.ts';
import { emit } from './emit.ts';

const SAMPLE = join(import.meta.dirname, '../../../../test/fixtures/samples/p2_image.tar.zst');

/** Reads the sample, and does something once when half of it is read; @returns how that ends. */
async function emitWhile(change: (path: string) => void): Promise<string> {
  const path = join(tmpFolder(), 'image.tar.zst');
  copyFileSync(SAMPLE, path);
  const image = await inspect(path, { caDir: null, checkSignature: true });
  const [payload] = image.payloads;
  if (payload === undefined) throw new Error('the sample has a payload');
  const meta = { ecu_id: 'ecu', image_version: '', ota_metadata_version: 1 } as const;
  const made = plan([{ image, payload, meta }], 0);
  let changed = 0;
  const reading = emit(made, [], {
    onProgress(bytes, files) {
      if (bytes < made.summary.totalBytes / 2 || files === made.files.length || changed > 0) return;
      changed++;
      change(path);
    },
  });
  const outcome = await reading.then(
    () => 'done',
    (error: unknown) => (error as BuilderError).code,
  );
  expect(changed).toBe(1);
  return outcome;
}

test('an image that stays as it is is read', async () => {
  expect(await emitWhile(() => undefined)).toBe('done');
});

test.each<[string, (path: string) => void]>([
  [
    'replaced by an equal one',
    (path) => {
      copyFileSync(path, `${path}.new`);
      renameSync(`${path}.new`, path);
    },
  ],
  ['written to', (path) => utimesSync(path, 1, 1)],
])('an image that is %s while it is read is not taken for what was inspected', async (_, how) => {
  expect(await emitWhile(how)).toBe('input-changed');
});
