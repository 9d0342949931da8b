import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { readCommand, readManner } from '../../../src/main/cli/args.ts';
import { readImageArgument, readOutputArgument } from '../../../src/main/cli/paths.ts';
import { bindCommands, type Handlers } from '../../../src/main/ipc/router.ts';
import type { BlockDevice } from '../../../src/main/writer/block-device.ts';
import type { AlignedMemory } from '../../../src/main/writer/block-device.ts';
import type { Channel } from '../../../src/main/writer/channel.ts';
import type { WriterPlatform, WriterTarget } from '../../../src/main/writer/platform.ts';
import { Session } from '../../../src/main/writer/session.ts';
import { CHANNEL_PREFIX, commands, MAX_IMAGES, type Answer } from '../../../src/shared/ipc.ts';
import { builderError, BuilderError } from '../../../src/shared/errors.ts';
import {
  FrameAssembler,
  MAX_DATA,
  MAX_HANDSHAKE,
  ProtocolError,
} from '../../../src/shared/writer-protocol.ts';
import { mutatedBytes, mutatedJson } from '../mutate.ts';
import { rule, type FuzzTarget } from '../target.ts';

/** What the elevated writer is sent by somebody who has not proved himself. */
function runHandshake(input: Buffer): void {
  const assembler = new FrameAssembler(({ length }) =>
    rule(length <= MAX_HANDSHAKE, 'a long frame before the proof'),
  );
  feed(assembler, input);
}

const DEVICE_BYTES = 256 * 1024;
const BLOCK = 512;

/** What it is sent by an app that has: nothing but whole blocks of the one device is ever written. */
async function runSession(input: Buffer): Promise<void> {
  const device = new FakeDevice();
  const ended: unknown[] = [];
  const parts = {
    channel: { send: () => undefined, sendData: () => Promise.resolve() } as unknown as Channel,
    device: device as unknown as BlockDevice,
    memory: { giveBack: () => undefined } as unknown as AlignedMemory,
    target: {
      ...{ name: 'stick', identity: { size: DEVICE_BYTES }, access: 'write' },
    } as unknown as WriterTarget,
    platform: {
      usersOf: () => Promise.resolve(''),
      eject: () => Promise.resolve(),
      recognise: () => Promise.resolve(null),
    } as unknown as WriterPlatform,
  };
  const session = new Session(parts);
  try {
    const assembler = new FrameAssembler((header, payload) =>
      session.take(header, payload, (error) => ended.push(error)),
    );
    assembler.trusted = true;
    feed(assembler, input);
  } finally {
    await settle();
    await session.end();
  }
  rule(device.broken === null, device.broken ?? '');
  const [failed] = ended;
  if (failed !== null && failed !== undefined) throw new ProtocolError('the session ended');
}

/** A device in memory that remembers what it should not have been asked for. */
class FakeDevice {
  readonly size = DEVICE_BYTES;
  readonly blockSize = BLOCK;
  readonly waiting = 0;
  readonly #bytes = new Uint8Array(DEVICE_BYTES);
  broken: string | null = null;

  write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset % BLOCK !== 0 || bytes.length % BLOCK !== 0)
      this.broken ??= `${bytes.length} bytes at ${offset} are not whole blocks`;
    return this.overwrite(offset, bytes);
  }

  overwrite(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check(offset, bytes.length);
    if (this.broken === null) this.#bytes.set(bytes, offset);
    return Promise.resolve();
  }

  clear(offset: number, length: number): Promise<void> {
    this.#check(offset, length);
    if (this.broken === null) this.#bytes.fill(0, offset, offset + length);
    return Promise.resolve();
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    this.#check(offset, length);
    return Promise.resolve(this.#bytes.slice(offset, offset + length));
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  #check(offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > DEVICE_BYTES || length > MAX_DATA)
      this.broken ??= `${length} bytes at ${offset} are beyond the device`;
  }
}

