import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { DriveRequest } from '../../shared/model/job.ts';
import type * as Jobs from '../jobs/index.ts';
import { engineBackend } from './engine-backend.ts';

/** Takes the place of a build that comes to its drive. */
const job = vi.hoisted(() => ({ beforeDrive: (): void => undefined }));

vi.mock('../elevation/preflight.ts', () => ({ assertElevation: () => Promise.resolve() }));
vi.mock('../jobs/index.ts', async (original) => {
  const real = await original<typeof Jobs>();
  const build: typeof real.build = ({ outputs }, context) =>
    real.settleEarly(context, async (own) => {
      job.beforeDrive();
      await own.openDrives?.([outputs[0] as DriveRequest]);
      throw new Error('the drive was opened');
    });
  return { ...real, build };
});

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

describe('a job with a drive that is cancelled before it has the drive does not wait for itself:', () => {
  const identity: DriveIdentity = {
    ...{ path: '/dev/none', serial: '1', model: 'Stick', size: 64e9, transport: 'usb' },
    ...{ deviceNumber: '8:16', generation: '7' },
  };
  const controlled = () => {
    const controller = new AbortController();
    return { controller, backend: engineBackend({ allowFixed: false }) };
  };

  test('a build', async () => {
    const { backend, controller } = controlled();
    job.beforeDrive = () => controller.abort();
    const outputs = [{ kind: 'drive', identity, allowFixed: false, eject: true } as const];
    const order = { images: [], outputs, caDir: null };
    const built = backend.build(order, () => undefined, controller.signal);
    await expect(built).rejects.toMatchObject({ code: 'cancelled' });
    await expect(backend.removed()).resolves.toBeNull();
  });

  test('a check', async () => {
    const { backend, controller } = controlled();
    const checked = backend.check(
      { subjects: [{ kind: 'drive', identity }], eject: false },
      () => undefined,
      controller.signal,
    );
    controller.abort();
    await expect(checked).rejects.toMatchObject({ code: 'cancelled' });
    await expect(backend.removed()).resolves.toBeNull();
  });
});
