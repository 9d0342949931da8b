import type { z } from 'zod';

/** One command of the window: what it sends, and what it is answered. */
export interface Command<Payload extends z.ZodType, Result extends z.ZodType> {
  readonly payload: Payload;
  readonly result: Result;
}

export function command<Payload extends z.ZodType, Result extends z.ZodType>(
  payload: Payload,
  result: Result,
): Command<Payload, Result> {
  return { payload, result };
}
