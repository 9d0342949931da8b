/**
 * Bytes per second through the elevated writer to a loop device, beside a direct write of the same
 * blocks to the same device in the same run. Needs root. Usage: stick-target.ts [MiB] [rounds] [MB/s]
 * The last makes the device slow: so many megabytes per second, by the kernel's throttle.
 */
import { constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { openStickTarget } from '../src/main/elevation/stick-target.ts';
import { checkoutEntries, findWriterProgram } from '../src/main/elevation/writer-program.ts';
import { attachLoop } from '../test/support/loop.ts';

const CHUNK = 4 * 1024 * 1024;
const size = Number(process.argv[2] ?? 2048) * 1024 * 1024;
const rounds = Number(process.argv[3] ?? 5);
const limit = process.argv[4] === undefined ? null : Number(process.argv[4]) * 1e6;

/** Of cgroup v1; a control group of our own, into which this process and all that it starts goes. */
const BLKIO = '/sys/fs/cgroup/blkio';
const GROUP = `${BLKIO}/stick-target-${String(process.pid)}`;

const device = attachLoop({ size, options: ['--direct-io=on'] });
try {
  const { identity } = await device.resolve();
  if (limit !== null) slowDown(identity.deviceNumber, limit);
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: CHUNK / 65_536 }).buffer);
  memory.forEach((_, index) => (memory[index] = index * 31));
  const results = { direct: [] as number[], socket: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const direct = await writeDirectly(identity.path, memory);
    const socket = await writeThroughSocket();
    // The first round allocates the file's blocks.
    if (round === 0) continue;
    results.direct.push(direct);
    results.socket.push(socket);
  }
  const direct = median(results.direct);
  const socket = median(results.socket);
  const slow = limit === null ? '' : `, slowed down to ${String(limit / 1e6)} MB/s`;
  console.log(`${size / 1024 / 1024} MiB${slow}, median of ${rounds} rounds`);
  console.log(`direct O_DIRECT write  ${direct.toFixed(0)} MB/s`);
  console.log(`through the socket     ${socket.toFixed(0)} MB/s (${percent(socket / direct)})`);

  async function writeThroughSocket(): Promise<number> {
    const program = findWriterProgram(checkoutEntries(), 'write');
    const target = await openStickTarget({ identity, allowFixed: true, program });
    await target.prepare([]);
    const start = performance.now();
    for (let offset = 0; offset < size; offset += CHUNK) await target.write(offset, memory);
    await target.flush();
    const speed = rate(start);
    await target.close();
    return speed;
  }
} finally {
  if (limit !== null) {
    writeFileSync(`${BLKIO}/cgroup.procs`, String(process.pid));
    rmdirSync(GROUP);
  }
  device.release();
}

function slowDown(deviceNumber: string, bytesPerSecond: number): void {
  mkdirSync(GROUP);
  writeFileSync(`${GROUP}/blkio.throttle.write_bps_device`, `${deviceNumber} ${bytesPerSecond}`);
  writeFileSync(`${GROUP}/cgroup.procs`, String(process.pid));
}

async function writeDirectly(path: string, memory: Uint8Array): Promise<number> {
  const handle = await open(path, constants.O_RDWR | constants.O_EXCL | constants.O_DIRECT);
  const start = performance.now();
  for (let offset = 0; offset < size; offset += CHUNK) await handle.write(memory, 0, CHUNK, offset);
  await handle.sync();
  const speed = rate(start);
  await handle.close();
  return speed;
}

function rate(start: number): number {
  return size / 1000 / (performance.now() - start);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}
