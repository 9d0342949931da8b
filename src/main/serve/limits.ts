/**
 * Bounds of the server. Clients of vehicles open 8 to 24 connections, a vehicle's proxy up to 100; they wait 16 s
 * for a connection and 32 s for a byte, and keep idle connections for 15 s.
 */

/** Connections of all clients; several vehicles at once, and still few for this process. */
export const MAX_CONNECTIONS = 512;
/** Of one address, so that one client cannot take all of them. */
export const MAX_CONNECTIONS_PER_ADDRESS = 256;

/** Bytes of a request's line and headers. A path of PATH_MAX, every byte of it encoded, has 12 KiB. */
export const MAX_HEADER_BYTES = 24 * 1024;
/** Milliseconds until the first byte of a connection, and until the end of a TLS handshake. */
export const FIRST_BYTE_TIMEOUT = 20_000;
/** Milliseconds from a request's first byte to the end of its headers: what slow senders have. */
export const HEADERS_TIMEOUT = 20_000;
/** How often Node looks for those who exceed it. Milliseconds. */
export const CHECK_INTERVAL = 1_000;
/** Milliseconds that an idle connection is kept. */
export const KEEP_ALIVE_TIMEOUT = 75_000;
/** Milliseconds in which a client that is sent something takes nothing. */
export const CLIENT_TIMEOUT_MS = 120_000;

/**
 * Bytes read and sent at once. Larger pieces of memory come from the kernel page by page, and take longer to get than
 * to fill and send.
 */
export const CHUNK_BYTES = 64 * 1024;
/** Bytes read at once of a file that is unpacked. */
export const PACKED_BYTES = 256 * 1024;
/** Files unpacked at once: each needs a window of up to 128 MiB. */
export const MAX_UNPACKING = 4;
/** Refusals that are logged one by one within a second; more are counted. */
export const MAX_REFUSALS_LOGGED = 20;
/** Characters of a request's target in the access log. */
export const MAX_LOGGED_TARGET = 2048;
/** Clients that have a line of their own in the summary. */
export const MAX_CLIENTS = 1000;
