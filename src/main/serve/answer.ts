import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServedFile } from '../engine/catalogue/served-file.ts';
import { parseRange, type ByteRange } from './byte-range.ts';
import { CHUNK_BYTES } from './limits.ts';
import type { ServedImage } from './served-image.ts';
import type { Unpacker } from './unpacked.ts';

/** Seconds after which a client may ask again for what cannot be read now. */
const RETRY_AFTER = '5';

/** A short answer without a file. */
export function answerBriefly(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(`${status}\n`);
  writeHead(response, status, {
    'content-type': 'text/plain',
    'content-length': body.length,
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/** In a way that the access log can read them again. */
function writeHead(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>>,
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.writeHead(status);
}

/**
 * Sends a file. A read error before anything was sent is answered with 503, which clients try again. A later one destroys
 * the connection: clients notice a body that is cut off, and would take an error page within it for content.
 * Resolves when everything was handed over, or the connection is gone.
 */
export async function answerWithFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: ServedFile,
  { image, unpacker }: { readonly image: ServedImage; readonly unpacker: Unpacker },
): Promise<void> {
  try {
    const size = file.size ?? (await unpacker.measure(file.path));
    // Unpacking has to begin at the start, so there are no ranges of what is unpacked.
    const range = file.unpack ? null : parseRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      answerBriefly(request, response, 416, { 'content-range': `bytes */${size}` });
      return;
    }
    const { first, last } = range ?? { first: 0, last: size - 1 };
    const head = () =>
      writeHead(response, range === null ? 200 : 206, headersOf(file, size, range));
    if (request.method === 'HEAD' || size === 0) {
      head();
      response.end();
      return;
    }
    if (!file.unpack && last - first < CHUNK_BYTES) {
      // As most files are: one read, and one write of headers and content together.
      const content = await image.read(file.path, first, last + 1 - first);
      if (response.destroyed) return;
      head();
      response.end(content);
      return;
    }
    const pieces = file.unpack
      ? exactly(size, unpacker.unpack(file.path))
      : readPieces(image, file.path, first, last);
    await send(response, pieces, head);
  } catch {
    fail(request, response);
  }
}

function headersOf(
  { unpack, cacheControl }: ServedFile,
  size: number,
  range: ByteRange | null,
): Record<string, string | number> {
  const length = range === null ? size : range.last - range.first + 1;
  return {
    'content-type': 'application/octet-stream',
    'content-length': length,
    ...(unpack ? {} : { 'accept-ranges': 'bytes' }),
    ...(range === null ? {} : { 'content-range': `bytes ${range.first}-${range.last}/${size}` }),
    ...(cacheControl === null ? {} : { 'ota-file-cache-control': cacheControl }),
  };
}

/** The headers go out with the first piece, so that what cannot be read at all can still be said. */
async function send(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  head: () => void,
): Promise<void> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  response.once('close', onClose);
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.headersSent) head();
      if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal });
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    response.off('close', onClose);
  }
}

/** Reads one piece ahead, so that disk and network work at the same time. */
async function* readPieces(
  image: ServedImage,
  path: string,
  first: number,
  last: number,
): AsyncGenerator<Uint8Array> {
  const read = (from: number): Promise<Uint8Array> => {
    const piece = image.read(path, from, Math.min(CHUNK_BYTES, last + 1 - from));
    // Awaited later; marked as handled so that Node does not exit.
    piece.catch(() => undefined);
    return piece;
  };
  let next = read(first);
  for (let at = first; at <= last; at += CHUNK_BYTES) {
    const piece = await next;
    if (at + CHUNK_BYTES <= last) next = read(at + CHUNK_BYTES);
    yield piece;
  }
}

/** A file that unpacks to another size than its Content-Length would end in the next answer. */
async function* exactly(
  size: number,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const piece of pieces) {
    left -= piece.length;
    if (left < 0) throw new Error('it unpacks to more than the metadata lists');
    yield piece;
  }
  if (left > 0) throw new Error('it unpacks to less than the metadata lists');
}

function fail(request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else answerBriefly(request, response, 503, { 'retry-after': RETRY_AFTER });
}
