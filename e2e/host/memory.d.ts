/** Bytes: of the process and its threads; of the main thread's objects. */
export function takeMemory(): { readonly resident: number; readonly held: number };
