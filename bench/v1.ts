import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openZip } from '../src/main/engine/archive/zip.ts';
import { inspect } from '../src/main/engine/inspect/inspect.ts';
import { build } from '../src/main/jobs/build.ts';
import type { OutputRequest } from '../src/shared/model/job.ts';
import { v1Artifact } from './v1-artifact.ts';

/**
 * An OTA image v1 to a tar archive or a filesystem image: this product, which checks every digest,
 * beside unzip, copying to the names on the stick, and tar (or mkfs, mount and cp), which check
 * nothing. Both end with the output on the disk. The filesystem image by hand needs root.
 *
 *     npm run bench:v1 [-- <MiB> [<runs> [tar|img]]]
 *
 * BENCH_FOLDER: where all of it is done; on a tmpfs the disk does not count.
 */
const MIB = 1024 * 1024;
const [size = '1024', runs = '3', kind = 'tar'] = process.argv.slice(2);
if (kind !== 'tar' && kind !== 'img') throw new Error(`no such output: ${kind}`);
const folder = process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench');
const artifact = v1Artifact(folder, Number(size) * MIB);

function outputTo(path: string): OutputRequest {
  return kind === 'img' ? { kind, path, size: null } : { kind: 'tar', path };
}

async function ours(place: string): Promise<void> {
  await build(
    {
      images: [{ path: artifact, ecuId: null, version: null, releaseKey: null }],
      outputs: [outputTo(join(place, `out.${kind}`))],
      caDir: null,
      checkSignature: true,
      timestamp: 1_700_000_000,
    },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
}

/** The list of names is given, so that the tables need not be read here. */
const { payloads } = await inspect(artifact, { caDir: null, checkSignature: true });
const input = await openZip(artifact);
const nameAt = new Map<number, string>();
for (const [name, { location }] of input.members)
  if (location.kind === 'extent') nameAt.set(location.offset, name);
const copies = payloads.flatMap(({ blobs }) =>
  blobs.map(({ name, location }) => ({
    from: location.kind === 'extent' ? (nameAt.get(location.offset) ?? '') : '',
    to: `data/${name}`,
  })),
);

function byHand(place: string): void {
  execFileSync('unzip', ['-q', artifact, '-d', join(place, 'x')]);
  mkdirSync(join(place, 'out/data'), { recursive: true });
  mkdirSync(join(place, 'out/meta/0'), { recursive: true });
  for (const { from, to } of copies) copyFileSync(join(place, 'x', from), join(place, 'out', to));
  for (const name of ['oci-layout', 'index.json', 'index.jwt'])
    copyFileSync(join(place, 'x', name), join(place, 'out/meta/0', name));
  writeFileSync(join(place, 'out/manifest.json'), '{}');
  const result = join(place, `out.${kind}`);
  if (kind === 'tar') execFileSync('tar', ['cf', result, '-C', join(place, 'out'), '.']);
  else copyIntoFilesystem(join(place, 'out'), result, join(place, 'mnt'));
  execFileSync('sync', ['-d', result]);
}

function copyIntoFilesystem(from: string, image: string, mountPoint: string): void {
  writeFileSync(image, '');
  truncateSync(image, Math.ceil((statSync(artifact).size * 1.1) / MIB) * MIB);
  execFileSync('mkfs.ext4', ['-q', '-F', '-L', 'ota_cache_src', image]);
  mkdirSync(mountPoint);
  execFileSync('mount', ['-o', 'loop', image, mountPoint]);
  try {
    execFileSync('cp', ['-r', `${from}/.`, mountPoint]);
  } finally {
    execFileSync('umount', [mountPoint]);
  }
}

async function time(work: (place: string) => Promise<void> | void): Promise<number> {
  const place = mkdtempSync(join(folder, 'run-'));
  try {
    const began = performance.now();
    await work(place);
    return (performance.now() - began) / 1000;
  } finally {
    rmSync(place, { recursive: true });
  }
}

const results: { run: number; ours: string; byHand: string; factor: string }[] = [];
for (let run = 1; run <= Number(runs); run++) {
  const mine = await time(ours);
  const theirs = await time(byHand);
  results.push({
    run,
    ours: `${mine.toFixed(2)} s`,
    byHand: `${theirs.toFixed(2)} s`,
    factor: (theirs / mine).toFixed(2),
  });
}
console.log(`${artifact} to ${kind}: ${(statSync(artifact).size / MIB).toFixed(0)} MiB`);
console.table(results);
