/** Milliseconds of the longest turn of the main thread since the last call. */
export function takeBusiest(): number;
