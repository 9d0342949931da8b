import {
  decodeControl,
  HANDSHAKE_LIMIT,
  ProtocolError,
  type FrameHeader,
} from '../../shared/writer-protocol.ts';
import type { AlignedMemory } from './block-device.ts';
import { Channel } from './channel.ts';
import { isProof, newNonce, prove } from './proof.ts';

export type FrameHandler = (header: FrameHeader, payload: Uint8Array) => void;

/** A connection to an app that has proved that it made the job. */
export interface Greeted {
  readonly channel: Channel;
  /** Resolves when the app is gone, with an Error in any case: a goodbye comes as a frame. */
  readonly closed: Promise<Error>;
  /** From now on frames go to `handler`; until then any frame ends the channel. */
  readonly onFrame: (handler: FrameHandler) => void;
}

/**
 * Connects to the app and proves itself, after the app has. The app proves itself first: a process of
 * root that showed anything to a listener without proof could be made a helper of it.
 */
export async function greet(
  endpoint: string,
  secret: string,
  memory: AlignedMemory,
): Promise<Greeted> {
  const nonce = newNonce();
  const ready = Promise.withResolvers<undefined>();
  // It may fail before it is awaited.
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
    if (!isProof(proof, prove(secret, 'app', nonces))) throw new ProtocolError('no proof');
    trusted = true;
    channel.trust();
    channel.send('proof', { proof: prove(secret, 'writer', nonces) });
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
