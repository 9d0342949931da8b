import { constants, createReadStream, openSync, closeSync, fsyncSync, writeSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { alignedMemory } from '../src/shared/aligned-memory.ts';
import { emit } from '../src/main/engine/emit/emit.ts';
import { inspect } from '../src/main/engine/inspect/inspect.ts';
import { plan, type PlanEntry } from '../src/main/engine/plan/plan.ts';
import { decodeStream } from '../src/main/engine/stream/decoded.ts';

// The least that any builder must do, each part on its own with nothing beside it; prints the seconds
// it took. The floor of a build is the slowest of them. Arguments:
//   unpack IMAGE…       unpacks compressed images once, gzip with Node's zlib, zstd with zstd-napi
//   prove IMAGE…        decompresses and hashes every blob once, on all cores (plain tar images)
//   write BYTES PATH    writes that many bytes once, onto the disk, past the page cache: the fastest way
const [part, ...rest] = process.argv.slice(2);
const prepared = part === 'prove' ? plan(await Promise.all(rest.map(entry)), 0) : null;

const began = performance.now();
if (part === 'unpack') for (const path of rest) await unpack(path);
else if (prepared !== null) await emit(prepared, []);
else write(Number(rest[0]), rest[1] ?? '');
process.stdout.write(`${(performance.now() - began) / 1000}\n`);

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

function write(bytes: number, path: string): void {
  const fd = openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT, 0o644);
  const chunk = alignedMemory(4 * 1024 * 1024).fill(0x5a);
  for (let left = bytes; left > 0; left -= chunk.length) writeSync(fd, chunk);
  fsyncSync(fd);
  closeSync(fd);
}
