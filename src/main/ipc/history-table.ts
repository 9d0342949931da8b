import type { HistoryEntry, HistoryImage } from '../../shared/history.ts';
import { localTime, utcOffset } from '../../shared/local-time.ts';
import type { Translator } from '../../shared/messages/index.ts';

/**
 * The history as a table for a spreadsheet, a row for each output or checked subject: RFC 4180, with a BOM so that
 * Excel reads it as UTF-8.
 */
export function historyTable(entries: readonly HistoryEntry[], { t }: Translator): string {
  const heads = [
    t('history.csv.time'),
    t('history.csv.zone'),
    t('history.csv.kind'),
    t('history.csv.operator'),
    t('history.csv.host'),
    t('history.csv.images'),
    t('history.csv.output'),
    t('history.csv.serial'),
    t('history.csv.port'),
    t('history.csv.result'),
    t('history.csv.faults'),
    t('history.csv.seconds'),
    t('history.csv.digests'),
    t('history.csv.signers'),
  ];
  const rows = entries.flatMap((entry) =>
    entry.outcomes.map((outcome) => [
      localTime(entry.startedAt),
      utcOffset(entry.startedAt),
      t(`history.kind.${entry.kind}`),
      entry.operator ?? '',
      entry.host ?? '',
      entry.images.map(({ ecuId, version }) => `${ecuId} ${version}`.trim()).join('; '),
      outcome.name,
      outcome.serial ?? '',
      outcome.port ?? '',
      t(`history.result.${outcome.result}`),
      entry.kind === 'check' ? String(outcome.faults) : '',
      String(Math.round(entry.milliseconds / 1000)),
      ofEach(entry.images, ({ digest }) => digest),
      ofEach(entry.images, ({ signer }) => signer),
    ]),
  );
  return `\uFEFF${[heads, ...rows].map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}

/** With the ECU before each: several images may have signers of their own. */
function ofEach(
  images: readonly HistoryImage[],
  part: (image: HistoryImage) => string | null,
): string {
  return images
    .flatMap((image) => {
      const value = part(image);
      return value === null ? [] : [`${image.ecuId}: ${value}`];
    })
    .join('; ');
}

function field(text: string): string {
  // A leading = + - @ would make a spreadsheet run the text as a formula (names come from images);
  // Japanese ones take the full-width signs for the same.
  const isOffset = /^[+-]\d\d:\d\d$/u.test(text);
  const safe = !isOffset && /^[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
