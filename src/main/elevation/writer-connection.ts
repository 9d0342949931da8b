import { createServer, type Server, type Socket } from 'node:net';
import { chmod } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import {
  decodeControl,
  HANDSHAKE_LIMIT,
  ProtocolError,
  type FrameHeader,
} from '../../shared/writer-protocol.ts';
import { Channel } from '../writer/channel.ts';
import { handshakeHmac, isHandshakeHmac, newNonce } from '../writer/handshake-hmac.ts';
import type { Job } from './job-folder.ts';

export interface ConnectionHandlers {
  readonly onFrame: (header: FrameHeader, payload: Uint8Array) => void;
  /** The writer is gone, or what it sent made no sense. */
  readonly onClose: (error: Error | null) => void;
}

export interface Listener {
  /** Resolves with the channel to the writer, once it has authenticated itself. */
  readonly connected: Promise<Channel>;
  close(): void;
}

/**
 * Waits for the writer on a socket that only this user (and root) can reach. A connection without knowledge of
 * the job's secret is dropped; after the first with it, no other is accepted.
 */
export async function listenForWriter(job: Job, handlers: ConnectionHandlers): Promise<Listener> {
  const { promise, resolve } = Promise.withResolvers<Channel>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    authenticateWriter(socket, job.secret, handlers, (channel) => {
      server.close();
      for (const other of sockets) if (other !== socket) other.destroy();
      resolve(channel);
    });
  });
  await listen(server, job.endpoint);
  if (process.platform !== 'win32') await chmod(job.endpoint, 0o600);
  return {
    connected: promise,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function authenticateWriter(
  socket: Socket,
  secret: string,
  handlers: ConnectionHandlers,
  onTrusted: (channel: Channel) => void,
): void {
  const mine = newNonce();
  let theirs: string | null = null;
  let trusted = false;
  const limit = setTimeout(() => socket.destroy(), HANDSHAKE_LIMIT);
  const onHandshake = (header: FrameHeader, payload: Uint8Array): void => {
    const value = decodeControl(payload) as Record<string, unknown> | null;
    if (header.type === 'hello' && theirs === null) {
      const nonce = value?.['nonce'];
      if (typeof nonce !== 'string' || !/^[0-9a-f]{64}$/.test(nonce))
        throw new ProtocolError('no nonce');
      theirs = nonce;
      const proof = handshakeHmac(secret, 'app', { app: mine, writer: theirs });
      channel.send('challenge', { nonce: mine, proof });
      return;
    }
    if (header.type !== 'proof' || theirs === null) throw new ProtocolError('unproved');
    const expected = handshakeHmac(secret, 'writer', { app: mine, writer: theirs });
    if (!isHandshakeHmac(value?.['proof'], expected)) throw new ProtocolError('no proof');
    trusted = true;
    clearTimeout(limit);
    channel.trust();
    onTrusted(channel);
  };
  const channel = Channel.accept(socket, {
    onFrame: (header, payload) => {
      if (trusted) handlers.onFrame(header, payload);
      else onHandshake(header, payload);
    },
    onClose: (error) => {
      clearTimeout(limit);
      if (trusted) handlers.onClose(error);
    },
  });
}

async function listen(server: Server, endpoint: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', (error) => {
    reject(builderError('elevation-broken', { detail: error.message }, error));
  });
  server.listen(endpoint, () => resolve(undefined));
  await promise;
}