/** In pieces of any size; a frame that is cut off is just not there yet. */
function feed(assembler: FrameAssembler, input: Buffer): void {
  const step = 1 + ((input[0] ?? 0) % 97);
  for (let at = 0; at < input.length; at += step) assembler.push(input.subarray(at, at + step));
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

type Listener = (event: IpcMainInvokeEvent, payload: unknown) => Promise<Answer<unknown>>;
const listeners = new Map<string, Listener>();
/** The payload that got through to a handler; the answers of these are none of the contract's. */
let passed: { readonly payload: unknown } | null = null;
const handlers = Object.fromEntries(
  Object.keys(commands).map((name) => [name, (payload: unknown) => (passed = { payload })]),
);
const OPTIONS = { isOwnUrl: () => true, onCommand: () => undefined, onError: () => undefined };
bindCommands(
  {
    handle: (name: string, listener: Listener) => listeners.set(name, listener),
  } as unknown as IpcMain,
  handlers as unknown as Handlers,
  OPTIONS,
);
const event = { senderFrame: { parent: null, url: 'app://ui/' } } as unknown as IpcMainInvokeEvent;

/** `{ command, payload }` from a page that somebody took over. */
async function runIpc(input: Buffer): Promise<void> {
  let message: unknown;
  try {
    message = JSON.parse(input.toString());
  } catch {
    throw builderError('usage-option', { detail: 'no message' });
  }
  const { command, payload } = (Object(message) ?? {}) as Record<string, unknown>;
  const listener = listeners.get(CHANNEL_PREFIX + String(command));
  if (listener === undefined) throw builderError('usage-option', { detail: 'no command' });
  passed = null;
  const answer = await listener(event, payload);
  rule('ok' in answer !== 'error' in answer, 'an answer that is none');
  rule(({} as Record<string, unknown>)['polluted'] === undefined, 'a prototype was changed');
  // The assignment is a handler's, which the compiler does not see.
  const through = passed as { readonly payload: unknown } | null;
  if (through === null) throw builderError('usage-option', { detail: 'refused' });
  checkPassed(through.payload);
}

/** What gets through is small and holds nothing beyond the contract. */
function checkPassed(value: unknown): void {
  if (typeof value === 'string') rule(value.length <= 32_767, 'a long text gets through');
  if (typeof value === 'number')
    rule(Number.isSafeInteger(value) && value >= 0, `a number ${value}`);
  if (Array.isArray(value)) rule(value.length <= MAX_IMAGES, 'a long list gets through');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    rule(!['polluted', 'more', '__proto__', 'a'].includes(key), `a key ${key} gets through`);
    checkPassed(child);
  }
}

/** Arguments as the system passes them: each ends with a zero byte, and so holds none. */
function runCommandLine(input: Buffer, folder: string): void {
  const argv = input.toString().split('\0');
  const manner = readManner(argv, { LANG: argv[0] });
  rule(['en', 'ja'].includes(manner.language), 'an unknown language');
  const command = readCommand(argv);
  if (command.kind !== 'build') return;
  for (const image of command.images) readImageArgument(image, folder);
  for (const output of command.outputs) {
    const request = readOutputArgument(output, command.format, command.size, folder);
    rule(request.kind !== 'drive' && request.path.startsWith('/'), 'an output that is no path');
  }
  rule(
    !command.confirmed || command.writeTo.length > 0,
    'something is confirmed and nothing named',
  );
}

const bytes: FuzzTarget['inputs'] = (corpus) => mutatedBytes(corpus);

export const borderTargets: readonly FuzzTarget[] = [
  { name: 'handshake', faults: [ProtocolError], inputs: bytes, run: runHandshake },
  { name: 'session', faults: [ProtocolError], inputs: bytes, run: runSession },
  { name: 'ipc', faults: [BuilderError], inputs: mutatedJson, run: runIpc },
  { name: 'command-line', faults: [], inputs: bytes, run: runCommandLine },
];
