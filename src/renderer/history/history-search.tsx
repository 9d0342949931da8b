import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Input,
  Label,
  RadioButton,
  RadioField,
  RadioGroup,
  SearchField,
} from 'react-aria-components';
import { useWords } from '../state/use-store.ts';
import { FILTERS, type HistoryFilter } from './search-history.ts';

interface HistorySearchProps {
  readonly search: string;
  readonly filter: HistoryFilter;
  /** Entries that fit. */
  readonly count: number;
  readonly onSearch: (search: string) => void;
  readonly onFilter: (filter: HistoryFilter) => void;
}

/** Narrows the history down; how many entries are left is announced. */
export function HistorySearch(props: HistorySearchProps): ReactNode {
  const { search, filter, count, onSearch, onFilter } = props;
  const { t } = useWords();
  return (
    <div className="history-search">
      <SearchField className="field search" value={search} onChange={onSearch}>
        <Label className="sr-only">{t('history.search')}</Label>
        <Search aria-hidden size={16} />
        <Input placeholder={t('history.search.hint')} maxLength={256} spellCheck={false} />
      </SearchField>
      <RadioGroup
        aria-label={t('history.filter')}
        orientation="horizontal"
        value={filter}
        onChange={(chosen) => onFilter(chosen as HistoryFilter)}
      >
        <div className="segments">
          {FILTERS.map((name) => (
            <RadioField key={name} value={name}>
              <RadioButton className="segment">{t(`history.filter.${name}`)}</RadioButton>
            </RadioField>
          ))}
        </div>
      </RadioGroup>
      <p role="status" className="muted">
        {count === 0 ? t('history.nothing') : t('history.found', { count })}
      </p>
    </div>
  );
}
