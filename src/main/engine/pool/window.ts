/**
 * Bytes move between threads in windows: fixed pieces of shared memory, each owned by one side at a
 * time. So a byte is decoded or read once and then hashed and written from the same memory.
 */

/** Large enough that hashing and system calls run at full speed, small enough to stay in few caches. */
export const WINDOW_BYTES = 1024 * 1024;

/** How many windows a source may fill ahead of its consumers. */
export const WINDOWS_AHEAD = 8;

const FREE = 0;
const TAKEN = 1;

/** Value of the word behind the states. */
const CLOSED = 1;

export interface RingMemory {
  /** One state for each window, then whether the ring is closed. */
  readonly states: SharedArrayBuffer;
  readonly windows: readonly SharedArrayBuffer[];
}

/**
 * Memory of a ring of empty windows, which threads may share.
 * @param count windows, at least 1. @param bytes of each.
 * @throws RangeError where the system has no such memory.
 */
export function newRingMemory(count = WINDOWS_AHEAD, bytes = WINDOW_BYTES): RingMemory {
  return {
    states: new SharedArrayBuffer((count + 1) * Int32Array.BYTES_PER_ELEMENT),
    windows: Array.from({ length: count }, () => new SharedArrayBuffer(bytes)),
  };
}

/** Thrown by a take from a closed ring: signals shutdown, not failure. */
export class RingClosed extends Error {
  constructor() {
    super('the ring of windows was closed');
  }
}

/**
 * A ring of windows that one side takes in turn and any side gives back. Either side may live in
 * another thread: the state is in shared memory and waiting is Atomics.wait.
 */
export class WindowRing {
  readonly #states: Int32Array;
  readonly #windows: readonly SharedArrayBuffer[];
  #next = 0;

  constructor(memory: RingMemory) {
    this.#states = new Int32Array(memory.states);
    this.#windows = memory.windows;
  }

  /** Takes the next window, blocking this thread until it is free. Never on a thread with a UI. */
  takeSync(): number {
    const index = this.#advance();
    Atomics.wait(this.#states, index, TAKEN);
    this.#throwIfClosed();
    Atomics.store(this.#states, index, TAKEN);
    return index;
  }

  /** Takes the next window. Several takes may wait at once, fewer than there are windows. */
  async take(): Promise<number> {
    const index = this.#advance();
    const wait = Atomics.waitAsync(this.#states, index, TAKEN);
    if (wait.async) await wait.value;
    this.#throwIfClosed();
    Atomics.store(this.#states, index, TAKEN);
    return index;
  }

  window(index: number): SharedArrayBuffer {
    const window = this.#windows[index];
    if (window === undefined) throw new RangeError(`no window ${index}`);
    return window;
  }

  release(index: number): void {
    Atomics.store(this.#states, index, FREE);
    Atomics.notify(this.#states, index);
  }

  /** Ends every wait and every later take with {@link RingClosed}, in whichever thread. */
  close(): void {
    // In this order: a take that finds a window free afterwards also finds the ring closed.
    Atomics.store(this.#states, this.#windows.length, CLOSED);
    for (let index = 0; index < this.#windows.length; index++) this.release(index);
  }

  get closed(): boolean {
    return Atomics.load(this.#states, this.#windows.length) === CLOSED;
  }

  #throwIfClosed(): void {
    if (this.closed) throw new RingClosed();
  }

  #advance(): number {
    const index = this.#next;
    this.#next = (index + 1) % this.#windows.length;
    return index;
  }
}
