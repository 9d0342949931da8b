import { z } from 'zod';
import type { ErrorData } from './errors.ts';
import type { CheckOutcome, CheckSubject } from './model/check.ts';
import type { Drive, DriveIdentity } from './model/drive.ts';
import { IMAGE_CONTAINERS, type ImageReport } from './model/image-report.ts';
import type {
  BuildResult,
  CheckReport,
  DriveRequest,
  OutputRequest,
  PlanSummary,
} from './model/job.ts';
import {
  OUTCOME_STATES,
  WHOLE_REASONS,
  type Outcome,
  type RefreshResult,
} from './model/outcome.ts';
import type { Manifest } from './model/manifest.ts';
import { PHASES, type Progress } from './model/progress.ts';

/**
 * The models as schemas, for what crosses to the window or comes back from a file. The engine and the
 * writer know the types alone: they need no parser.
 */

/** Longest path that any supported system takes (Windows, extended). */
const MAX_PATH_LENGTH = 32_767;

export const path = z.string().min(1).max(MAX_PATH_LENGTH);
const count = z.number().int().nonnegative();
const text = z.string().nullable();

/** Parameters are what texts show: plain values. Which ones a code has, the compiler knows. */
export const errorData = z.object({
  code: z.string().min(1),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
}) as unknown as z.ZodType<ErrorData>;

/** Strict and bounded, because the window sends it, too. */
export const driveIdentity = z.strictObject({
  path,
  serial: z.string().max(256).nullable(),
  model: z.string().max(256).nullable(),
  size: count,
  transport: z.string().max(64).nullable(),
  deviceNumber: z.string().max(256),
  // Windows puts whole device paths into it.
  generation: z.string().max(2048),
}) satisfies z.ZodType<DriveIdentity>;

export const drive: z.ZodType<Drive> = z.object({
  identity: driveIdentity,
  kind: z.enum(['usb', 'sd', 'loop', 'fixed']),
  vendor: text,
  port: text,
  readOnly: z.boolean(),
  partitions: z.array(
    z.object({ path: z.string(), deviceNumber: z.string(), size: count, label: text }),
  ),
  labels: z.array(z.string()),
  mounts: z.array(z.object({ path: z.string(), device: z.string(), pinned: z.boolean() })),
  swaps: z.array(z.string()),
  holders: z.array(z.string()),
  system: z.union([z.boolean(), z.literal('maybe')]),
});

/** manifest.json, wherever it comes from. */
export const manifest: z.ZodType<Manifest> = z.object({
  schema_version: z.literal(1),
  image_layout_version: z.literal(1),
  build_timestamp: count,
  data_size: count,
  data_files_num: count,
  meta_size: count,
  image_meta: z.array(
    z.object({
      ecu_id: z.string(),
      image_version: z.string(),
      ota_metadata_version: z.literal(1),
      image_format: z.literal('ota-image-v1').exactOptional(),
    }),
  ),
});

export const planSummary: z.ZodType<PlanSummary> = z.object({
  manifest,
  requestedBytes: count,
  sharedBytes: count,
  totalBytes: count,
  totalFiles: count,
});

const inputReport = z.object({
  path: z.string(),
  fingerprint: z.object({ size: count, mtimeMs: z.number(), inode: z.string() }),
  digest: z.string(),
  signature: z.object({
    state: z.enum(['anchored', 'unanchored', 'unchecked']),
    signer: text,
    chain: text,
    validFrom: text,
    validTo: text,
  }),
  payloads: z.array(
    z.object({
      ecuId: text,
      releaseKey: z.enum(['dev', 'prd']).nullable(),
      version: text,
      directories: count,
      symlinks: count,
      files: count,
      persistents: count,
      hardLinkedFiles: count,
      blobs: count,
      compressedBlobs: count,
      storedBytes: count,
      unpackedBytes: count,
    }),
  ),
  warnings: z.array(
    z.discriminatedUnion('code', [
      z.object({ code: z.enum(['signature-unanchored', 'signature-unchecked']) }),
      z.object({
        code: z.literal('certificate-expires-soon'),
        params: z.object({ validTo: z.string() }),
      }),
      z.object({
        code: z.enum(['unlisted-members', 'sizes-not-listed']),
        params: z.object({ count }),
      }),
      z.object({
        code: z.literal('entries-unknown'),
        params: z.object({ count, types: z.string() }),
      }),
    ]),
  ),
});

const imageReport: z.ZodType<ImageReport> = z.discriminatedUnion('format', [
  inputReport.extend({
    format: z.enum(['legacy', 'v1']),
    container: z.enum(IMAGE_CONTAINERS),
  }),
  inputReport.extend({
    format: z.literal('offline'),
    container: z.enum(['tar', 'folder', 'img']),
    manifest,
    files: count,
    bytes: count,
  }),
]);

const driveRequest = z.object({
  kind: z.literal('drive'),
  identity: driveIdentity,
  allowFixed: z.boolean(),
  eject: z.boolean(),
  refresh: z.boolean().optional(),
}) satisfies z.ZodType<DriveRequest>;

const outputRequest: z.ZodType<OutputRequest> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['tar', 'folder']), path }),
  z.object({ kind: z.literal('img'), path, size: count.nullable() }),
  driveRequest,
]);

export const refreshResult: z.ZodType<RefreshResult> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('refreshed'), writtenBytes: count, keptBytes: count }),
  z.object({ kind: z.literal('whole'), reason: z.enum(WHOLE_REASONS) }),
]);

export const outcome: z.ZodType<Outcome> = z.object({
  request: outputRequest,
  state: z.enum(OUTCOME_STATES),
  phase: z.enum(PHASES).nullable(),
  error: errorData.nullable(),
  driveModified: z.boolean(),
  bytes: count,
  verified: z.boolean(),
  ejected: z.boolean(),
  refresh: refreshResult.optional(),
});

const signatures = z.array(z.object({ digest: text, signer: text }));

export const buildResult: z.ZodType<BuildResult> = z.object({
  summary: planSummary,
  signatures,
  images: z.array(imageReport),
  outcomes: z.array(outcome),
  milliseconds: z.number(),
});

export const checkReport: z.ZodType<CheckReport> = z.object({
  target: z.string(),
  kind: z.enum(['tar', 'folder', 'img', 'drive']),
  complete: z.boolean(),
  manifest: manifest.nullable(),
  signatures,
  files: count,
  bytes: count,
  faults: z.array(
    z.object({
      kind: z.enum(['missing', 'corrupt', 'unexpected', 'size', 'manifest', 'structure']),
      path: z.string(),
      detail: z.string(),
    }),
  ),
  faultCount: count,
});

export const checkSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('path'), path }),
  z.strictObject({ kind: z.literal('drive'), identity: driveIdentity }),
]) satisfies z.ZodType<CheckSubject>;

export const checkOutcome: z.ZodType<CheckOutcome> = z.object({
  subject: checkSubject,
  state: z.enum(OUTCOME_STATES),
  report: checkReport.nullable(),
  error: errorData.nullable(),
  ejected: z.boolean(),
});

export const progress: z.ZodType<Progress> = z.object({
  phase: z.enum(PHASES),
  bytesDone: z.number(),
  bytesTotal: z.number().nullable(),
  filesDone: z.number(),
  filesTotal: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
});
