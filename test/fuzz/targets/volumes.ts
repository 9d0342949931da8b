import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from '../../../src/main/engine/finished/read-manifest.ts';
import { openFinishedExt4 } from '../../../src/main/engine/finished/open-ext4.ts';
import { atOnce } from '../../../src/main/engine/event-loop.ts';
import { planFinishedSteps } from '../../../src/main/engine/plan/plan-finished.ts';
import { inspectFinished } from '../../../src/main/engine/verify/inspect-finished.ts';
import { builderError } from '../../../src/shared/errors.ts';
import type { RandomReader } from '../../../src/main/engine/content/random-reader.ts';
import { examine } from '../../support/ext4/examine.ts';
import { mutatedBytes, mutatedJson } from '../mutate.ts';
import { tarInputs } from '../tar-inputs.ts';
import { rule, type FuzzTarget } from '../target.ts';

/** Superblock, descriptors, bitmaps, inodes and directories of the seeds stand below. */
const METADATA_BYTES = 64 * 1024;

/** Without a copy: nothing writes into what was read, which is looked at once. */
function readerOf(input: Buffer): RandomReader {
  return {
    size: input.length,
    read: (offset, length) => {
      const inside = offset >= 0 && length >= 0 && offset + length <= input.length;
      rule(inside, `a read of ${length} at ${offset}`);
      return Promise.resolve(input.subarray(offset, offset + length));
    },
  };
}

/** As the reader of filesystems takes it, and as what was found on a stick. */
async function runExt4(input: Buffer): Promise<void> {
  const reader = readerOf(input);
  const nodes = await examine(reader);
  for (const { path } of nodes)
    rule(!/\0/.test(path) && !path.split('/').includes('..'), `a file called ${path}`);
  await openFinishedExt4('x', 'img', {
    ...reader,
    fill: async (offset, into) => into.set(await reader.read(offset, into.length)),
  });
}

async function runManifest(input: Buffer): Promise<void> {
  const manifest = await readManifest(input);
  if (manifest === null) throw builderError('verify-not-an-image', { target: 'x' });
  rule(manifest.data_size >= 0 && manifest.meta_size >= 0, 'an absurd manifest');
}

const OUTPUT_PATH = /^(manifest\.json|data\/[0-9a-f]{64}(\.zst)?|meta\/\d+\/[^/].*)$/su;

/** As the input of a build: what is planned of it stays within it, and is what its manifest says. */
async function runFinished(input: Buffer, folder: string): Promise<void> {
  const path = join(folder, 'input');
  writeFileSync(path, input);
  const image = await inspectFinished(path, { caDir: null, checkSignature: false });
  const { files, summary } = atOnce(planFinishedSteps(image, 0));
  rule(new Set(files.map((file) => file.path)).size === files.length, 'a path is planned twice');
  for (const file of files) {
    rule(OUTPUT_PATH.test(file.path), `output has ${file.path}`);
    rule(!file.path.split('/').includes('..'), `${file.path} leaves`);
    const { source } = file;
    if (source.kind !== 'member') continue;
    rule(source.location.kind === 'extent', 'a file of a tar archive lies in pieces');
    const { offset } = source.location;
    rule(offset >= 0 && offset + file.size <= input.length, `${file.path} reaches beyond`);
  }
  const { data_size: data, meta_size: meta } = summary.manifest;
  rule(summary.totalBytes === data + meta + image.manifest.length, 'sizes are not the manifest’s');
}

export const volumeTargets: readonly FuzzTarget[] = [
  {
    name: 'ext4',
    faults: [],
    inputs: (corpus) =>
      mutatedBytes(
        corpus,
        undefined,
        (bytes, at) => at % Math.min(METADATA_BYTES, bytes.length || 1),
      ),
    run: runExt4,
  },
  { name: 'finished', faults: [], inputs: tarInputs, run: runFinished },
  { name: 'manifest', faults: [], inputs: mutatedJson, run: runManifest },
];
