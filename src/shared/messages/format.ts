import { fileName } from '../file-name.ts';
import type { Language } from './ui/catalogue.ts';

const LOCALES: Record<Language, string> = { en: 'en-GB', ja: 'ja-JP' };

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

const TIME_UNITS: Record<Language, { h: string; min: string; s: string }> = {
  en: { h: 'h', min: 'min', s: 's' },
  ja: { h: '時間', min: '分', s: '秒' },
};

/** Writes numbers, sizes, times and paths the way a language does. */
export interface Formatter {
  number(value: number): string;
  /** Decimal units, as on the label of a stick; three significant digits. */
  bytes(value: number): string;
  bytesPerSecond(value: number): string;
  /** `fraction` from 0 to 1, rounded down so that 100 % means all. */
  percent(fraction: number): string;
  /** The two largest of hours, minutes and seconds. */
  duration(seconds: number): string;
  /** A day; takes what `Date` does. Text that is no date is given back as it is. */
  date(value: string | number): string;
  /** A day with hours and minutes. */
  dateTime(value: string | number): string;
  /** Last part of an absolute path; a name as it is. */
  file(path: string): string;
}

/** Of one language; its parts are made once and kept. */
export function formatter(language: Language): Formatter {
  const locale = LOCALES[language];
  const numberFormat = (options: Intl.NumberFormatOptions) =>
    once(() => new Intl.NumberFormat(locale, options));
  const dateFormat = (options: Intl.DateTimeFormatOptions) =>
    once(() => new Intl.DateTimeFormat(locale, options));
  const integer = numberFormat({ maximumFractionDigits: 1 });
  const percent = numberFormat({ maximumFractionDigits: 0 });
  const day = dateFormat({ dateStyle: 'medium' });
  const dayAndTime = dateFormat({ dateStyle: 'medium', timeStyle: 'short' });
  const size = numberFormat({ maximumSignificantDigits: 3 });
  const units = TIME_UNITS[language];
  // Numbers touch their Japanese units.
  const gap = language === 'ja' ? '' : ' ';

  const bytes = (value: number): string => {
    let power = 0;
    let scaled = value;
    // 999.5 would be written as 1,000 of the smaller unit.
    while (Math.abs(scaled) >= 999.5 && power < BYTE_UNITS.length - 1) {
      scaled /= 1000;
      power += 1;
    }
    return `${size().format(scaled)} ${BYTE_UNITS[power] ?? ''}`;
  };

  const withDate = (format: Intl.DateTimeFormat, value: string | number): string => {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? String(value) : format.format(date);
  };

  return {
    number: (value) => integer().format(value),
    bytes,
    bytesPerSecond: (value) => `${bytes(value)}/${units.s}`,
    percent: (fraction) =>
      `${percent().format(Math.floor(Math.min(1, Math.max(0, fraction)) * 100))}%`,
    duration: (seconds) => {
      const whole = Math.max(0, Math.round(seconds));
      const h = Math.floor(whole / 3600);
      const m = Math.floor((whole % 3600) / 60);
      const parts = h > 0 ? [`${h}${gap}${units.h}`] : [];
      if (m > 0) parts.push(`${m}${gap}${units.min}`);
      if (h === 0) parts.push(`${whole % 60}${gap}${units.s}`);
      return parts.join(gap);
    },
    date: (value) => withDate(day(), value),
    dateTime: (value) => withDate(dayAndTime(), value),
    file: fileName,
  };
}

/** Formats take long to make, a quarter of the command line's start, and few are ever used. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
