import type { Gunzip, ZstdDecompress } from 'node:zlib';

/** The handle behind a stream of node:zlib, which works in this thread and in memory of the caller's: docs/adr/0016. */
export interface ZlibHandle {
  writeSync(
    flush: number,
    from: Uint8Array,
    fromOffset: number,
    fromLength: number,
    to: Uint8Array,
    toOffset: number,
    toLength: number,
  ): void;
  /** Called by `writeSync`, which then changes nothing else. */
  onerror: (message: string, errno: number, code: string) => void;
  reset(): void;
  close(): void;
}

/** @returns the handle, and the space and input in bytes that its last step left over. */
export function handleOf(stream: Gunzip | ZstdDecompress): {
  readonly handle: ZlibHandle;
  readonly left: Uint32Array;
} {
  const { _handle, _writeState } = stream as unknown as {
    _handle: ZlibHandle;
    _writeState: Uint32Array;
  };
  return { handle: _handle, left: _writeState };
}
