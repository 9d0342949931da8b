import { z } from 'zod';

/**
 * The JSON documents of OTA image v1 (tier4/ota-image-libs, spec/). Unknown properties are allowed, as
 * clients allow them; what we act on has exactly one meaning.
 */

const P = 'application/vnd.tier4.ota.file-based-ota-image';
const C = 'application/vnd.tier4.otaclient.release-package';

export const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  payload: `${P}.v1`,
  config: `${P}.config.v1+json`,
  fileTable: [`${P}.file_table.v1.sqlite3`, `${P}.file_table.v1.sqlite3+zstd`],
  resourceTable: [`${P}.resource_table.v1.sqlite3`, `${P}.resource_table.v1.sqlite3+zstd`],
  clientManifest: `${C}.manifest.v1+json`,
  client: `${C}.v1`,
} as const;

export const ANNOTATIONS = {
  ecu: 'vnd.tier4.pilot-auto.platform.ecu',
  releaseKey: 'vnd.tier4.ota.release-key',
  version: 'vnd.tier4.pilot-auto.project.version',
} as const;

/** Entries of one list in a document; images have a handful. */
const MAX_ENTRIES = 1000;

const annotations = z.record(z.string(), z.unknown()).nullish();

export const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .transform((digest) => digest.slice('sha256:'.length)),
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  artifactType: z.string().nullish(),
  annotations,
});

/** Names a blob; `digest` is bare lower-case hex. */
export type Descriptor = z.infer<typeof descriptorSchema>;

/**
 * An entry of index.json as far as its kind can be read from it. Builders add entries of new kinds, in
 * forms of their own, and clients pass over what they do not know.
 */
const indexEntry = z.looseObject({ mediaType: z.string(), artifactType: z.string().nullish() });
export type IndexEntry = z.infer<typeof indexEntry>;

const layoutSchema = z.object({ imageLayoutVersion: z.string() });
/** The one version of the layout that clients know. */
export const LAYOUT_VERSION = '1.0.0';

export const indexSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.literal(MEDIA_TYPES.index),
  annotations,
  manifests: z.array(indexEntry).max(MAX_ENTRIES),
});
export type ImageIndex = z.infer<typeof indexSchema>;

export const payloadManifestSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  /** The file table; clients read no further layer, so of those any form is allowed. */
  layers: z.tuple([descriptorSchema]).rest(z.unknown()),
});

export const configSchema = z.object({
  schemaVersion: z.literal(1),
  mediaType: z.literal(MEDIA_TYPES.config),
  file_table: descriptorSchema,
  sys_config: descriptorSchema.nullish(),
});

export const clientManifestSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  layers: z.array(descriptorSchema).max(MAX_ENTRIES),
});

export const tokenHeaderSchema = z.object({
  alg: z.literal('ES256'),
  x5c: z.array(z.string()).min(1),
});

/** `iat` and the other claims are not read: clients take a token without them. */
export const tokenClaimsSchema = z.object({
  image_index: descriptorSchema.pick({ digest: true, size: true }),
});

export const releaseKeySchema = z.enum(['dev', 'prd']).default('dev');
export const ecuIdSchema = z.string().min(1).max(255);
/** Versions are text for people and vehicles; builders may write a number. */
export const versionSchema = z.union([z.string(), z.number().transform(String)]).nullish();

/** Whether a table is stored as zstd. */
export function isCompressed({ mediaType }: Descriptor): boolean {
  return mediaType.endsWith('+zstd');
}

/** A document that does not have the expected form; the caller knows the input. */
export class DocumentFault extends Error {}

/**
 * Parses UTF-8 JSON against a schema.
 * @param name for the message.
 * @throws DocumentFault
 */
export function parseDocument<Schema extends z.ZodType>(
  name: string,
  bytes: Uint8Array,
  schema: Schema,
): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new DocumentFault(`${name}: not JSON`, { cause: error });
  }
  return conform(name, json, schema);
}

/** @throws DocumentFault */
export function conform<Schema extends z.ZodType>(
  name: string,
  value: unknown,
  schema: Schema,
): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new DocumentFault(`${name}: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`);
}

/** Version that an oci-layout file tells. @throws DocumentFault */
export function readLayoutVersion(bytes: Uint8Array): string {
  return parseDocument('oci-layout', bytes, layoutSchema).imageLayoutVersion;
}
