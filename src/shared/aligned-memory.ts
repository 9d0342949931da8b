/** Page size of WebAssembly memory, bytes. */
const WASM_PAGE = 64 * 1024;

/**
 * Memory that O_DIRECT accepts. The kernel wants it aligned to the device's blocks; Node's own
 * buffers are aligned to 16 bytes, WebAssembly's memory to pages.
 * @param bytes a multiple of 64 KiB.
 */
export function alignedMemory(bytes: number): Uint8Array<ArrayBuffer> {
  const pages = bytes / WASM_PAGE;
  return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
}

/** As {@link alignedMemory}, to be shared with threads. */
export function alignedSharedMemory(bytes: number): SharedArrayBuffer {
  const pages = bytes / WASM_PAGE;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return memory.buffer as unknown as SharedArrayBuffer;
}
