import { z } from 'zod';
import { errorData, refreshResult } from './model-schemas.ts';
import { RESULTS } from './model/outcome.ts';

/** Jobs that are kept; about ten years of one a day. */
export const MAX_HISTORY = 4000;

const text = z.string().nullable();
/** What earlier versions did not write down. */
const later = text.default(null);

/** How one output or checked subject ended. `complete` and `incomplete` are what a check found. */
const HISTORY_RESULTS = [...RESULTS, 'complete', 'incomplete'] as const;

const image = z.object({
  ecuId: z.string(),
  version: z.string(),
  /** SHA-256, in hex, of the signed token, which vouches for all of the image. */
  digest: later,
  /** Subject of the signing certificate. */
  signer: later,
});

const outcome = z.object({
  kind: z.enum(['tar', 'folder', 'img', 'drive']),
  /** Path of a file; maker and model of a drive. */
  name: z.string(),
  serial: text,
  /** Where the drive was plugged in, as the system counts its sockets. */
  port: later,
  result: z.enum(HISTORY_RESULTS),
  error: errorData.nullable(),
  /** Of a check: how many faults it found. */
  faults: z.number().int().nonnegative().default(0),
  /** Of a stick that was to be refreshed. */
  refresh: refreshResult.optional(),
});

/** A build with all of its outputs, or the check of one stick or file; as it is stored, and as the window gets it. */
export const historyEntrySchema = z.object({
  id: z.string(),
  kind: z.enum(['build', 'check']).default('build'),
  /** Id of the job that it is about; null: of an earlier version. A check of several subjects has several entries. */
  job: later,
  /** Unix milliseconds. */
  startedAt: z.number(),
  milliseconds: z.number(),
  /** Name of the account, and of the computer. */
  operator: later,
  host: later,
  images: z.array(image),
  outcomes: z.array(outcome),
  /** As a whole; the outcomes say more where it is `partial`. */
  result: z.enum([...HISTORY_RESULTS, 'partial']),
  error: errorData.nullable(),
});

export type HistoryEntry = Readonly<z.infer<typeof historyEntrySchema>>;
export type HistoryImage = HistoryEntry['images'][number];
export type HistoryOutcome = HistoryEntry['outcomes'][number];
