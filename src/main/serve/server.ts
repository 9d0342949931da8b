import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { builderError } from '../../shared/errors.ts';
import type { CataloguedImage, ServedFile } from '../engine/catalogue/served-file.ts';
import { answerBriefly, answerWithFile } from './answer.ts';
import { hasCookie, type AccessCookie } from './cookie.ts';
import type { Refusal, ServeEvent } from './events.ts';
import {
  CHECK_INTERVAL,
  HEADERS_TIMEOUT,
  KEEP_ALIVE_TIMEOUT,
  MAX_HEADER_BYTES,
  MAX_LOGGED_TARGET,
  CLIENT_TIMEOUT_MS,
} from './limits.ts';
import { OnePort, type TlsIdentity } from './one-port.ts';
import { RefusalLog } from './refusal-log.ts';
import { parseTarget } from './request-target.ts';
import type { ServedImage } from './served-image.ts';
import { Unpacker } from './unpacked.ts';

export interface ServerOptions {
  readonly image: ServedImage;
  /** One address of this computer, never all of them. */
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** null: HTTP alone. */
  readonly tls: TlsIdentity | null;
  /** null: any client that reaches the port and knows the hash gets the files. */
  readonly cookie: AccessCookie | null;
  readonly onEvent: (event: ServeEvent) => void;
}

export interface RunningServer {
  readonly address: string;
  readonly port: number;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

/**
 * Serves a finished image over HTTP, HTTPS and as a forward proxy of itself, on one port. It reads nothing but the
 * files of the image, and connects to no other host.
 * @throws `serve-address-unavailable`, `serve-port-in-use`, `serve-listen-failed`.
 * @example
 * const server = await startServer({ image, address: '127.0.0.1', port: 0, tls: null, cookie, onEvent });
 * console.log(baseUrl(server, image.catalogue, 0));
 * await server.close();
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { address, port, tls, onEvent } = options;
  const refusals = new RefusalLog(onEvent);
  const http = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT,
    // A request has no body, so it ends with its headers.
    requestTimeout: HEADERS_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    connectionsCheckingInterval: CHECK_INTERVAL,
    insecureHTTPParser: false,
    noDelay: true,
  });
  http.timeout = CLIENT_TIMEOUT_MS;
  const onePort = new OnePort(http, tls, (...refusal) => refusals.add(...refusal));
  const handler = new RequestHandler(options);
  http.on('request', (request, response) => handler.handle(request, response));
  // Without these Node would send 100 Continue, or close the connection without a word.
  http.on('checkContinue', (request, response) => handler.handle(request, response));
  http.on('checkExpectation', (request, response) => handler.handle(request, response));
  http.on('connect', (request, socket) => handler.refuseConnect(request, socket));
  http.on('clientError', (error, socket) => {
    if ('code' in error && error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const slow = 'code' in error && error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    // What follows a request that was refused for its form; its answer is the last one.
    if (handler.isClosing(socket)) return;
    refusals.add(addressOf(socket), slow ? 'slow' : 'malformed', error.message);
    closeWith(socket, statusOf(error));
  });
  await listen(http, address, port);
  const bound = http.address() as AddressInfo;
  return {
    address: bound.address,
    port: bound.port,
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      onePort.destroyAll();
      await closed;
      refusals.close();
    },
  };
}

class RequestHandler {
  readonly #options: ServerOptions;
  readonly #unpacker: Unpacker;
  readonly #ownHosts: ReadonlySet<string>;
  readonly #closing = new WeakSet<Duplex>();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#unpacker = new Unpacker(options.image);
    this.#ownHosts = hostsOf(options.address);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { catalogue } = this.#options.image;
    const { target, proxied } = parseTarget(
      request.url ?? '',
      request.headers.host,
      catalogue.contentHash,
      this.#ownHosts,
    );
    const refuse = (status: number, refusal: Refusal, headers?: Record<string, string>): void => {
      if (headers?.['connection'] === 'close') this.#closing.add(request.socket);
      this.#log(request, response, proxied, refusal);
      answerBriefly(request, response, status, headers);
    };
    // A body, or what could be taken for one, may hide another request from one of two readers.
    if (hasBody(request) || hasTwoHosts(request)) refuse(400, 'malformed', CLOSE);
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      refuse(405, 'method', { ...CLOSE, allow: 'GET, HEAD' });
    else if (target.kind === 'malformed') refuse(400, 'malformed', CLOSE);
    else if (target.kind === 'foreign') refuse(403, 'host');
    else if (target.kind === 'probe') {
      this.#log(request, response, proxied, null);
      answerBriefly(request, response, 200);
    } else if (!this.#knowsCookie(request)) refuse(403, 'cookie');
    else if (target.kind === 'other') refuse(404, 'not-found');
    else {
      const file = imageOf(catalogue.images, target.index)?.find(target.name) ?? null;
      if (file === null) refuse(404, 'not-found');
      else this.#answer(request, response, proxied, file);
    }
  }

  isClosing(socket: Duplex): boolean {
    return this.#closing.has(socket);
  }

  /** Refuses tunnels: this server opens no connections, and clients reach it without one. */
  refuseConnect(request: IncomingMessage, socket: Duplex): void {
    this.#options.onEvent({
      ...describe(request, false),
      ...{ status: 405, bytes: 0, complete: true, milliseconds: 0, refusal: 'method' },
    });
    closeWith(socket, 405);
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    proxied: boolean,
    file: ServedFile,
  ): void {
    const { image } = this.#options;
    this.#log(request, response, proxied, null);
    void answerWithFile(request, response, file, { image, unpacker: this.#unpacker });
  }

  #knowsCookie({ headers }: IncomingMessage): boolean {
    const { cookie } = this.#options;
    return cookie === null || hasCookie(headers.cookie, cookie);
  }

  /** Reports a request when its answer has ended. */
  #log(
    request: IncomingMessage,
    response: ServerResponse,
    proxied: boolean,
    refusal: Refusal | null,
  ): void {
    const began = performance.now();
    const { socket } = request;
    const before = socket.bytesWritten;
    response.once('close', () => {
      const { statusCode: status, writableFinished: complete } = response;
      const length = Number(response.getHeader('content-length') ?? 0);
      const sent = request.method === 'HEAD' ? 0 : length;
      this.#options.onEvent({
        ...describe(request, proxied),
        status,
        bytes: complete ? sent : Math.min(sent, socket.bytesWritten - before),
        complete,
        milliseconds: Math.round(performance.now() - began),
        refusal: status === 503 || (!complete && response.errored) ? 'unreadable' : refusal,
      });
    });
  }
}

