import {
  decodeControl,
  HANDSHAKE_LIMIT,
  ProtocolError,
  type FrameHeader,
} from '../../shared/writer-protocol.ts';
import type { AlignedMemory } from './block-device.ts';
import { Channel } from './channel.ts';
import { handshakeHmac, isHandshakeHmac, newNonce } from './handshake-hmac.ts';

export type FrameHandler = (header: FrameHeader, payload: Uint8Array) => void;

/** A connection to an app that has shown that it knows the job's secret. */
export interface AuthenticatedChannel {
  readonly channel: Channel;
  /** Resolves when the connection has ended, always with an Error: an orderly end is a `bye` frame. */
  readonly closed: Promise<Error>;
  /** From now on frames go to `handler`; until then any frame ends the channel. */
  readonly onFrame: (handler: FrameHandler) => void;
}

/**
 * Connects to the app; first the app authenticates itself, then the writer. In this order because a root
 * process that answers any listener at that path could be used by an attacker who listens there.
 */
export async function handshake(
  endpoint: string,
  secret: string,
  memory: AlignedMemory,
): Promise<AuthenticatedChannel> {
  const nonce = newNonce();
  const ready = Promise.withResolvers<undefined>();
  // Awaited later; marked as handled so that Node does not exit.
  ready.promise.catch(() => undefined);
  const closed = Promise.withResolvers<Error>();
  let trusted = false;
  let handler: FrameHandler = ({ type }) => {
    throw new ProtocolError(`a ${type} frame before ready`);
  };
  const checkChallenge = (header: FrameHeader, payload: Uint8Array): void => {
    if (header.type !== 'challenge') throw new ProtocolError(`a ${header.type} frame unproved`);
    const { nonce: theirs, proof } = decodeControl(payload) as Record<string, unknown>;
    if (typeof theirs !== 'string' || !/^[0-9a-f]{64}$/.test(theirs))
      throw new ProtocolError('no nonce');
    const nonces = { app: theirs, writer: nonce };
    if (!isHandshakeHmac(proof, handshakeHmac(secret, 'app', nonces)))
      throw new ProtocolError('no proof');
    trusted = true;
    channel.trust();
    channel.send('proof', { proof: handshakeHmac(secret, 'writer', nonces) });
    ready.resolve(undefined);
  };
  const channel = await Channel.connect(endpoint, {
    onFrame: (header, payload) => {
      if (trusted) handler(header, payload);
      else checkChallenge(header, payload);
    },
    onClose: (error) => {
      const reason = error ?? new ProtocolError('the app is gone');
      ready.reject(reason);
      closed.resolve(reason);
    },
    allocate: ({ type, length }) => {
      if (type !== 'write') return new Uint8Array(length);
      const slot = memory.take();
      if (slot === undefined) throw new ProtocolError('more writes under way than agreed');
      return slot.subarray(0, length);
    },
  });
  const limit = setTimeout(() => {
    channel.destroy(new ProtocolError('no proof in time'));
  }, HANDSHAKE_LIMIT);
  try {
    channel.send('hello', { nonce });
    await ready.promise;
  } finally {
    clearTimeout(limit);
  }
  return {
    channel,
    closed: closed.promise,
    onFrame: (next) => {
      handler = next;
    },
  };
}
