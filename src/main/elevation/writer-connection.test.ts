import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import {
  decodeControl,
  encodeControl,
  encodeHeader,
  FrameAssembler,
  type ControlType,
} from '../../shared/writer-protocol.ts';
import { handshakeHmac, newNonce } from '../writer/handshake-hmac.ts';
import { listenForWriter } from './writer-connection.ts';

const SECRET = 'ab'.repeat(32);

/** Somebody who connects to the app's socket, and says what a test wants. */
class Caller {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly nonce = newNonce();
  /** What the app said last. */
  received: Record<string, unknown> = {};

  constructor(endpoint: string) {
    this.socket = connect(endpoint);
    this.socket.on('error', () => undefined);
    this.closed = once(this.socket, 'close');
    const assembler = new FrameAssembler((_header, payload) => {
      this.received = decodeControl(payload) as Record<string, unknown>;
      this.socket.emit('received');
    });
    this.socket.on('data', (bytes: Buffer) => assembler.push(bytes));
    onTestFinished(() => void this.socket.destroy());
  }

  send(type: ControlType, value: unknown): void {
    const payload = encodeControl(value);
    this.socket.write(encodeHeader({ type, length: payload.length, offset: 0 }));
    this.socket.write(payload);
  }

  /** Returns the app's nonce. */
  async hello(): Promise<string> {
    this.send('hello', { nonce: this.nonce });
    await once(this.socket, 'received');
    return String(this.received['nonce']);
  }

  async authenticate(secret = SECRET): Promise<string> {
    const app = await this.hello();
    const proof = handshakeHmac(secret, 'writer', { app, writer: this.nonce });
    this.send('proof', { proof });
    return proof;
  }
}

async function listening() {
  const endpoint = join(tmpFolder(), 'socket');
  const received: string[] = [];
  const listener = await listenForWriter(
    { name: 'job-1', endpoint, secret: SECRET },
    {
      onFrame: ({ type }) => received.push(type),
      onClose: () => received.push('closed'),
    },
  );
  onTestFinished(() => listener.close());
  let connected = false;
  void listener.connected.then(() => (connected = true));
  return { endpoint, listener, received, isConnected: () => connected };
}

test('a writer that knows the secret is connected, on a socket that only its user reaches', async () => {
  const { endpoint, listener, received } = await listening();
  expect(statSync(endpoint).mode & 0o777).toBe(0o600);
  const writer = new Caller(endpoint);
  await writer.authenticate();
  await listener.connected;
  // Before that, the app has authenticated itself to the writer.
  const app = { app: String(writer.received['nonce']), writer: writer.nonce };
  expect(writer.received['proof']).toBe(handshakeHmac(SECRET, 'app', app));
  writer.send('log', { line: 'x' });
  await expect.poll(() => received).toEqual(['log']);
});

test.each<[string, (caller: Caller) => unknown]>([
  ['does not know the secret', (caller) => caller.authenticate('cd'.repeat(32))],
  [
    'sends the app’s own proof back',
    async (caller) => {
      await caller.hello();
      caller.send('proof', { proof: caller.received['proof'] });
    },
  ],
  ['asks for something at once', (caller) => caller.send('ready', {})],
  ['sends a proof before its hello', (caller) => caller.send('proof', { proof: 'ab'.repeat(32) })],
  ['says hello without a nonce', (caller) => caller.send('hello', { nonce: '1' })],
  [
    'sends no proof',
    async (caller) => {
      await caller.hello();
      caller.send('proof', null);
    },
  ],
  ['sends a large frame', (caller) => caller.send('hello', { nonce: 'x'.repeat(2000) })],
  ['speaks something else', (caller) => void caller.socket.write('GET / HTTP/1.1\r\n\r\n')],
])('a caller that %s is dropped, and the writer still connects', async (_title, act) => {
  const { endpoint, listener, received, isConnected } = await listening();
  const stranger = new Caller(endpoint);
  await act(stranger);
  await stranger.closed;
  expect(isConnected()).toBe(false);
  await new Caller(endpoint).authenticate();
  await listener.connected;
  expect(received).toEqual([]);
});

test('a recorded proof is refused on another connection', async () => {
  const { endpoint, isConnected } = await listening();
  const first = new Caller(endpoint);
  const app = await first.hello();
  const proof = handshakeHmac(SECRET, 'writer', { app, writer: first.nonce });
  // Sent before its owner sends it, with everything that its owner has said.
  const thief = new Caller(endpoint);
  thief.send('hello', { nonce: first.nonce });
  await once(thief.socket, 'received');
  thief.send('proof', { proof });
  await thief.closed;
  expect(isConnected()).toBe(false);
});

test('after one has authenticated itself, others are dropped and refused', async () => {
  const { endpoint, listener } = await listening();
  const waiting = new Caller(endpoint);
  await waiting.hello();
  const writer = new Caller(endpoint);
  await writer.authenticate();
  await listener.connected;
  await waiting.closed;
  const late = connect(endpoint);
  await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(writer.socket.destroyed).toBe(false);
});
