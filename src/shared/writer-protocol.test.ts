import { expect, test } from 'vitest';
import {
  decodeHeader,
  encodeControl,
  encodeHeader,
  FrameAssembler,
  MAX_DATA,
  MAX_HANDSHAKE,
  type FrameHeader,
} from './writer-protocol.ts';

const FRAMES: readonly { readonly header: FrameHeader; readonly payload: Uint8Array }[] = [
  { type: 'hello', value: { nonce: 'x' } },
  { type: 'flush', value: null },
  { type: 'read', value: { length: 5 }, offset: 2 ** 40 + 7 },
].map(({ type, value, offset = 0 }) => {
  const payload = encodeControl(value);
  return { header: { type: type as FrameHeader['type'], length: payload.length, offset }, payload };
});

function stream(): Uint8Array {
  return Buffer.concat(FRAMES.flatMap(({ header, payload }) => [encodeHeader(header), payload]));
}

test.each([1, 3, 16, 1000])('frames put together from pieces of %i bytes', (size) => {
  const seen: unknown[] = [];
  const assembler = new FrameAssembler((header, payload) => {
    seen.push({ header, payload: Buffer.from(payload).toString() });
  });
  assembler.trusted = true;
  const bytes = stream();
  for (let offset = 0; offset < bytes.length; offset += size)
    assembler.push(bytes.subarray(offset, offset + size));
  expect(seen).toEqual(
    FRAMES.map(({ header, payload }) => ({ header, payload: Buffer.from(payload).toString() })),
  );
});

test('limits are larger once the other side has proved itself', () => {
  const header = (length: number): Uint8Array => encodeHeader({ type: 'write', length, offset: 0 });
  expect(decodeHeader(header(MAX_DATA), true).length).toBe(MAX_DATA);
  expect(() => decodeHeader(header(MAX_DATA + 1), true)).toThrow('write frame');
  expect(decodeHeader(header(MAX_HANDSHAKE), false).length).toBe(MAX_HANDSHAKE);
  expect(() => decodeHeader(header(MAX_HANDSHAKE + 1), false)).toThrow('write frame');
});
