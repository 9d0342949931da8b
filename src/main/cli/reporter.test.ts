import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { translator } from '../../shared/messages/index.ts';
import type { BuildResult, DriveRequest } from '../../shared/model/job.ts';
import { waitingOutcome, type Outcome } from '../../shared/model/outcome.ts';
import { PHASES, type Phase, type Progress } from '../../shared/model/progress.ts';
import type { Manner } from './args.ts';
import { Reporter } from './reporter.ts';

class Terminal extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  text = '';

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  override _write(chunk: string, _: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

class Plain extends Writable {
  text = '';

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(chunk: string, _: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** Columns of a row, East Asian characters counted twice. */
const widthOf = (row: string): number =>
  Array.from(row).reduce((sum, character) => sum + (character > '\u2e7f' ? 2 : 1), 0);

/** What a terminal of so many columns shows while a job is at `done` of 64 GB. */
function rows(language: 'en' | 'ja', columns: number): string[] {
  const terminal = new Terminal(columns);
  const manner = { language, json: false, quiet: false, verbose: false };
  const reporter = new Reporter(manner, translator(language), new Terminal(columns), terminal);
  for (const phase of PHASES)
    for (const bytesDone of [0, 1_234_567_890, 64e9])
      reporter.progress({
        ...{ phase, bytesDone, bytesTotal: phase === 'flush' ? null : 64e9 },
        ...{ filesDone: 5, filesTotal: 300_000 },
        ...{ bytesPerSecond: 123_456_789, secondsLeft: 4444 },
      });
  const text = terminal.text.replaceAll('\r\x1b[2K', '\n');
  return text.split('\n').filter((row) => row !== '');
}

describe.each(['en', 'ja'] as const)('the progress bar in %s', (language) => {
  test.each([20, 40, 60, 80, 100, 200])('fits into a row of %i columns', (columns) => {
    const all = rows(language, columns);
    expect(all.length).toBe(PHASES.length * 3);
    for (const row of all) expect(widthOf(row), row).toBeLessThan(columns);
  });

  test('shows how far, how fast and how long where there is room', () => {
    const row = rows(language, 100)[1] ?? '';
    expect(row).toMatch(/\[-+\]/);
    expect(row).toContain('1%');
    expect(row).toContain('123 MB/');
    expect(row).toContain('1.23 GB / 64 GB');
    expect(row).toContain(language === 'en' ? '1 h 14 min left' : '残り1時間14分');
    expect(rows(language, 50)[1]).toContain(language === 'en' ? 'left' : '残り');
  });
});

describe('a build to several sticks', () => {
  const progress = (phase: Phase, bytesDone: number): Progress => ({
    ...{ phase, bytesDone, bytesTotal: 100, filesDone: 0, filesTotal: 1 },
    ...{ bytesPerSecond: 5, secondsLeft: 10 },
  });
  const requests = ['a', 'b', 'c'].map((name): DriveRequest => {
    const identity = { path: `/dev/${name}`, model: `Stick ${name}` } as DriveRequest['identity'];
    return { kind: 'drive', identity, allowFixed: false, eject: true };
  });
  const [first, second, third] = requests.map(waitingOutcome) as [Outcome, Outcome, Outcome];
  const writing: Partial<Outcome> = { state: 'running', phase: 'write', driveModified: true };
  const done: Partial<Outcome> = { state: 'done', verified: true, ejected: true };

  /** What is shown of a run in which the second stick is pulled out, the third is stopped. */
  function played(manner: Partial<Manner>, stderr: Terminal | Plain): { out: string; err: string } {
    const stdout = new Plain();
    const full = { language: 'en', json: false, quiet: false, verbose: false, ...manner } as const;
    const reporter = new Reporter(full, translator('en'), stdout, stderr);
    reporter.expectOutputs(requests);
    reporter.progress(progress('check', 50));
    reporter.outcomes([{ ...first, ...writing }, second, third]);
    reporter.outcomes([first, second, third].map((each) => ({ ...each, ...writing })));
    for (const [index, bytes] of [30, 20, 10].entries()) {
      reporter.laneProgress(index, progress('write', bytes));
      if (index === 2) reporter.progress(progress('write', bytes));
    }
    const error = { code: 'drive-unplugged', params: { drive: 'Stick b' } } as const;
    const refresh = { kind: 'refreshed', writtenBytes: 5e6, keptBytes: 3e9 } as const;
    const ended: Outcome[] = [
      { ...first, ...done, refresh },
      { ...second, ...writing, state: 'failed', error },
      { ...third, ...writing, state: 'cancelled', error: { code: 'cancelled', params: {} } },
    ];
    reporter.outcomes(ended);
    const summary = {
      manifest: { image_meta: [{}] },
      totalFiles: 1,
      totalBytes: 1,
      sharedBytes: 0,
    };
    const result = { outcomes: ended, summary, images: [], milliseconds: 1000 };
    reporter.built(result as unknown as BuildResult);
    return { out: stdout.text, err: stderr.text };
  }

  test('has a row for each on a terminal, drawn in its place, and the slowest is named', () => {
    const { err } = played({}, new Terminal(100));
    const tables = err.split('\x1b[3A');
    expect(tables.length).toBeGreaterThan(3);
    const rows = (tables.at(-2) ?? '').replaceAll('\r\x1b[2K', '').split('\n');
    expect(rows[0]).toMatch(/^\/dev\/a {2}Writing {2}30% {2}/u);
    expect(rows[0]).not.toContain('wait for this');
    expect(rows[2]).toMatch(/^\/dev\/c {2}Writing {2}10% {2}the others wait for this one/u);
    const last = (tables.at(-1) ?? '').replaceAll('\r\x1b[2K', '').split('\n');
    expect(last.slice(0, 3)).toEqual(['/dev/a  complete', '/dev/b  failed', '/dev/c  stopped']);
  });

  test('that is refreshed says before the first change how much is new', () => {
    const stderr = new Plain();
    const manner = { language: 'en', json: false, quiet: false, verbose: false } as const;
    const reporter = new Reporter(manner, translator('en'), new Plain(), stderr);
    reporter.expectOutputs([first.request]);
    const looking = { ...first, state: 'running', phase: 'look' } as const;
    reporter.outcomes([looking]);
    const refresh = { kind: 'refreshed', writtenBytes: 3e6, keptBytes: 97e6 } as const;
    reporter.outcomes([{ ...looking, refresh }]);
    reporter.outcomes([{ ...looking, ...writing, refresh }]);
    expect(stderr.text).toBe('/dev/a: 3% new: 3 MB to write, 97 MB stay\n');
  });

  test('has a line for each change elsewhere, and one for each stick at the end', () => {
    const { out, err } = played({}, new Plain());
    const lines = err.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'Checking contents',
      '/dev/a: Writing',
      '/dev/b: Writing',
      '/dev/c: Writing',
    ]);
    expect(lines.filter((line) => line.startsWith('/dev/b: ')).at(-1)).toContain(
      'Do not use this stick; write it again.',
    );
    expect(out).toContain('/dev/a: written, read back and found right; safe to unplug');
    expect(out).toContain('/dev/a: updated: 5 MB written, 3 GB kept');
    expect(out).not.toContain('/dev/b');
  });

  test('tells of each in JSON with its drive', () => {
    const { out, err } = played({ json: true }, new Plain());
    expect(err).toBe('');
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ kind, drive = '' }) => `${String(kind)} ${String(drive)}`.trim())).toEqual(
      [
        'progress',
        ...['outcome /dev/a', 'outcome /dev/b', 'outcome /dev/c'],
        ...['progress /dev/a', 'progress /dev/b', 'progress /dev/c'],
        ...['outcome /dev/a', 'outcome /dev/b', 'outcome /dev/c'],
        'done',
      ],
    );
  });

  test('tells of failures alone with --quiet', () => {
    const { out, err } = played({ quiet: true }, new Plain());
    expect(out).toBe('');
    expect(
      err
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 7)),
    ).toEqual(['/dev/b:', '/dev/c:']);
  });
});
