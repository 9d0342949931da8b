import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkoutEntries } from '../../src/main/elevation/writer-program.ts';
import { handshakeHmac } from '../../src/main/writer/handshake-hmac.ts';
import type { DriveIdentity } from '../../src/shared/model/drive.ts';
import {
  decodeControl,
  encodeControl,
  encodeHeader,
  FrameAssembler,
  HEADER_BYTES,
  MAX_DATA,
  type ControlType,
  type FrameHeader,
  type FrameType,
} from '../../src/shared/writer-protocol.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { loopDevice, type LoopDevice } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices } from '../support/tools.ts';

const MIB = 1024 * 1024;
const SIZE = 32 * MIB;
const SECRET = 'ab'.repeat(32);
const KIM = 12_345;

const NO_DRIVE: DriveIdentity = {
  ...{ path: '/dev/null', serial: null, model: null, size: 1, transport: null },
  ...{ deviceNumber: '1:3', generation: '0' },
};

interface Job {
  readonly folder: string;
  readonly path: string;
}

/** A job as the app makes it: 0600 in a 0700 folder, owned by `uid`. */
function makeJob(identity: DriveIdentity = NO_DRIVE, uid = 0, change: object = {}): Job {
  const folder = join(tmpFolder(), 'job-folder');
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, 'job');
  const rules = { allowFixed: true, access: 'write' };
  const job = { version: 1, secret: SECRET, pipe: null, identity, ...rules, ...change };
  writeFileSync(path, JSON.stringify(job), { mode: 0o600 });
  chownSync(path, uid, uid);
  chownSync(folder, uid, uid);
  return { folder, path };
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function startWriter(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { writer } = checkoutEntries();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', writer, ...args],
    // The end of its standard input would be the launcher's end.
    {
      env: { PATH: '/usr/sbin:/usr/bin', ...COMPILE_CACHE, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const { promise, resolve } = Promise.withResolvers<Ended>();
  child.once('close', (code) => resolve({ code, output }));
  return promise;
}

async function expectRefused(ended: Promise<Ended>, reason: RegExp): Promise<void> {
  const { code, output } = await ended;
  expect(code).toBe(1);
  expect(output).toMatch(reason);
  expect(output).not.toContain(SECRET);
}

describeNeeding([needsLoopDevices()], 'a job that is not the invoking user’s own', () => {
  const asKim = { PKEXEC_UID: String(KIM) };

  test('belongs to another user', async () => {
    await expectRefused(startWriter([makeJob().path], asKim), /another user/);
    await expectRefused(startWriter([makeJob(NO_DRIVE, KIM).path]), /another user/);
  });

  test('lies in a folder of another user', async () => {
    const { folder, path } = makeJob(NO_DRIVE, KIM);
    chownSync(folder, 0, 0);
    await expectRefused(startWriter([path], asKim), /folder of the job belongs to another/);
  });

  test('is a symbolic link', async () => {
    const victim = makeJob();
    const { folder, path } = makeJob();
    renameSync(path, join(folder, 'other'));
    symlinkSync(victim.path, path);
    await expectRefused(startWriter([path]), /cannot be opened: ELOOP/);
  });

  test('lies behind a symbolic link to a folder', async () => {
    const { folder } = makeJob();
    const link = join(tmpFolder(), 'link');
    symlinkSync(folder, link);
    await expectRefused(startWriter([join(link, 'job')]), /is no folder/);
  });

  test('is a second name of another file', async () => {
    const { folder, path } = makeJob();
    linkSync(path, join(folder, 'second'));
    await expectRefused(startWriter([path]), /several names/);
  });

  test.each([0o604, 0o640, 0o602, 0o660])('is open to others: %o', async (mode) => {
    const { path } = makeJob();
    chmodSync(path, mode);
    await expectRefused(startWriter([path]), /open to others/);
  });

  test('lies in a folder that is open to others', async () => {
    const { folder, path } = makeJob();
    chmodSync(folder, 0o755);
    await expectRefused(startWriter([path]), /open to others/);
  });

  test.each([
    ['of another version', { version: 2 }, /another version/],
    ['without a secret', { secret: 'ab' }, /no secret/],
    ['with a path for a pipe', { pipe: '/tmp/x' }, /pipe/],
    ['without an identity', { identity: null }, /no identity/],
    ['with half an identity', { identity: { path: '/dev/sda' } }, /no size/],
    ['with rules that are no rules', { allowFixed: 'yes' }, /no rules/],
    ['for neither reading nor writing', { access: 'erase' }, /neither to read nor to write/],
    ['of an app that does not say what for', { access: undefined }, /neither to read nor/],
    ['too long', { filler: 'x'.repeat(20_000) }, /too long/],
  ])('is %s', async (_title, change, reason) => {
    await expectRefused(startWriter([makeJob(NO_DRIVE, 0, change).path]), reason);
  });

  test('is not one absolute path', async () => {
    await expectRefused(startWriter([]), /arguments: a path/);
    await expectRefused(startWriter(['job']), /absolute/);
    await expectRefused(startWriter([makeJob().path, '--inspect']), /arguments: a path/);
    await expectRefused(startWriter(['/dev/zero']), /folder of the job/);
  });

  test('writes, and only reading is permitted', async () => {
    const { path } = makeJob(NO_DRIVE, 0, { access: 'write' });
    await expectRefused(startWriter([path, 'read']), /only reading is permitted/);
    const reading = makeJob(NO_DRIVE, 0, { access: 'read' });
    await expectRefused(startWriter([reading.path, 'read']), /ENOENT/);
  });

  test('comes from an unnamed user', async () => {
    await expectRefused(startWriter([makeJob().path], { PKEXEC_UID: 'root' }), /not known/);
  });

  test('no app listens where it says', async () => {
    await expectRefused(startWriter([makeJob().path]), /ENOENT/);
  });
});

/** The app's side, that says whatever a test wants. */
class FakeApp {
  readonly ended: Promise<Ended>;
  readonly frames: { header: FrameHeader; value: unknown }[] = [];
  readonly #server: Server;
  readonly #assembler: FrameAssembler;
  #socket: Socket | null = null;
  #wake: () => void = () => undefined;
  #over: Ended | null = null;

  constructor(job: Job) {
    this.#assembler = new FrameAssembler((header, payload) => {
      this.frames.push({ header, value: header.type === 'data' ? null : decodeControl(payload) });
      this.#wake();
    });
    this.#assembler.trusted = true;
    this.#server = createServer((socket) => {
      this.#socket = socket;
      socket.on('data', (bytes) => this.#assembler.push(bytes));
      socket.on('error', () => undefined);
    });
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.ended = promise;
    this.#server.listen(`${job.path}.socket`, () => {
      void startWriter([job.path]).then((ended) => {
        this.#over = ended;
        this.#wake();
        resolve(ended);
      });
    });
    onTestFinished(() => {
      this.#server.close();
      this.#socket?.destroy();
    });
  }

  /** The value of the next frame of this type. Throws when the writer ends without it. */
  async receive(type: FrameType): Promise<unknown> {
    for (;;) {
      const index = this.frames.findIndex(({ header }) => header.type === type);
      if (index !== -1) return this.frames.splice(0, index + 1).at(-1)?.value;
      if (this.#over !== null) {
        const heard = JSON.stringify([this.#over, this.frames.map(({ value }) => value)]);
        throw new Error(`the writer ended before it sent ${type}: ${heard}`);
      }
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wake = () => resolve(undefined);
      await promise;
    }
  }

  raw(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  send(type: ControlType, value: unknown, offset = 0): void {
    const payload = encodeControl(value);
    this.raw(encodeHeader({ type, length: payload.length, offset }));
    this.raw(payload);
  }

  data(type: 'write' | 'commit', offset: number, length: number): void {
    this.raw(encodeHeader({ type, length, offset }));
    this.raw(new Uint8Array(length).fill(0xee));
  }

  /** Returns the writer's nonce. */
  async authenticate(secret = SECRET): Promise<string> {
    const { nonce } = (await this.receive('hello')) as { nonce: string };
    const mine = '11'.repeat(32);
    const proof = handshakeHmac(secret, 'app', { app: mine, writer: nonce });
    this.send('challenge', { nonce: mine, proof });
    return nonce;
  }

  /** Until the device is open. */
  async open(): Promise<void> {
    await this.authenticate();
    await this.receive('ready');
  }

  disconnect(): void {
    this.#socket?.destroy();
  }
}

describeNeeding([needsLoopDevices()], 'an app that does not prove itself', () => {
  test('does not know the secret', async () => {
    const app = new FakeApp(makeJob());
    await app.authenticate('cd'.repeat(32));
    await expectRefused(app.ended, /no proof/);
    expect(app.frames).toEqual([]);
  });

  test('sends the proof of another run again', async () => {
    const first = new FakeApp(makeJob());
    const nonce = await first.authenticate();
    await first.ended;
    const second = new FakeApp(makeJob());
    await second.receive('hello');
    const mine = '11'.repeat(32);
    const proof = handshakeHmac(SECRET, 'app', { app: mine, writer: nonce });
    second.send('challenge', { nonce: mine, proof });
    await expectRefused(second.ended, /no proof/);
  });

  test('sends the writer’s own kind of proof back', async () => {
    const app = new FakeApp(makeJob());
    const { nonce } = (await app.receive('hello')) as { nonce: string };
    const proof = handshakeHmac(SECRET, 'writer', { app: nonce, writer: nonce });
    app.send('challenge', { nonce, proof });
    await expectRefused(app.ended, /no proof/);
  });

  test.each<[string, (app: FakeApp) => void, RegExp]>([
    ['asks for something at once', (app) => app.send('flush', null), /unproved/],
    ['sends a large frame', (app) => app.raw(header({ type: 7, length: 2000 })), /2000 bytes/],
    ['speaks another version', (app) => app.raw(header({ version: 2 })), /protocol version 2/],
    ['speaks something else', (app) => app.raw(Buffer.from('GET / HTTP/1.1\r\n\r\n')), /version/],
    [
      'sends no JSON',
      (app) => app.raw(Buffer.concat([header({ type: 2, length: 2 }), Buffer.from('{{')])),
      /JSON/,
    ],
  ])('%s', async (_title, act, reason) => {
    const app = new FakeApp(makeJob());
    await app.receive('hello');
    act(app);
    await expectRefused(app.ended, reason);
  });
});

describeNeeding([needsLoopDevices()], 'an app that has proved itself, but', () => {
  const opened = async (
    access: 'read' | 'write' = 'write',
  ): Promise<{ app: FakeApp; device: LoopDevice; before: Buffer }> => {
    const device = loopDevice({
      size: SIZE,
      fill: (file) => writeFileSync(file, randomBytes(SIZE)),
    });
    const before = readFileSync(device.file);
    const { identity } = await device.resolve();
    const app = new FakeApp(makeJob(identity, 0, { access }));
    await app.open();
    return { app, device, before };
  };

  const beyond = `${String(4096)} bytes at ${String(SIZE)} reach beyond`;
  test.each<[string, (app: FakeApp) => void, RegExp]>([
    ['writes beyond the device', (app) => app.data('write', SIZE, 4096), new RegExp(beyond)],
    ['reads beyond it', (app) => app.send('read', { length: 4096 }, SIZE), new RegExp(beyond)],
    [
      'wipes beyond it',
      (app) => app.send('prepare', { wipe: [{ offset: 0, length: SIZE + 1 }], signature: null }),
      /reach beyond/,
    ],
    [
      'wipes before it',
      (app) => app.send('prepare', { wipe: [{ offset: -1, length: 1 }] }),
      /no offset/,
    ],
    [
      'does not say what is to be found',
      (app) => app.send('prepare', { wipe: [] }),
      /no signature/,
    ],
    ['wipes nonsense', (app) => app.send('prepare', { wipe: 7 }), /no ranges/],
    ['commits beyond it', (app) => app.data('commit', SIZE - 1, 4096), /reach beyond/],
    [
      'lets an offset overflow',
      (app) => app.raw(header({ type: 6, length: 4096, offset: 2n ** 64n - 4096n })),
      /overflow/,
    ],
    [
      'sends an oversized frame',
      (app) => app.raw(header({ type: 6, length: MAX_DATA + 1 })),
      /frame of/,
    ],
    ['sends oversized JSON', (app) => app.raw(header({ type: 5, length: 100_000 })), /frame of/],
    ['reads too much at once', (app) => app.send('read', { length: MAX_DATA + 1 }, 0), /read of/],
    ['sends an unknown frame', (app) => app.raw(header({ type: 99 })), /unknown/],
    ['sends a frame of the writer’s', (app) => app.send('ready', null), /does not belong/],
    ['sends a challenge again', (app) => app.send('challenge', {}), /does not belong/],
    ['writes before it is prepared', (app) => app.data('write', 0, 4096), /not while new/],
    ['commits before anything', (app) => app.data('commit', 0, 4096), /not while new/],
    [
      'ejects before commit',
      (app) => {
        app.send('prepare', { wipe: [], signature: null });
        app.send('eject', null);
      },
      /not while writing/,
    ],
  ])('%s', async (_title, act, reason) => {
    const { app, device, before } = await opened();
    act(app);
    const { code, output } = await app.ended;
    expect(code).toBe(1);
    const reported = app.frames.map(({ value }) => JSON.stringify(value)).join();
    expect(output + reported).toMatch(reason);
    expect(Buffer.compare(readFileSync(device.file), before)).toBe(0);
  });

  test.each<[FrameType, (app: FakeApp) => void]>([
    [
      'prepare',
      (app) => app.send('prepare', { wipe: [{ offset: 0, length: 4096 }], signature: null }),
    ],
    ['write', (app) => app.data('write', 0, 4096)],
    ['flush', (app) => app.send('flush', null)],
    ['commit', (app) => app.data('commit', 0, 4096)],
  ])('was to read only, and sends a %s frame', async (type, act) => {
    const { app, device, before } = await opened('read');
    app.send('read', { length: 4096 }, 0);
    await app.receive('data');
    act(app);
    const { code, output } = await app.ended;
    expect(code).toBe(1);
    expect(output).toContain(`a ${type} frame in a job that only reads`);
    expect(Buffer.compare(readFileSync(device.file), before)).toBe(0);
  });

  test('goes away: the writer ends', async () => {
    const { app, device, before } = await opened();
    app.disconnect();
    expect((await app.ended).code).toBe(1);
    expect(Buffer.compare(readFileSync(device.file), before)).toBe(0);
  });
});

/** A header that no peer should send. */
function header(fields: {
  version?: number;
  type?: number;
  length?: number;
  offset?: bigint;
}): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt8(fields.version ?? 1, 0);
  bytes.writeUInt8(fields.type ?? 7, 1);
  bytes.writeUInt32LE(fields.length ?? 0, 4);
  bytes.writeBigUInt64LE(fields.offset ?? 0n, 8);
  return bytes;
}
