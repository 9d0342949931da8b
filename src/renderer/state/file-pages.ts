import { useCallback, useEffect, useRef, useState } from 'react';
import type { ChosenImage, FileQuery, FileRow } from '../../shared/ipc.ts';
import { invoke } from '../api/bridge.ts';

/** Rows of one request. */
const PAGE = 200;

export interface FilePages {
  /** null until the first page is there. */
  readonly matches: number | null;
  /** The row, or undefined while its page is fetched (asking for it starts that). */
  readonly row: (index: number) => FileRow | undefined;
}

interface Loaded {
  readonly key: string;
  readonly matches: number | null;
  readonly pages: ReadonlyMap<number, readonly FileRow[]>;
}

/** Pages of the file table, fetched as they come in sight and kept until the query changes. */
export function useFilePages(
  images: readonly ChosenImage[],
  search: string,
  sort: FileQuery['sort'],
): FilePages {
  const key = JSON.stringify([images, search, sort]);
  const [loaded, setLoaded] = useState<Loaded>({ key, matches: null, pages: new Map() });
  const asked = useRef({ key, pages: new Set<number>() });

  const ask = useCallback(
    (page: number) => {
      if (asked.current.key !== key) asked.current = { key, pages: new Set() };
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
            pages: new Map(old.key === key ? old.pages : []).set(page, rows),
          }));
        },
        // Shown as rows without content; asked for again when they come in sight anew.
        () => asked.current.pages.delete(page),
      );
    },
    [key],
  );

  useEffect(() => ask(0), [ask]);

  const fresh = loaded.key === key;
  return {
    matches: fresh ? loaded.matches : null,
    row: (index) => {
      const page = Math.floor(index / PAGE);
      const rows = fresh ? loaded.pages.get(page) : undefined;
      if (rows === undefined) queueMicrotask(() => ask(page));
      return rows?.[index % PAGE];
    },
  };
}
