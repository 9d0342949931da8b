/**
 * Gives the memory of `bytes` back at once; they are empty after this. Left to the collection of
 * garbage, gigabytes that come in such pieces make V8 mark the whole heap for every 64 MiB of them.
 * Bytes that are only a part of their buffer are left alone: others may stand beside them.
 */
export function releaseMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
