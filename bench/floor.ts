import { constants, createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { alignedMemory } from '../src/shared/aligned-memory.ts';
import { emit } from '../src/main/engine/emit/emit.ts';
import { inspect } from '../src/main/engine/inspect/inspect.ts';
import { plan, type PlanEntry } from '../src/main/engine/plan/plan.ts';
import { decodeStream } from '../src/main/engine/stream/decoded.ts';

// The least that any builder must do; prints the seconds it took. Each option is a part of it, and given
// alone runs with nothing beside it: the floor of a build is the slowest of them. Several run at once.
//   --unpack IMAGE…     unpacks compressed images once, gzip with Node's zlib, zstd with zstd-napi
//   --prove IMAGE…      decompresses and hashes every blob once, on all cores (plain tar images)
//   --write BYTES       writes that many bytes once, onto the disk, past the page cache: the fastest way
const { values } = parseArgs({
  options: {
    unpack: { type: 'string', multiple: true, default: [] },
    prove: { type: 'string', multiple: true, default: [] },
    write: { type: 'string', default: '0' },
  },
});
const proven = plan(await Promise.all(values.prove.map(entry)), 0);
const bytes = Number(values.write);

const began = performance.now();
await Promise.all([
  unpackAll(values.unpack),
  proven.inputs.length > 0 ? emit(proven, []) : null,
  bytes > 0 ? write(bytes) : null,
]);
process.stdout.write(`${(performance.now() - began) / 1000}\n`);

async function unpackAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await unpack(path);
}

async function unpack(path: string): Promise<void> {
  if (path.endsWith('.zst')) {
    for await (const window of decodeStream(path, 'zstd')) window.release();
    return;
  }
  const gunzip = createGunzip({ chunkSize: 1024 * 1024 });
  createReadStream(path, { highWaterMark: 1024 * 1024 }).pipe(gunzip);
  await finished(gunzip.resume());
}

async function entry(path: string, i: number): Promise<PlanEntry> {
  const image = await inspect(path, { caDir: null, checkSignature: true });
  const [payload] = image.payloads;
  if (payload === undefined) throw new Error(`${path} has no payload`);
  const meta = { ecu_id: `ecu${i}`, image_version: '', ota_metadata_version: 1 } as const;
  return { image, payload, meta };
}

/** Into the current folder. */
async function write(total: number): Promise<void> {
  const flags = constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT;
  await using file = await open('out.raw', flags, 0o644);
  const chunk = alignedMemory(4 * 1024 * 1024).fill(0x5a);
  for (let left = total; left > 0; left -= chunk.length) await file.write(chunk);
  await file.sync();
}
