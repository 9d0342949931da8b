import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MemoryTarget } from '../../../../test/support/memory-target.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import type { BuilderError } from '../../../shared/errors.ts';
import { layoutExt4 } from '../ext4/layout/layout-ext4.ts';
import { inspect } from '../inspect/inspect.ts';
import { plan } from '../plan/plan.ts';
import { volumeOf } from '../plan/volume.ts';
import { layoutTar } from '../tar/layout/layout-tar.ts';
import { atOnce } from '../event-loop.ts';
import type { PlannedFile } from '../plan/build-plan.ts';
import { emit } from './emit.ts';
import { LayoutOutput } from './layout-output.ts';
import { isPlain } from './read-plan.ts';

const SAMPLES = join(import.meta.dirname, '../../../../test/fixtures/samples');

/** A compressed image goes through windows, a plain one is read where the output's bytes stand. */
const WAYS = ['windows', 'placed'] as const;
type Way = (typeof WAYS)[number];

async function open(way: Way) {
  const path = join(tmpFolder(), way === 'windows' ? 'image.tar.zst' : 'image.tar');
  if (way === 'windows') copyFileSync(join(SAMPLES, 'p2_image.tar.zst'), path);
  else writeFileSync(path, gunzipSync(readFileSync(join(SAMPLES, 'p1_image.tgz'))));
  const image = await inspect(path, { caDir: null, checkSignature: true });
  const [payload] = image.payloads;
  if (payload === undefined) throw new Error('the sample has a payload');
  const meta = { ecu_id: 'ecu', image_version: '', ota_metadata_version: 1 } as const;
  const made = plan([{ image, payload, meta }], 0);
  const layout = layoutTar(made);
  const memory = new Uint8Array(layout.size);
  const output = new LayoutOutput(layout, new MemoryTarget(memory));
  await output.prepare();
  return { path, made, output, memory };
}

