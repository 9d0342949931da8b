import type { Server } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Refusal } from './events.ts';
import { FIRST_BYTE_TIMEOUT, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS } from './limits.ts';

/** A certificate with its private key, both PEM; the certificate may be followed by its issuers. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

export type OnRefused = (client: string, refusal: Refusal, detail: string) => void;

/** RFC 8446, 5.1: what the first record of a TLS connection begins with. No HTTP request does. */
const TLS_HANDSHAKE = 0x16;

/**
 * Makes an HTTP server take TLS on its port, too: the first byte of a connection shows which of both it is. The
 * HTTP server itself listens, so that its time limits hold for all connections.
 */
export class OnePort {
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #tls: TlsServer | null;
  readonly #onRefused: OnRefused;
  readonly #serveHttp: (socket: Socket) => void;

  constructor(server: Server, identity: TlsIdentity | null, onRefused: OnRefused) {
    this.#onRefused = onRefused;
    this.#serveHttp = takeConnectionListener(server);
    this.#tls = identity === null ? null : this.#makeTls(identity);
    server.maxConnections = MAX_CONNECTIONS;
    server.on('drop', (dropped?: DropArgument) =>
      onRefused(dropped?.remoteAddress ?? '', 'connections', `more than ${MAX_CONNECTIONS}`),
    );
    server.on('connection', (socket: Socket) => this.#accept(socket));
  }

  /** Ends every connection, whatever it is in the middle of. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #makeTls({ certificate, key }: TlsIdentity): TlsServer {
    const tls = createTlsServer({
      ...{ cert: certificate, key, minVersion: 'TLSv1.2' },
      ...{ handshakeTimeout: FIRST_BYTE_TIMEOUT, ALPNProtocols: ['http/1.1'] },
    });
    tls.on('secureConnection', this.#serveHttp);
    tls.on('tlsClientError', (error, socket) => {
      // The message ends with the client's alert, such as "alert unknown ca".
      this.#onRefused(socket.remoteAddress ?? '', 'tls-failed', error.message);
      socket.destroy();
    });
    return tls;
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const count = (this.#perAddress.get(address) ?? 0) + 1;
    if (count > MAX_CONNECTIONS_PER_ADDRESS) {
      this.#onRefused(address, 'connections', `more than ${MAX_CONNECTIONS_PER_ADDRESS}`);
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, count);
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
    this.#peek(socket, address);
  }

  #peek(socket: Socket, address: string): void {
    const timer = setTimeout(() => {
      this.#onRefused(address, 'slow', 'no first byte');
      socket.destroy();
    }, FIRST_BYTE_TIMEOUT);
    socket.once('close', () => clearTimeout(timer));
    // An HTTP server leaves its half open: a client that hangs up without a byte would keep its connection until the timeout.
    const end = (): void => void socket.destroy();
    socket.on('end', end);
    const look = (): void => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      clearTimeout(timer);
      socket.off('readable', look);
      socket.off('end', end);
      socket.unshift(first);
      if (first[0] !== TLS_HANDSHAKE) this.#serveHttp(socket);
      else if (this.#tls !== null) this.#tls.emit('connection', socket);
      else {
        this.#onRefused(address, 'tls-off', 'it asks for HTTPS');
        socket.destroy();
      }
    };
    socket.on('readable', look);
  }
}

/** Takes the HTTP server's own handler of new connections, so that it runs only when called. */
function takeConnectionListener(server: Server): (socket: Socket) => void {
  const [listener] = server.listeners('connection');
  if (listener === undefined) throw new Error('an HTTP server listens for connections');
  server.removeAllListeners('connection');
  return (socket) => {
    listener.call(server, socket);
  };
}
