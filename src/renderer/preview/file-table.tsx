import { useVirtualizer } from '@tanstack/react-virtual';
import { Search } from 'lucide-react';
import { useDeferredValue, useRef, useState, type ReactNode } from 'react';
import {
  Button,
  Input,
  Label,
  SearchField,
  ToggleButton,
  ToggleButtonGroup,
} from 'react-aria-components';
import type { ChosenImage, FileQuery } from '../../shared/ipc.ts';
import { useFilePages } from './file-pages.ts';
import { invoke } from '../api/bridge.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ErrorText } from '../components/error-text.tsx';
import { MiddleText } from '../components/middle-text.tsx';

const ROW_HEIGHT = 32;

/** Every file of the output: searched and sorted in main, fetched page by page as rows come in sight. */
export function FileTable({ images }: { readonly images: readonly ChosenImage[] }): ReactNode {
  const { attempt, dispatch } = useStore();
  const { t, format } = useWords();
  const [search, setSearch] = useState('');
  const sort = useSelector(({ previewSort }) => previewSort);
  const choose = (previewSort: FileQuery['sort']): void => {
    dispatch({ type: 'preview-sorted', sort: previewSort });
    attempt(() => invoke('choices.change', { previewSort }));
  };
  const pages = useFilePages(images, useDeferredValue(search), sort);
  return (
    <div className="file-table">
      <div className="table-tools">
        <SearchField className="field search" value={search} onChange={setSearch}>
          <Label className="sr-only">{t('preview.search')}</Label>
          <Search aria-hidden size={16} />
          <Input placeholder={t('preview.search')} maxLength={256} spellCheck={false} />
        </SearchField>
        <ToggleButtonGroup
          className="segments"
          aria-label={t('preview.sort')}
          disallowEmptySelection
          selectedKeys={[sort]}
          onSelectionChange={(keys) => choose(keys.has('path') ? 'path' : 'size')}
        >
          <ToggleButton id="size">{t('preview.bytes')}</ToggleButton>
          <ToggleButton id="path">{t('preview.path')}</ToggleButton>
        </ToggleButtonGroup>
        <p role="status" className="muted">
          {pages.matches !== null
            ? t('preview.matches', { count: pages.matches })
            : pages.error === null && t('preview.loading')}
        </p>
      </div>
      {pages.error !== null && (
        <div className="row">
          <ErrorText error={pages.error} />
          <Button className="button" onPress={pages.again}>
            {t('common.again')}
          </Button>
        </div>
      )}
      <Rows pages={pages} key={`${search} ${sort}`} formatBytes={(bytes) => format.bytes(bytes)} />
    </div>
  );
}

interface RowsProps {
  readonly pages: ReturnType<typeof useFilePages>;
  readonly formatBytes: (bytes: number) => string;
}

function Rows({ pages, formatBytes }: RowsProps): ReactNode {
  // The virtualizer hands out functions that change between renders; the compiler must not cache them.
  'use no memo';
  const { t } = useWords();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: pages.matches ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  return (
    <div
      ref={scroller}
      className="rows"
      role="table"
      tabIndex={0}
      aria-label={t('preview.table')}
      aria-rowcount={(pages.matches ?? 0) + 1}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="row-head">
          <span role="columnheader">{t('preview.path')}</span>
          <span role="columnheader">{t('preview.bytes')}</span>
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = pages.row(index);
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              className="file-row"
              style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
            >
              <span role="cell">{row === undefined ? '…' : <MiddleText text={row.path} />}</span>
              <span role="cell">{row === undefined ? '' : formatBytes(row.size)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
