import { connect } from 'node:net';
import { builderError } from '../../../src/shared/errors.ts';
import { phaseFraction } from '../../../src/shared/model/vehicle.ts';
import type { ServeEvent } from '../../../src/main/serve/events.ts';
import { parseTarget } from '../../../src/main/serve/request-target.ts';
import type { ServedImage } from '../../../src/main/serve/served-image.ts';
import { startServer } from '../../../src/main/serve/server.ts';
import { definePackage } from '../../../src/main/vehicle/client.ts';
import type { WireStatus } from '../../../src/main/vehicle/protocol.ts';
import { MAX_ECUS, toVehicleStatus } from '../../../src/main/vehicle/status.ts';
import { mutatedBytes } from '../mutate.ts';
import { rule, type FuzzTarget } from '../target.ts';

const HASH = '0123456789abcdef0123456789abcdef';
const HOSTS = new Set(['127.0.0.1', 'localhost']);

const refused = (): Error => builderError('usage-option', { detail: 'refused' });

/** A request's target and, in the second line, the host that it is for. */
function runRequestTarget(input: Buffer): void {
  const [raw = '', host] = input.toString('latin1').split('\n');
  const { target, proxied } = parseTarget(raw, host, HASH, HOSTS);
  rule(!proxied || /^https?:/i.test(raw), 'a path is taken for an absolute URL');
  if (target.kind !== 'file') throw refused();
  rule(raw.includes(`/${HASH}/${target.index}/`), 'a file of another base');
  rule(target.index >= 0 && target.index < 100_000, `an index ${target.index}`);
  // Decoded once: it never grows, and a second decoding would have made it shorter still.
  rule(Buffer.byteLength(target.name) <= 3 * raw.length, 'a name grows');
}

const SECRET = 'what only a client with the cookie gets';
const COOKIE = { name: 'key', value: '00112233445566778899aabbccddeeff' };

const IMAGE: ServedImage = {
  catalogue: {
    contentHash: HASH,
    images: [
      {
        ...{ index: 0, ecuId: 'a', version: '1', format: 'legacy', releaseKey: null },
        find: () => ({ path: 'x', size: SECRET.length, unpack: false, cacheControl: null }),
      },
    ],
  },
  sizeOf: () => SECRET.length,
  read: (_path, offset, length) =>
    Promise.resolve(Buffer.from(SECRET).subarray(offset, offset + length)),
};

/** Bytes of a connection, as anybody in the network may send them: HTTP, TLS or neither. */
async function runServedPort(input: Buffer): Promise<void> {
  if (input.length === 0) throw refused();
  const events: ServeEvent[] = [];
  const server = await startServer({
    ...{ image: IMAGE, address: '127.0.0.1', port: 0, tls: null, cookie: COOKIE },
    onEvent: (event) => events.push(event),
  });
  const parts: Buffer[] = [];
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', () => undefined);
    socket.on('close', resolve);
    socket.end(input);
  });
  await server.close();
  const answer = Buffer.concat(parts).toString('latin1');
  rule(answer === '' || answer.startsWith('HTTP/1.1 '), 'an answer that is no HTTP');
  rule(
    !answer.includes(SECRET) || input.includes(`${COOKIE.name}=${COOKIE.value}`),
    'a file without the cookie',
  );
  if (!answer.startsWith('HTTP/1.1 20')) throw refused();
}

const STATUS = definePackage()['OtaClientV2.OtaClientService'] as unknown as {
  readonly Status: { readonly responseDeserialize: (bytes: Buffer) => WireStatus };
};

/** A message of a vehicle, or of what answers in its place. */
function runVehicleStatus(input: Buffer): void {
  let wire: WireStatus;
  try {
    wire = STATUS.Status.responseDeserialize(input);
  } catch {
    // gRPC makes an error of the call of it.
    throw refused();
  }
  const { ecuIds, ecus } = toVehicleStatus(wire);
  rule(ecuIds.length <= MAX_ECUS && ecus.length <= MAX_ECUS, 'more ECUs than any vehicle has');
  for (const { ecuId, version, clientVersion, failureReason, progress } of ecus) {
    for (const text of [ecuId, version, clientVersion]) rule(text.length <= 255, 'a long name');
    rule(failureReason.length <= 4096, 'a long reason');
    const fraction = progress === null ? null : phaseFraction(progress);
    rule(fraction === null || (fraction >= 0 && fraction <= 1), `a fraction ${fraction ?? ''}`);
  }
}

const bytes: FuzzTarget['inputs'] = (corpus) => mutatedBytes(corpus);

export const vehicleTargets: readonly FuzzTarget[] = [
  { name: 'request-target', faults: [], inputs: bytes, run: runRequestTarget },
  { name: 'served-port', faults: [], inputs: bytes, run: runServedPort },
  { name: 'vehicle-status', faults: [], inputs: bytes, run: runVehicleStatus },
];
