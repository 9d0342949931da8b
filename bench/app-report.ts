import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { median } from './measure.ts';
import { DOCS, machine } from './report.ts';

/** What the window did; times in milliseconds, memory in bytes. */
export interface AppFigures {
  readonly machine: string;
  /** What showed the window. */
  readonly runtime: string;
  /** One of each start. `page`: of it, from the page's beginning to its first paint. */
  readonly starts: readonly {
    readonly toWindow: number;
    readonly page: number;
    readonly toCard: number;
    readonly toFacts: number;
  }[];
  /** While 300,000 files are read and built; gaps by the clock, tasks and turns by the processor. */
  readonly busy: {
    readonly seconds: number;
    readonly frames: number;
    readonly gapMedian: number;
    readonly gap99: number;
    readonly gapLongest: number;
    readonly longestTask: number;
    readonly tasksOver50: number;
    readonly longestTurn: number;
  };
  /** After each build. `resident`: the main process with its threads; `held`: its objects; `page`: the page's. */
  readonly builds: readonly {
    readonly resident: number;
    readonly held: number;
    readonly page: number;
  }[];
}

/** Prints the tables; leaves app.json and app.md in the folder, or in docs/performance. */
export async function reportApp(
  figures: Omit<AppFigures, 'machine'>,
  folder: string | null,
): Promise<void> {
  const place = folder ?? DOCS;
  const all: AppFigures = { machine: machine(), ...figures };
  mkdirSync(place, { recursive: true });
  const style = await resolveConfig(join(DOCS, 'app.md'));
  const text = await format(markdown(all), { ...style, parser: 'markdown' });
  process.stdout.write(text);
  writeFileSync(join(place, 'app.json'), `${JSON.stringify(all, rounded, 2)}\n`);
  writeFileSync(join(place, 'app.md'), text);
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}

function markdown({ machine: where, runtime, starts, busy, builds }: AppFigures): string {
  const of = (figure: (start: AppFigures['starts'][number]) => number): string =>
    milliseconds(median(starts.map(figure)));
  const rows: [string, string][] = [
    ['start to the window', of(({ toWindow }) => toWindow)],
    ['… of which the page, from its first byte to its first paint', of(({ page }) => page)],
    ['drop to the card', of(({ toCard }) => toCard)],
    ['drop to what the image is (12,000 files, 0.8 GB)', of(({ toFacts }) => toFacts)],
    ['300,000 files: from one frame to the next, median', milliseconds(busy.gapMedian)],
    ['… 99 of 100 are not longer than', milliseconds(busy.gap99)],
    ['… the longest', milliseconds(busy.gapLongest)],
    ['… longest task of the page (processor)', milliseconds(busy.longestTask)],
    ['… tasks longer than 50 ms', String(busy.tasksOver50)],
    ['… longest turn of the main process (processor)', milliseconds(busy.longestTurn)],
    ['… read, checked and built in', `${busy.seconds.toFixed(1)} s`],
    ['each build adds to what the main process holds', growth(builds.map(({ held }) => held))],
    ['each build adds to what the page holds', growth(builds.map(({ page }) => page))],
  ];
  const lines = [
    '# Results of `npm run bench:app`',
    '',
    `${where}; ${runtime}. Medians of ${starts.length} starts, each with a new profile.`,
    '',
    '| what | measured |',
    '| --- | --: |',
    ...rows.map(([what, measured]) => `| ${what} | ${measured} |`),
    '',
    'Memory after each build and a collection of garbage, in MB:',
    '',
    '| build | main process with its threads, resident | its objects | the page’s objects |',
    '| --: | --: | --: | --: |',
    ...builds.map(
      ({ resident, held, page }, index) =>
        `| ${index + 1} | ${megabytes(resident)} | ${megabytes(held)} | ${megabytes(page)} |`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** How much each build adds once the first two have filled what is kept: slope of the least squares. */
function growth(bytes: readonly number[]): string {
  const warm = bytes.slice(2);
  const middle = (warm.length - 1) / 2;
  const mean = warm.reduce((sum, value) => sum + value, 0) / warm.length;
  const above = warm.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const below = warm.reduce((sum, _value, index) => sum + (index - middle) ** 2, 0);
  const perBuild = above / below / 1e6;
  return `${perBuild < 0 ? '−' : '+'}${Math.abs(perBuild).toFixed(2)} MB`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
