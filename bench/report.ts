import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { AT_ONCE } from './cases.ts';
import type { Cost } from './measure.ts';

export interface Result {
  readonly name: string;
  readonly title: string;
  readonly ways: readonly ({ readonly way: string } & Cost)[];
}

export interface Report {
  readonly machine: string;
  readonly runs: number;
  readonly results: readonly Result[];
}

/** Where results are shown. */
export const DOCS = join(import.meta.dirname, '..', 'docs', 'performance');
const CLASSIC = 'classic';
const FLOOR = 'floor: ';

export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${memory} GiB, Node ${process.versions.node}`;
}

/** Prints the tables; leaves results.json, results.md and a chart for each case in a folder. */
export function report(all: Report, folder: string | null): void {
  const place = folder ?? DOCS;
  mkdirSync(place, { recursive: true });
  const text = markdown(all);
  process.stdout.write(text);
  writeFileSync(join(place, 'results.json'), `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(join(place, 'results.md'), text);
  for (const result of all.results)
    writeFileSync(join(place, `${result.name}.svg`), chart(result, all.machine));
}

function markdown({ machine: where, runs, results }: Report): string {
  const lines = [
    '# Results of `npm run bench`',
    '',
    `${where}; medians of ${runs} interleaved runs.`,
  ];
  for (const { title, ways } of results) {
    const floor = floorOf(ways);
    const classic = ways.find(({ way }) => way.startsWith(CLASSIC))?.seconds ?? Number.NaN;
    lines.push('', `## ${title}`, '');
    const atOnce = ways.find(({ way }) => way === AT_ONCE)?.seconds ?? Number.NaN;
    lines.push(
      '| way | seconds | CPU s | peak MiB | MB written | beyond the output | ÷ floor | ÷ at once | classic ÷ |',
    );
    lines.push('| --- | --: | --: | --: | --: | --: | --: | --: | --: |');
    for (const { way, seconds, cpuSeconds, peakMiB, writtenBytes, outputBytes } of ways) {
      const beyond = outputBytes > 0 ? (writtenBytes - outputBytes) / 1e6 : Number.NaN;
      const isOurs = way.startsWith('ours →');
      const cells = [
        way,
        seconds.toFixed(2),
        figure(cpuSeconds, 1),
        figure(peakMiB, 0),
        figure(writtenBytes / 1e6, 0),
        figure(beyond, 0),
        figure(isOurs ? seconds / floor : Number.NaN, 2),
        figure(isOurs ? seconds / atOnce : Number.NaN, 2),
        figure(isOurs ? classic / seconds : Number.NaN, 1),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The slowest of what cannot be avoided, seconds; NaN where it was not measured. */
function floorOf(ways: Result['ways']): number {
  const parts = ways.filter(({ way }) => way.startsWith(FLOOR)).map(({ seconds }) => seconds);
  return parts.length === 0 ? Number.NaN : Math.max(...parts);
}

function figure(value: number, digits: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(digits);
}

const ROW = 26;
const LABEL = 300;
const BAR = 420;

/** Bars of seconds, legible on light and dark pages. */
function chart({ title, ways }: Result, where: string): string {
  const longest = Math.max(...ways.map(({ seconds }) => seconds));
  const height = (ways.length + 2) * ROW;
  const text = (x: number, row: number, content: string, anchor = 'start'): string =>
    `<text x="${x}" y="${(row + 0.7) * ROW}" text-anchor="${anchor}">${escapeXml(content)}</text>`;
  const rows = ways.flatMap(({ way, seconds }, i) => {
    const width = Math.max(1, (seconds / longest) * BAR);
    const color = way.startsWith('ours') ? '#1f6feb' : '#8c959f';
    return [
      text(LABEL - 8, i + 1, way, 'end'),
      `<rect x="${LABEL}" y="${(i + 1) * ROW + 4}" width="${width.toFixed(1)}" height="${ROW - 8}" fill="${color}"/>`,
      text(LABEL + width + 8, i + 1, `${seconds.toFixed(2)} s`),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL + BAR + 90}" height="${height}" role="img" aria-label="${escapeXml(`Seconds: ${title}`)}" font-family="sans-serif" font-size="13" fill="#57606a">`,
    text(8, 0, title),
    ...rows,
    text(8, ways.length + 1, where),
    '</svg>',
    '',
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
