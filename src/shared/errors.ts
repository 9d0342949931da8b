import type { ArchiveErrors } from './errors/archive.ts';
import type { DriveErrors } from './errors/drive.ts';
import type { ImageErrors } from './errors/image.ts';
import type { OutputErrors } from './errors/output.ts';
import type { RequestErrors } from './errors/request.ts';
import type { V1Errors } from './errors/v1.ts';
import type { VehicleErrors } from './errors/vehicle.ts';

/** Every error code of the product with the parameters that its message needs. */
export interface ErrorParams
  extends
    ArchiveErrors,
    DriveErrors,
    ImageErrors,
    OutputErrors,
    RequestErrors,
    V1Errors,
    VehicleErrors {}

export type ErrorCode = keyof ErrorParams;

/** An error as plain data: what crosses worker, IPC and process borders. */
export type ErrorData<C extends ErrorCode = ErrorCode> = {
  [K in C]: { readonly code: K; readonly params: ErrorParams[K] };
}[C];

/**
 * The one error class of the product. Its message is for logs; people get the wording that
 * src/shared/messages has for the code.
 */
export class BuilderError extends Error {
  readonly data: ErrorData;

  constructor(data: ErrorData, options?: { cause?: unknown }) {
    super(`${data.code} ${JSON.stringify(data.params)}`, options);
    this.name = 'BuilderError';
    this.data = data;
  }

  get code(): ErrorCode {
    return this.data.code;
  }
}

/** Shorthand that infers the parameters from the code. */
export function builderError<C extends ErrorCode>(
  code: C,
  params: ErrorParams[C],
  cause?: unknown,
): BuilderError {
  // The mapped type guarantees that code and params belong together; the compiler cannot see it
  // through the generic.
  const data = { code, params } as unknown as ErrorData;
  return new BuilderError(data, cause === undefined ? undefined : { cause });
}

/** Turns anything thrown into data; an AbortSignal's reason is `cancelled`, what is not ours `internal`. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof BuilderError) return error.data;
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', params: {} };
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'internal', params: { detail } };
}
