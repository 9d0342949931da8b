import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { engineBackend } from './engine-backend.ts';

const SAMPLES = join(import.meta.dirname, '../../../test/fixtures/samples');

test('the file table is of the image as it was read last', async () => {
  const path = join(tmpFolder(), 'image');
  const backend = engineBackend({ allowFixed: false });
  const images = [{ id: 'one', ecuId: 'p', version: '', payloads: null }];
  const query = { images, search: '', sort: 'path', offset: 0, limit: 500 } as const;
  const read = async (sample: string) => {
    copyFileSync(join(SAMPLES, sample), path);
    const signal = new AbortController().signal;
    await backend.inspect('one', path, { caDir: null }, () => undefined, signal);
    const { summary } = await backend.preview(images);
    const { matches } = await backend.files(query);
    expect((await backend.files(query)).matches).toBe(matches);
    expect(matches).toBe(summary.totalFiles);
    return matches;
  };
  expect(await read('p1_image.tgz')).not.toBe(await read('p3_nozst_image.tar.xz'));
});
