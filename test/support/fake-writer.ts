import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AlignedMemory, BlockDevice } from '../../src/main/writer/block-device.ts';
import { handshake } from '../../src/main/writer/handshake.ts';
import { endpointOf, readJob } from '../../src/main/writer/job-file.ts';
import type { WriterPlatform } from '../../src/main/writer/platform.ts';
import { Session } from '../../src/main/writer/session.ts';
import { builderError, type ErrorData } from '../../src/shared/errors.ts';

/** How the device behaves. */
export interface FakeDevice {
  /** A flush takes this long. */
  milliseconds: number;
  /** A flush fails. */
  fails: boolean;
  /** Offset of reads that fail, as of a place that is worn out. */
  unreadable?: number | null;
  /** Counts. */
  ejected: number;
}

/** The writer's session without elevation, over the file that the job names as its device. */
export async function serveJob(folder: string, name: string, behaviour: FakeDevice): Promise<void> {
  const path = join(folder, name);
  const job = await readJob(path, process.getuid?.() ?? 0);
  const memory = new AlignedMemory();
  const connection = await handshake(endpointOf(path, job), job.secret, memory);
  const file = await open(job.identity.path, 'r+');
  const sync = file.sync.bind(file);
  file.sync = async () => {
    await sleep(behaviour.milliseconds);
    if (behaviour.fails) throw Object.assign(new Error('fsync'), { code: 'EIO' });
    await sync();
  };
  const read = file.read.bind(file);
  file.read = ((bytes: Uint8Array, at: number, length: number, position: number) => {
    if (position !== behaviour.unreadable) return read(bytes, at, length, position);
    const params = { drive: 'Stick', offset: position, reason: 'EIO' };
    return Promise.reject(builderError('drive-read-failed', params));
  }) as typeof file.read;
  const { identity, access } = job;
  const facts = { size: identity.size, blockSize: 512, direct: true };
  const device = new BlockDevice(file, memory.scratch, {
    ...facts,
    dropCache: () => Promise.resolve(),
  });
  const platform = {
    usersOf: () => Promise.resolve(''),
    eject: () => {
      behaviour.ejected++;
      return Promise.resolve();
    },
  } as unknown as WriterPlatform;
  const target = { name: 'Stick', identity, drive: { identity } as never, partition: null, access };
  const session = new Session({ channel: connection.channel, device, memory, target, platform });
  const finished = Promise.withResolvers<ErrorData | null>();
  connection.onFrame((header, payload) => session.take(header, payload, finished.resolve));
  connection.channel.send('ready', facts);
  const outcome = await Promise.race([finished.promise, connection.closed]);
  if (outcome !== null && !(outcome instanceof Error)) connection.channel.send('error', outcome);
  await session.end();
  await device.close();
  await connection.channel.end();
}
