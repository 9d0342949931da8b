import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { randomCookie } from '../../src/main/serve/cookie.ts';
import type { ServeEvent } from '../../src/main/serve/events.ts';
import { openServed } from '../../src/main/serve/open-served.ts';
import type { TlsIdentity } from '../../src/main/serve/one-port.ts';
import type { ServedImage } from '../../src/main/serve/served-image.ts';
import { startServer } from '../../src/main/serve/server.ts';
import { SAMPLE_IMAGES, SAMPLES } from './cli.ts';

const V1 = join(SAMPLES, '../samples-v1');

/** Arguments of builds of the samples: legacy, v1, both. */
export const SERVED_SAMPLES = {
  legacy: SAMPLE_IMAGES,
  v1: [`--image=:${join(V1, 'v1_a.zip')}`, `--image=:${join(V1, 'v1_b.zip')}`],
  mixed: [
    `--image=:${join(V1, 'v1_a.zip')}`,
    `--image=:${join(V1, 'v1_b.zip')}`,
    `--image=p1:${join(SAMPLES, 'p1_image.tgz')}:ver_20230808`,
  ],
} as const;

export interface Serving {
  readonly port: number;
  readonly image: ServedImage;
  /** Value of the Cookie header. */
  readonly cookie: string;
  readonly events: ServeEvent[];
  /** Path below which an image stands. */
  readonly base: (index: number) => string;
  readonly close: () => Promise<void>;
}

/** Serves a finished image on loopback until the test ends. */
export async function serveFor(
  path: string,
  {
    tls = null,
    edit = (image) => image,
  }: { tls?: TlsIdentity | null; edit?: (image: ServedImage) => ServedImage } = {},
): Promise<Serving> {
  const opened = await openServed(path);
  const image = edit(await opened.serve());
  const cookie = randomCookie();
  const events: ServeEvent[] = [];
  const server = await startServer({
    ...{ image, address: '127.0.0.1', port: 0, tls, cookie },
    onEvent: (event) => events.push(event),
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await server.close();
    await opened.close();
  };
  onTestFinished(close);
  return {
    ...{ port: server.port, image, events, close },
    cookie: `${cookie.name}=${cookie.value}`,
    base: (index) => `/${image.catalogue.contentHash}/${index}/`,
  };
}
