/** Runs in the guest: does what the test asks for, through a virtio port. */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemDrives } from '../../../src/main/drives/system-drives.ts';
import { bundledEntries } from '../../../src/main/elevation/writer-program.ts';
import type { Drive } from '../../../src/shared/model/drive.ts';
import type { Answer, Request, ShellResult } from './protocol.ts';
import { runAsUser } from './as-user.ts';
import { writeImage } from './write-image.ts';

const PORT = '/dev/virtio-ports/ctl';
const IMAGE = '/job/stick.img';
const ENTRIES = bundledEntries('/job/writer');

// The port can be opened only once.
const descriptor = openSync(PORT, 'r+');
const output = createWriteStream('', { fd: descriptor });
const input = createInterface({ input: createReadStream('', { fd: descriptor }) });
let go = Promise.withResolvers<undefined>();

function tell(answer: Answer): void {
  output.write(`${JSON.stringify(answer)}\n`);
}

input.on('line', (line) => {
  const { id, request } = JSON.parse(line) as { id: number; request: Request | { do: 'go' } };
  if (request.do === 'go') {
    go.resolve(undefined);
    return;
  }
  serve(id, request).then(
    (result) => tell({ id, result }),
    (error: unknown) => tell({ id, failure: String(error instanceof Error ? error.stack : error) }),
  );
});
tell({ id: 0, result: null });

async function serve(id: number, request: Request): Promise<unknown> {
  switch (request.do) {
    case 'list':
      return await systemDrives.list();
    case 'await-drive':
      return await awaitDrive(request.serial, request.present);
    case 'shell':
      return await shell(request.command, request.seconds);
    case 'write': {
      if (request.asUser !== undefined) return await runAsUser(request.drive, request.asUser);
      go = Promise.withResolvers<undefined>();
      let reached = false;
      return await writeImage(IMAGE, ENTRIES, request, {
        beforeStart: async () => {
          if (request.pauseBeforeStart !== true) return;
          tell({ id, report: 'paused' });
          await go.promise;
        },
        onPhase: (phase) => {
          if (phase === request.reportPhase) tell({ id, report: 'reached' });
        },
        onWritten: (bytes) => {
          if (reached || request.reportAt === undefined || bytes < request.reportAt) return;
          reached = true;
          tell({ id, report: 'reached' });
        },
      });
    }
  }
}

async function awaitDrive(serial: string, present: boolean): Promise<Drive | null> {
  for (let tries = 0; tries < 300; tries++) {
    const drives = await systemDrives.list();
    const drive = drives.find(({ identity }) => identity.serial === serial) ?? null;
    if ((drive !== null) === present) return drive;
    await sleep(50);
  }
  throw new Error(`${serial} did not ${present ? 'come' : 'go'}`);
}

async function shell(command: string, seconds = 30): Promise<ShellResult> {
  const { promise, resolve } = Promise.withResolvers<ShellResult>();
  execFile(
    '/bin/sh',
    ['-c', command],
    { timeout: seconds * 1000, maxBuffer: 1 << 26 },
    (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    },
  );
  return await promise;
}
