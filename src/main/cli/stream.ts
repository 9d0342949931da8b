import type { Writable } from 'node:stream';

/** Standard output or standard error: a terminal has columns. */
export type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
