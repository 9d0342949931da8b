import { createReadStream, openSync, closeSync, fsyncSync, writeSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { emit } from '../src/main/engine/emit/emit.ts';
import { inspect } from '../src/main/engine/inspect/inspect.ts';
import { plan } from '../src/main/engine/plan/plan.ts';

// The least that any builder must do, each part on its own with nothing beside it. The floor of a
// build is the slowest of them. Arguments:
//   inflate IMAGE…      inflates gzip images once, with Node's zlib
//   prove IMAGE…        decompresses and hashes every blob once, on all cores (plain tar images);
//                       prints the seconds that took, without the inspection before it
//   write BYTES PATH    writes that many bytes once
const [part, ...rest] = process.argv.slice(2);
if (part === 'inflate') {
  for (const image of rest) {
    const gunzip = createGunzip({ chunkSize: 1024 * 1024 });
    createReadStream(image, { highWaterMark: 1024 * 1024 }).pipe(gunzip);
    await finished(gunzip.resume());
  }
} else if (part === 'prove') {
  const entries = [];
  for (const [i, path] of rest.entries()) {
    const image = await inspect(path, { caDir: null, checkSignature: true });
    const [payload] = image.payloads;
    if (payload === undefined) throw new Error(`${path} has no payload`);
    const meta = { ecu_id: `ecu${i}`, image_version: '', ota_metadata_version: 1 } as const;
    entries.push({ image, payload, meta });
  }
  const began = performance.now();
  await emit(plan(entries, 0), []);
  process.stdout.write(`${(performance.now() - began) / 1000}\n`);
} else {
  const fd = openSync(rest[1] ?? '', 'wx');
  const chunk = Buffer.alloc(4 * 1024 * 1024, 0x5a);
  for (let left = Number(rest[0]); left > 0; left -= chunk.length)
    writeSync(fd, chunk, 0, Math.min(left, chunk.length));
  fsyncSync(fd);
  closeSync(fd);
}
