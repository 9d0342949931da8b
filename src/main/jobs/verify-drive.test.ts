import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  contentBytes,
  makeImage,
  packImage,
  seededBytes,
} from '../../../test/support/image-factory.ts';
import { MemoryTarget } from '../../../test/support/memory-target.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { build } from './build.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';

const SAMPLE = join(import.meta.dirname, '../../../test/fixtures/samples/p3_nozst_image.tar.xz');
const SIZE = 32 * 1024 * 1024;

/** A stick that changes one text into another of the same length whenever it is read. */
class ForgetfulDrive extends MemoryTarget implements DriveTarget {
  readonly #from: Buffer;
  readonly #to: Buffer;
  committed = false;

  constructor(from: string | Uint8Array, to: string | Uint8Array) {
    super(new Uint8Array(SIZE), { name: 'Stick', blockSize: 512 });
    this.#from = Buffer.from(from);
    this.#to = Buffer.from(to);
  }

  override async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.from(await super.read(offset, length));
    for (let at = bytes.indexOf(this.#from); at !== -1; at = bytes.indexOf(this.#from, at + 1))
      this.#to.copy(bytes, at);
    return bytes;
  }

  override async commit(piece: Parameters<MemoryTarget['commit']>[0]): Promise<void> {
    await super.commit(piece);
    this.committed = true;
  }

  eject(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

async function write(drive: ForgetfulDrive, image = SAMPLE): Promise<unknown> {
  const identity = {
    ...{ path: '/dev/stick', serial: '1', model: 'Stick', size: SIZE, transport: 'usb' },
    ...{ deviceNumber: '8:0', generation: '1' },
  };
  return build(
    {
      images: [{ path: image, ecuId: 'autoware', version: 'ver_1', releaseKey: null }],
      outputs: [{ kind: 'drive', identity, allowFixed: false, eject: false }],
      ...{ caDir: null, checkSignature: true, timestamp: 1_700_000_000 },
    },
    {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      openDrives: () => Promise.resolve([drive]),
    },
  ).catch((error: unknown) => error);
}

// Each of these leaves a manifest that can be read and whose figures are right.
test.each([
  ['"ecu_id":"autoware"', '"ecu_id":"autowase"'],
  ['"image_version":"ver_1"', '"image_version":"ver_3"'],
  ['"build_timestamp":1700000000', '"build_timestamp":1700000001'],
])('a stick that reads %s as %s is not completed', async (from, to) => {
  const drive = new ForgetfulDrive(from, to);
  expect(await write(drive)).toMatchObject({
    data: { code: 'verify-failed', params: { target: 'Stick', first: 'manifest.json' } },
  });
  expect(drive.committed).toBe(false);
});

test.each(['gzip', 'none'] as const)(
  'a stick that changes a byte of a compressed blob is not completed (%s)',
  async (compression) => {
    const content = seededBytes(1, 100_000, 'text');
    const members = makeImage({ files: [{ path: '/opt/file', content }] });
    const blob = members.find(({ name }) => name.endsWith('.zst'));
    if (blob === undefined) throw new Error('the image has a compressed blob');
    const image = join(tmpFolder(), 'image');
    writeFileSync(image, packImage(members, { compression }));
    const from = Buffer.from(contentBytes(blob.content)).subarray(500, 532);
    const drive = new ForgetfulDrive(
      from,
      from.map((byte, i) => (i === 7 ? byte ^ 1 : byte)),
    );
    expect(await write(drive, image)).toMatchObject({
      data: { code: 'verify-failed', params: { first: blob.name.replace('data.zst', 'data') } },
    });
    expect(drive.committed).toBe(false);
  },
);

test('a stick that keeps what it was given is completed', async () => {
  const drive = new ForgetfulDrive('no such text', 'not this text');
  expect(await write(drive)).toMatchObject({ outcomes: [{ verified: true }] });
  expect(drive.committed).toBe(true);
});
