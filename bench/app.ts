import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type RunningApp } from '../e2e/support/launch.ts';
import { watchFrames } from '../e2e/support/frames.ts';
import { MANY, PAIR } from './cases.ts';
import { image } from './images.ts';
import { median } from './measure.ts';

// The app as a person has it, with its real engine: on Electron where its runtime is installed, else in
// Chromium through the host. Run after `npm run build`: node bench/app.ts [runs]
const runs = Number(process.argv[2] ?? 5);
/** A build of each would show what is not given back. */
const BUILDS = 10;
const PATIENCE = { timeout: 300_000 };

const folder = process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench');
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(folder, 'app-'));
const [small] = PAIR.map((shape) => image(join(folder, 'inputs'), shape, 'tar'));
const many = image(join(folder, 'inputs'), MANY, 'tar');
if (small === undefined) throw new Error('a pair has a first');
try {
  const starts: number[] = [];
  const cards: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    await using started = await open();
    starts.push(performance.now() - began);
    const dropped = performance.now();
    await drop(started.app, small);
    cards.push(performance.now() - dropped);
  }
  console.log(`start to the window: ${median(starts).toFixed(0)} ms (median of ${runs})`);
  console.log(`drop to the card: ${median(cards).toFixed(0)} ms (median of ${runs})`);
  await frames();
  await memory();
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function open(): Promise<{ app: RunningApp } & AsyncDisposable> {
  const app = await launch({ userData: mkdtempSync(join(work, 'data-')) });
  await app.page.locator('header').waitFor();
  return { app, [Symbol.asyncDispose]: () => app.close() };
}

async function drop({ page, drop: dropOn }: RunningApp, path: string): Promise<void> {
  await dropOn('.step[data-step=images]', [path]);
  await page.locator('.cards > li').first().waitFor();
}

/** Reads and builds 300,000 files and tells the longest task of the page and of the main process. */
async function frames(): Promise<void> {
  await using started = await open();
  const { app } = started;
  await app.ask('busiest');
  const watch = await watchFrames(app.page);
  await drop(app, many);
  await app.page.getByText('Checked', { exact: true }).waitFor(PATIENCE);
  await build(app, 'frames.tar');
  const [longest = Number.NaN] = await watch.stop();
  const busiest = await app.ask('busiest');
  console.log(`longest task of the page, 300,000 files: ${longest.toFixed(0)} ms`);
  console.log(`longest turn of the main process: ${busiest.toFixed(0)} ms`);
}

async function memory(): Promise<void> {
  await using started = await open();
  const { app } = started;
  await drop(app, small ?? '');
  await app.page.getByText('Checked', { exact: true }).waitFor(PATIENCE);
  const resident: number[] = [];
  for (let i = 0; i < BUILDS; i++) {
    await build(app, `${i}.tar`);
    rmSync(join(work, `${i}.tar`));
    resident.push((await app.ask('memory')) / 1e6);
    await app.page.getByRole('button', { name: 'Done', exact: true }).click();
  }
  const figures = resident.map((megabytes) => megabytes.toFixed(0)).join(', ');
  console.log(`resident MB of the main process after each of ${BUILDS} builds: ${figures}`);
}

async function build({ page, ask }: RunningApp, name: string): Promise<void> {
  await ask('answerDialogs', [[join(work, name)]]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved. The contents were checked while writing.').waitFor(PATIENCE);
}