/** Reads a sample, and does something once when half of it is read; @returns how that ends. */
async function emitWhile(way: Way, change: (path: string) => void): Promise<string> {
  const { path, made, output } = await open(way);
  let changed = 0;
  const reading = emit(made, [output], {
    onProgress(_, files) {
      if (files < made.files.length / 2 || changed > 0) return;
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

test.each(WAYS)('an image that stays as it is is read (%s)', async (way) => {
  expect(await emitWhile(way, () => undefined)).toBe('done');
});

test.each(
  WAYS.flatMap((way) => [
    {
      way,
      what: 'replaced by an equal one',
      how: (path: string) => {
        copyFileSync(path, `${path}.new`);
        renameSync(`${path}.new`, path);
      },
    },
    { way, what: 'written to', how: (path: string) => utimesSync(path, 1, 1) },
  ]),
)('an image that is $what while it is read is not what was inspected ($way)', async (each) => {
  expect(await emitWhile(each.way, each.how)).toBe('input-changed');
});

test('files that lie in several runs of an image file are read where they are written', async () => {
  const { made, output, memory } = await open('placed');
  const cut = {
    ...made,
    files: made.files.map((file): PlannedFile => {
      const { source, size } = file;
      if (source.kind !== 'member' || source.location.kind !== 'extent' || size < 2) return file;
      const { offset } = source.location;
      const half = size >> 1;
      const runs = [
        { from: 0, offset, length: half },
        { from: half, offset: offset + half, length: size - half },
      ];
      const location = { kind: 'sparse' as const, offset, runs };
      return {
        ...{ path: file.path, size, contentDigest: file.contentDigest },
        source: { ...source, location },
      };
    }),
  };
  expect(atOnce(isPlain(cut))).toBe(true);
  await emit(cut, [output]);
  await output.finish();
  const whole = await open('placed');
  await emit(whole.made, [whole.output]);
  await whole.output.finish();
  expect(Buffer.compare(memory, whole.memory)).toBe(0);
});

test('a plain image is copied into one output as into two, and damage in it is found', async () => {
  const { path, made, output } = await open('placed');
  const layout = layoutTar(made);
  const memories = [0, 1, 2].map(() => new Uint8Array(layout.size));
  const [one, two, three] = memories.map(
    (memory) => new LayoutOutput(layout, new MemoryTarget(memory)),
  );
  if (one === undefined || two === undefined || three === undefined) throw new Error('three');
  for (const each of [one, two, three]) await each.prepare();
  await emit(made, [one]);
  await emit(made, [two, three]);
  for (const each of [one, two, three]) await each.finish();
  const [placed, copied] = memories;
  expect(placed?.some((byte) => byte !== 0)).toBe(true);
  expect(Buffer.from(placed ?? []).equals(copied ?? new Uint8Array())).toBe(true);

  const bytes = readFileSync(path);
  const file = made.files.findLast(({ source, size }) => source.kind === 'member' && size > 0);
  if (file?.source.kind !== 'member' || file.source.location.kind !== 'extent')
    throw new Error('none');
  bytes.writeUInt8(bytes.readUInt8(file.source.location.offset) ^ 1, file.source.location.offset);
  writeFileSync(path, bytes);
  const changed = await inspect(path, { caDir: null, checkSignature: true });
  const inputs = made.inputs.map((input) => ({
    ...input,
    fingerprint: changed.report.fingerprint,
  }));
  await expect(emit({ ...made, inputs }, [output])).rejects.toMatchObject({
    data: { code: 'blob-corrupt', params: { file: path, name: file.path } },
  });

  // What reads everything back afterwards may have it copied without a look.
  const unseen = new Uint8Array(layout.size);
  const last = new LayoutOutput(layout, new MemoryTarget(unseen));
  await last.prepare();
  await emit({ ...made, inputs }, [last], { hash: false });
  await last.finish();
  const differs = unseen.filter((byte, at) => byte !== copied?.[at]);
  expect(differs).toHaveLength(1);
});

/** An output of three, whose target takes no write where it `fails`. */
async function oneOfThree(made: Awaited<ReturnType<typeof open>>['made'], fails: boolean) {
  const layout = layoutTar(made);
  const memory = new Uint8Array(layout.size);
  const target = new MemoryTarget(memory, { writeBytes: 64 * 1024 });
  const attempts: number[] = [];
  if (fails)
    target.write = (offset) => {
      attempts.push(offset);
      return Promise.reject(new Error('unplugged'));
    };
  const output = new LayoutOutput(layout, target);
  await output.prepare();
  return { memory, output, attempts };
}

// Of a plain image the first output lends its memory to the others, and goes on lending when it has failed.
test.each(WAYS)('an output that fails is left out, the others are complete (%s)', async (way) => {
  const { made } = await open(way);
  const alone = await oneOfThree(made, false);
  expect(await emit(made, [alone.output])).toEqual(new Map());
  await alone.output.finish();
  for (const failing of [0, 1, 2]) {
    const all = await Promise.all([0, 1, 2].map((at) => oneOfThree(made, at === failing)));
    const outputs = all.map(({ output }) => output);
    const reported: unknown[] = [];
    const onOutputFailure = (output: unknown, error: unknown) => void reported.push(output, error);
    const failures = await emit(made, outputs, { onOutputFailure });
    const [bad] = all.splice(failing, 1);
    expect(reported).toEqual([bad?.output, new Error('unplugged')]);
    expect(Array.from(failures)).toEqual([reported]);
    // Nothing is written after what could not be written.
    expect(bad?.attempts).toHaveLength(1);
    await expect(bad?.output.finish()).rejects.toThrow('unplugged');
    for (const { memory, output } of all) {
      await output.finish();
      expect(Buffer.compare(memory, alone.memory)).toBe(0);
    }
  }
});

test.each(WAYS)('without another word, the first failure ends the run (%s)', async (way) => {
  const { made } = await open(way);
  for (const failing of [0, 1]) {
    const all = await Promise.all([0, 1].map((at) => oneOfThree(made, at === failing)));
    await expect(
      emit(
        made,
        all.map(({ output }) => output),
      ),
    ).rejects.toThrow('unplugged');
  }
});

/** A stick of any size, of which only what is written is kept: its blocks that are not zeros, by offset. */
class HugeTarget extends MemoryTarget {
  override readonly size: number;
  readonly blocks = new Map<number, string>();

  constructor(size: number) {
    super(new Uint8Array(0), { blockSize: 4096 });
    this.size = size;
  }

  override prepare(): Promise<void> {
    return Promise.resolve();
  }

  override write(offset: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.blockSize) {
      const block = bytes.subarray(at, at + this.blockSize);
      if (block.some((byte) => byte !== 0))
        this.blocks.set(offset + at, createHash('sha256').update(block).digest('hex'));
    }
    return Promise.resolve();
  }

  override flush(): Promise<void> {
    return Promise.resolve();
  }
}

// Behind the files stand copies of the superblock, the more of them the larger the stick, and each is a
// write of its own.
test.each([8, 64, 512, 2048])('a small image goes onto a stick of %i GB', async (gigabytes) => {
  const { made } = await open('placed');
  const size = gigabytes * 1e9;
  const { directories, files, timestamp } = made;
  const request = { target: 'x', size, directories, files, timestamp, ...atOnce(volumeOf(made)) };
  const pieces = [...layoutExt4(request).pieces()];
  const behind = pieces.slice(pieces.findLastIndex(({ kind }) => kind === 'file') + 1);
  // More than there are chunks: a superblock and its descriptors each.
  expect(behind.filter(({ kind }) => kind === 'bytes').length).toBeGreaterThanOrEqual(2 * 8);
  const make = async () => {
    const target = new HugeTarget(size);
    const output = new LayoutOutput(layoutExt4(request), target);
    await output.prepare();
    return { target, output };
  };
  const [placed, ...copied] = [await make(), await make(), await make()];
  await emit(made, [placed.output]);
  await emit(
    made,
    copied.map(({ output }) => output),
  );
  for (const { output } of [placed, ...copied]) await output.finish();
  expect(placed.target.blocks.size).toBeGreaterThan(100);
  for (const { target } of copied) expect(placed.target.blocks).toEqual(target.blocks);
});

test('a compressed image is copied without a look, too', async () => {
  const { made, output } = await open('windows');
  const memory = new Uint8Array(layoutTar(made).size);
  const unseen = new LayoutOutput(layoutTar(made), new MemoryTarget(memory));
  await unseen.prepare();
  const wrong = made.files.map((file) => ({
    ...{ path: file.path, size: file.size, source: file.source },
    contentDigest: { sha256: '0'.repeat(64), of: 'plain' } as const,
  }));
  const lies = { ...made, files: wrong };
  await expect(emit(lies, [output])).rejects.toMatchObject({ code: 'blob-corrupt' });
  await emit(lies, [unseen], { hash: false });
  await unseen.finish();
  expect(memory.some((byte) => byte !== 0)).toBe(true);
});
