import { useCallback, useEffect, useRef, useState } from 'react';
import { toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { ChosenImage, FileQuery, FileRow } from '../../shared/ipc.ts';
import { invoke } from '../api/bridge.ts';

/** Rows of one request. */
const PAGE = 200;

export interface FilePages {
  /** null until the first page is there. */
  readonly matches: number | null;
  /** Why rows are missing; null if none are. */
  readonly error: ErrorData | null;
  /** Asks for the missing rows once more. */
  readonly again: () => void;
  /** The row, or undefined while its page is fetched (asking for it starts that). */
  readonly row: (index: number) => FileRow | undefined;
}

interface Loaded {
  readonly key: string;
  readonly matches: number | null;
  readonly error: ErrorData | null;
  readonly pages: ReadonlyMap<number, readonly FileRow[]>;
}

const NOTHING: Loaded = { key: '', matches: null, error: null, pages: new Map() };

/** Pages of the file table, fetched as they come in sight and kept until the query changes. */
export function useFilePages(
  images: readonly ChosenImage[],
  search: string,
  sort: FileQuery['sort'],
): FilePages {
  const key = JSON.stringify([images, search, sort]);
  const [loaded, setLoaded] = useState<Loaded>({ ...NOTHING, key });
  const asked = useRef({ key, pages: new Set<number>(), failed: new Set<number>() });

  const ask = useCallback(
    (page: number) => {
      if (asked.current.key !== key) {
        asked.current = { key, pages: new Set(), failed: new Set() };
      }
      if (asked.current.pages.has(page)) return;
      asked.current.pages.add(page);
      const [chosen, text, order] = JSON.parse(key) as [ChosenImage[], string, FileQuery['sort']];
      const query = { images: chosen, search: text, sort: order, offset: page * PAGE, limit: PAGE };
      invoke('plan.files', query).then(
        ({ matches, rows }) => {
          if (asked.current.key !== key) return;
          setLoaded((old) => ({
            key,
            matches,
            error: old.key === key ? old.error : null,
            pages: new Map(old.key === key ? old.pages : []).set(page, rows),
          }));
        },
        (cause: unknown) => {
          if (asked.current.key !== key) return;
          // Does not retry: it would loop.
          asked.current.failed.add(page);
          const error = toErrorData(cause);
          setLoaded((old) => ({ ...(old.key === key ? old : NOTHING), key, error }));
        },
      );
    },
    [key],
  );

  const again = useCallback(() => {
    const { pages, failed } = asked.current;
    const missing = [...failed];
    failed.clear();
    setLoaded((old) => ({ ...old, error: null }));
    for (const page of missing) {
      pages.delete(page);
      ask(page);
    }
  }, [ask]);

  useEffect(() => ask(0), [ask]);

  const fresh = loaded.key === key;
  return {
    matches: fresh ? loaded.matches : null,
    error: fresh ? loaded.error : null,
    again,
    row: (index) => {
      const page = Math.floor(index / PAGE);
      const rows = fresh ? loaded.pages.get(page) : undefined;
      if (rows === undefined) queueMicrotask(() => ask(page));
      return rows?.[index % PAGE];
    },
  };
}