const CLOSE = { connection: 'close' };

function imageOf(images: readonly CataloguedImage[], index: number): CataloguedImage | null {
  return images.find((image) => image.index === index) ?? null;
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Of two Host headers (RFC 9112, 3.2) Node takes the first, and another reader may take the last. */
function hasTwoHosts({ headersDistinct }: IncomingMessage): boolean {
  return (headersDistinct['host']?.length ?? 0) > 1;
}

function describe(request: IncomingMessage, proxied: boolean) {
  return {
    kind: 'request' as const,
    client: addressOf(request.socket),
    scheme: request.socket instanceof TLSSocket ? ('https' as const) : ('http' as const),
    proxied,
    method: request.method ?? '',
    target: (request.url ?? '').slice(0, MAX_LOGGED_TARGET),
  };
}

/** Names by which clients may call the address: a page of another name must not reach it (DNS rebinding). */
function hostsOf(address: string): Set<string> {
  const isLoopback = address === '::1' || address.startsWith('127.');
  return new Set([address.toLowerCase(), ...(isLoopback ? ['localhost', '127.0.0.1', '::1'] : [])]);
}

function addressOf(socket: Duplex): string {
  const { remoteAddress } = socket as Duplex & { remoteAddress?: string };
  return remoteAddress ?? '';
}

function statusOf(error: Error): number {
  const code = 'code' in error ? error.code : null;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function closeWith(socket: Duplex, status: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const text = STATUS_CODES[status] ?? '';
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listen(
  server: ReturnType<typeof createServer>,
  address: string,
  port: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code = error.message } = error;
      if (code === 'EADDRINUSE')
        reject(builderError('serve-port-in-use', { address, port }, error));
      else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
        reject(builderError('serve-address-unavailable', { address }, error));
      else reject(builderError('serve-listen-failed', { address, port, reason: code }, error));
    });
    server.listen(port, address, resolve);
  });
}
