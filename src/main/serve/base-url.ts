import { isIPv6 } from 'node:net';
import type { Catalogue, CataloguedImage } from '../engine/catalogue/served-file.ts';
import { cookiesText, type AccessCookie } from './cookie.ts';

export interface ServedAt {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly port: number;
}

/** Where a vehicle finds an image; ends with the one slash that clients want. */
export function baseUrl(
  { scheme, address, port }: ServedAt,
  { contentHash }: Catalogue,
  index: number,
): string {
  const host = isIPv6(address) ? `[${address}]` : address;
  return `${scheme}://${host}:${port}/${contentHash}/${index}/`;
}

/** A request for one ECU, as tools of otaclient and its gRPC interface take it. */
export interface EcuUpdate {
  readonly ecuId: string;
  readonly version: string;
  readonly url: string;
  readonly cookies: string;
}

export function ecuUpdates(
  at: ServedAt,
  catalogue: Catalogue,
  cookie: AccessCookie | null,
): EcuUpdate[] {
  return catalogue.images.map(({ index, ecuId, version }: CataloguedImage) => ({
    ...{ ecuId, version },
    url: baseUrl(at, catalogue, index),
    cookies: cookiesText(cookie),
  }));
}

/** The text of an update_request.yaml. A JSON string is a YAML string, too. */
export function updateRequestYaml(updates: readonly EcuUpdate[]): string {
  return updates
    .map(({ ecuId, version, url, cookies }) =>
      [
        `- ecu_id: ${JSON.stringify(ecuId)}`,
        `  version: ${JSON.stringify(version)}`,
        `  url: ${JSON.stringify(url)}`,
        `  cookies: ${JSON.stringify(cookies)}`,
        '',
      ].join('\n'),
    )
    .join('');
}
