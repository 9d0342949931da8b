import type { FinishedReport, OtaImageReport } from '../../../shared/model/image-report.ts';
import type { MemberDigests } from '../content/member-digests.ts';
import type { MemberLocation } from '../content/member-location.ts';
import type { ContentDigest } from '../content/digest.ts';
import type { HashPool } from '../pool/hash-pool.ts';

/** A file of the output's data folder that an image needs, and where its bytes stand in the input. */
export interface InspectedBlob {
  /** Name below data/: `<sha256 hex>` or `<sha256 hex>.zst`. */
  readonly name: string;
  /** Bytes as stored. */
  readonly size: number;
  readonly location: MemberLocation;
  readonly contentDigest: ContentDigest;
}

/** A byte-exact copy kept below meta/<idx>/. */
export interface Metafile {
  /** Relative path below meta/<idx>/. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What one ECU needs; same order as the report's payloads. */
export interface InspectedPayload {
  /** Unique by name, ascending by place. */
  readonly blobs: readonly InspectedBlob[];
  readonly metafiles: readonly Metafile[];
}

/** Result of inspecting an OTA image: the report for people, the rest for the plan. */
export interface InspectedImage {
  readonly report: OtaImageReport;
  readonly payloads: readonly InspectedPayload[];
  /** What the contents of its members were found to be, by their places; null where they were not hashed. */
  readonly digests?: MemberDigests | null;
}

/** Result of inspecting a finished offline OTA image, whose files an output takes as they are. */
export interface InspectedFinished {
  readonly report: FinishedReport;
  /** manifest.json, byte for byte. */
  readonly manifest: Uint8Array;
  /** All of data/, unique by name, ascending by place. */
  readonly blobs: readonly InspectedBlob[];
  /** All of meta/, by path below it, ascending by place. */
  readonly metafiles: readonly Metafile[];
  /** Contents are never hashed while a finished image is inspected: any of its bytes can be had at any time. */
  readonly digests?: null;
}

/** What a build can be given. */
export type InspectedInput = InspectedImage | InspectedFinished;

export function isFinished(input: InspectedInput): input is InspectedFinished {
  return input.report.format === 'offline';
}

export interface InspectOptions {
  /** Folder with `<chain>.root.pem` and `<chain>.intermediate.pem`; null: not anchored. */
  readonly caDir: string | null;
  /** false: signature and certificate are not checked (hashes still are). */
  readonly checkSignature: boolean;
  readonly signal?: AbortSignal;
  /** Called with bytes of the input read so far and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Threads that hash contents where the input has to be decoded anyway; undefined: nothing is hashed. */
  readonly pool?: HashPool | undefined;
}
