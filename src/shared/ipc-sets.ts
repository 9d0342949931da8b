import { z } from 'zod';
import { path } from './model-schemas.ts';

/** More images than any vehicle has ECUs. */
export const MAX_IMAGES = 64;
/** More payloads than any artifact has. */
export const MAX_PAYLOADS = 256;
/** More than a menu can show well. */
const MAX_SETS = 100;
export const MAX_SET_NAME = 80;
/** Confirmed ids that are remembered; the oldest go first. */
export const MAX_REMEMBERED_ECUS = 1000;

const name = z.string().max(255);
const releaseKey = z.enum(['dev', 'prd']).nullable();

/** An image of a set: where its file was, what was in it, and what a person chose of it. No contents. */
const setImage = z.strictObject({
  path,
  /** {@link ImageReport.digest}: tells whether the file is still the same image. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** What a person entered; null: as the image itself says. */
  ecuId: name.nullable(),
  version: name.nullable(),
  /** What is taken, for people; there is no other way to know it without the file. */
  payloads: z
    .array(z.strictObject({ ecuId: name, version: name, releaseKey }))
    .min(1)
    .max(MAX_PAYLOADS),
  /** Payloads that are not taken. */
  leftOut: z.array(z.strictObject({ ecuId: name.nullable(), releaseKey })).max(MAX_PAYLOADS),
});
export type SetImage = z.infer<typeof setImage>;

export const setName = z.string().trim().min(1).max(MAX_SET_NAME);

/** Images that go onto a stick together. The last one, which has no name of its own, has an empty one. */
const imageSet = z.strictObject({
  name: z.string().max(MAX_SET_NAME),
  images: z.array(setImage).min(1).max(MAX_IMAGES),
});
export type ImageSet = z.infer<typeof imageSet>;
export const imageSetSchema = imageSet;

export const setsSchema = z.strictObject({
  /** The images of the last time. */
  last: imageSet.nullable(),
  named: z.array(imageSet).max(MAX_SETS),
});
export type Sets = z.infer<typeof setsSchema>;

export const NO_SETS: Sets = { last: null, named: [] };

/** A set as a file: what other computers, and people, read. */
export const setFileSchema = z.strictObject({
  format: z.literal('offline-ota-image-set'),
  format_version: z.literal(1),
  ...imageSet.shape,
});

/** ECU ids of this computer: those of outputs that were made, and those that a person said are right. */
export const knownEcus = z.object({
  used: z.array(z.string()).readonly(),
  confirmed: z.array(z.string()).readonly(),
});
export type KnownEcus = Readonly<z.infer<typeof knownEcus>>;

export const previewSort = z.enum(['path', 'size']);

/** What the app remembers of how it was used, and nobody sets. */
export const choicesSchema = z.strictObject({
  confirmedEcus: z.array(name).max(MAX_REMEMBERED_ECUS),
  previewSort,
  /** Size of the window in CSS pixels, as it is when it is not maximized; null: as it comes. */
  window: z
    .strictObject({
      width: z.number().int().min(480).max(100_000),
      height: z.number().int().min(400).max(100_000),
      maximized: z.boolean(),
    })
    .nullable(),
});
export type Choices = z.infer<typeof choicesSchema>;

export const DEFAULT_CHOICES: Choices = { confirmedEcus: [], previewSort: 'size', window: null };
