import type { ImageSignature, PlanSummary } from '../../src/shared/model/job.ts';

/**
 * What the fake engine has and makes. Cards, preview, progress, results, checks and history are all computed
 * from it, so that no picture contradicts another.
 */

const MB = 1e6;

/** An ordinary image of a vehicle's ECU. */
export const FAKE_IMAGE = { files: 11_715, bytes: 412 * MB, version: 'ver_20261103' } as const;

/** What two of them have in common, and is written once. */
const SHARED = { files: 3218, bytes: 118 * MB };

/** metadata.jwt, the certificate, and four lists. */
const METAFILES = 6;
const META_BYTES = 1.55 * MB;

/** By whom the images are signed. */
export const FAKE_SIGNATURE: ImageSignature = {
  digest: '5d41402a'.repeat(8),
  signer: 'OTA Signing 2026, Example Motors Inc.',
};

/** When the played builds begin. */
export const FAKE_TIME = new Date('2026-11-20T10:24:00').getTime();
export const FAKE_MILLISECONDS = 94_000;

export interface FakePayload {
  readonly ecuId: string;
  readonly version: string;
  readonly files: number;
  readonly bytes: number;
}

export const FAKE_PAIR: readonly FakePayload[] = ['autoware', 'perception'].map((ecuId) => ({
  ecuId,
  ...FAKE_IMAGE,
}));

/** What comes of payloads when they are written. */
export function outputOf(payloads: readonly FakePayload[]): PlanSummary {
  const sum = (of: (payload: FakePayload) => number): number =>
    payloads.reduce((total, payload) => total + of(payload), 0);
  const shared = payloads.length > 1 ? SHARED : { files: 0, bytes: 0 };
  const manifest = {
    schema_version: 1 as const,
    image_layout_version: 1 as const,
    build_timestamp: FAKE_TIME / 1000,
    data_size: sum(({ bytes }) => bytes) - shared.bytes,
    data_files_num: sum(({ files }) => files) - shared.files,
    meta_size: payloads.length * META_BYTES,
    image_meta: payloads.map(({ ecuId, version }) => ({
      ecu_id: ecuId,
      image_version: version,
      ota_metadata_version: 1 as const,
    })),
  };
  return {
    manifest,
    requestedBytes: sum(({ bytes }) => bytes),
    sharedBytes: shared.bytes,
    totalBytes: manifest.data_size + manifest.meta_size,
    totalFiles: manifest.data_files_num + payloads.length * METAFILES + 1,
  };
}
