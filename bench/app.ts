import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, type RunningApp } from '../e2e/support/launch.ts';
import { onElectron } from '../e2e/support/launch-electron.ts';
import { watchFrames } from '../e2e/support/frames.ts';
import { reportApp, type AppFigures } from './app-report.ts';
import { MANY, PAIR } from './cases.ts';
import { image } from './images.ts';
import { firstPaint, heapOf, markAfterDrop, markOf, takeGaps, watchGaps } from './page-clock.ts';

// The app as a person has it, with its real engine: on Electron where its runtime is installed, else in
// Chromium through the host. Usage:
//   npm run bench:app [-- [--runs N] [--docs]]
// BENCH_FOLDER is where inputs (kept) and outputs (removed) stand. --docs puts the result into
// docs/performance.
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, docs: { type: 'boolean', default: false } },
});
/** A build of each would show what is not given back. */
const BUILDS = 10;
const PATIENCE = { timeout: 120_000 };
const ROW = '.image-rows > li';
const FACTS = '.image-row:is([data-state=checking], [data-state=ready])';

const folder = process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench');
mkdirSync(folder, { recursive: true });
const [small = ''] = PAIR.map((shape) => image(join(folder, 'inputs'), shape, 'tar'));
const many = image(join(folder, 'inputs'), MANY, 'tar');
const work = mkdtempSync(join(folder, 'app-'));
const running = new Set<RunningApp>();

const stopped = new Promise<never>((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Error(`ended by ${signal}`)));
});
try {
  await reportApp(
    await Promise.race([measureApp(Number(values.runs)), stopped]),
    values.docs ? null : folder,
  );
} finally {
  for (const app of running) await app.close();
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}

async function measureApp(runs: number): Promise<Omit<AppFigures, 'machine'>> {
  const starts: AppFigures['starts'][number][] = [];
  for (let run = 0; run < runs; run++) {
    starts.push(await start());
    console.error(`start ${run + 1}/${runs}`);
  }
  const busy = await whileBusy();
  console.error('300,000 files');
  return {
    runtime: onElectron ? 'Electron' : 'Chromium instead of Electron’s runtime',
    starts,
    busy,
    builds: await manyBuilds(),
  };
}

/** Everything that an app leaves behind is in a folder of its own below `work`. */
async function open(): Promise<{ app: RunningApp } & AsyncDisposable> {
  const own = mkdtempSync(join(work, 'run-'));
  const app = await launch({ userData: mkdtempSync(join(own, 'data-')), env: { TMPDIR: own } });
  running.add(app);
  return {
    app,
    [Symbol.asyncDispose]: async () => {
      running.delete(app);
      await app.close();
    },
  };
}

async function start(): Promise<AppFigures['starts'][number]> {
  const launched = Date.now();
  await using opened = await open();
  const { page } = opened.app;
  const { began, shown } = await firstPaint(page);
  await markAfterDrop(page, [ROW, FACTS]);
  await opened.app.drop('.step[data-step=images]', [small]);
  return {
    toWindow: shown - launched,
    page: shown - began,
    toCard: await markOf(page, ROW),
    toFacts: await markOf(page, FACTS),
  };
}

/** Reads and builds 300,000 files: how smooth the window is meanwhile. */
async function whileBusy(): Promise<AppFigures['busy']> {
  await using opened = await open();
  const { app } = opened;
  await app.page.locator('header').waitFor();
  await app.ask('busiest');
  const tasks = await watchFrames(app.page);
  await watchGaps(app.page);
  const began = performance.now();
  await add(app, many);
  await build(app, 'many.tar');
  const seconds = (performance.now() - began) / 1000;
  const gaps = await takeGaps(app.page);
  const longest = await tasks.stop();
  const gapAt = (share: number): number =>
    gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? Number.NaN;
  return {
    seconds,
    frames: gaps.length,
    gapMedian: gapAt(0.5),
    gap99: gapAt(0.99),
    gapLongest: gapAt(1),
    longestTask: longest[0] ?? Number.NaN,
    tasksOver50: longest.filter((task) => task > 50).length,
    longestTurn: await app.ask('busiest'),
  };
}

async function manyBuilds(): Promise<AppFigures['builds']> {
  await using opened = await open();
  const { app } = opened;
  await add(app, small);
  const builds: AppFigures['builds'][number][] = [];
  for (let number = 1; number <= BUILDS; number++) {
    await build(app, `${number}.tar`);
    rmSync(join(work, `${number}.tar`));
    await app.page.getByRole('button', { name: 'Done', exact: true }).click();
    builds.push({ ...(await app.ask('memory')), page: await heapOf(app.page) });
    console.error(`build ${number}/${BUILDS}`);
  }
  return builds;
}

async function add({ page, drop }: RunningApp, path: string): Promise<void> {
  await drop('.step[data-step=images]', [path]);
  await page.getByText('Contents OK', { exact: true }).waitFor(PATIENCE);
}

async function build({ page, ask }: RunningApp, name: string): Promise<void> {
  await ask('answerDialogs', [[join(work, name)]]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved. The contents were checked while writing.').waitFor(PATIENCE);
}
