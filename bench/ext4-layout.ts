/**
 * CPU and memory of planning an ext4 filesystem of 300,000 files and of making all its pieces,
 * without the contents of the files. Run: node bench/ext4-layout.ts [files] [bytes of the device]
 */
import { hash } from 'node:crypto';
import { layoutExt4, smallestExt4Size } from '../src/main/engine/ext4/layout/layout-ext4.ts';

const count = Number(process.argv[2] ?? 300_000);
const size = Number(process.argv[3] ?? 64_000_000_000);
const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

const files: { path: string; size: number }[] = [];
for (let index = 0; index < count; index++) {
  const name = hash('sha256', `${index}`);
  files.push({
    path: `data/${name}${index % 3 === 0 ? '' : '.zst'}`,
    size: (index * 7919) % 16_000,
  });
}
const hashSeed = new Uint8Array(16).fill(1);
const contents = { directories: ['data'], files };
const before = megabytes(process.memoryUsage.rss());

function measure<T>(what: string, action: () => T): T {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  const result = action();
  const used = process.cpuUsage(cpu);
  const seconds = ((used.user + used.system) / 1e6).toFixed(2);
  console.log(`${what}: ${seconds} s CPU, ${((performance.now() - wall) / 1000).toFixed(2)} s`);
  return result;
}

measure('smallest size', () => smallestExt4Size({ ...contents, hashSeed }));
const layout = measure('layout', () =>
  layoutExt4({
    ...contents,
    target: 'bench',
    size,
    label: 'ota_cache_src',
    uuid: new Uint8Array(16).fill(2),
    hashSeed,
    timestamp: 1_700_000_000,
  }),
);
const { pieces, metadata, jumps } = measure('pieces', () => {
  const seen = { pieces: 0, metadata: 0, jumps: 0 };
  let end = 4096;
  for (const piece of layout.pieces()) {
    seen.pieces++;
    if (piece.offset !== end) seen.jumps++;
    const length = piece.kind === 'bytes' ? piece.bytes.length : piece.length;
    end = piece.offset + length;
    if (piece.kind === 'bytes') seen.metadata += length;
  }
  return seen;
});
console.log(`${pieces} pieces, ${megabytes(metadata)} MB of metadata, ${jumps} jumps between them`);
const peak = megabytes(process.resourceUsage().maxRSS * 1024);
console.log(`memory: ${before} MB with the list of ${count} files alone, ${peak} MB at most`);
