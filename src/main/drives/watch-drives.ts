import { toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { DriveSource } from './drive-source.ts';

export type DriveEvent =
  | { readonly kind: 'drives'; readonly drives: readonly Drive[] }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/**
 * Quick enough to feel immediate, slow enough to cost nothing. On Windows every look starts PowerShell, which
 * takes a second of a processor. Milliseconds.
 */
export function watchInterval(): number {
  return process.platform === 'win32' ? 5000 : 1000;
}

/**
 * Calls `listener` with the first list at once and then whenever something changed. A failure is reported
 * once, until a list succeeds again. Returns the function that ends it; no call comes after that.
 */
export function watchDrives(
  source: DriveSource,
  listener: (event: DriveEvent) => void,
  interval = watchInterval(),
): () => void {
  const ended = new AbortController();
  let last = '';
  let timer: NodeJS.Timeout | undefined;
  const tell = (event: DriveEvent): void => {
    const text = JSON.stringify(event);
    if (ended.signal.aborted || text === last) return;
    last = text;
    listener(event);
  };
  const look = async (): Promise<void> => {
    try {
      tell({ kind: 'drives', drives: await source.list() });
    } catch (error) {
      tell({ kind: 'failed', error: toErrorData(error) });
    }
    // After the answer, not every second: a slow answer must not pile up questions.
    if (!ended.signal.aborted) timer = setTimeout(() => void look(), interval);
  };
  void look();
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}
