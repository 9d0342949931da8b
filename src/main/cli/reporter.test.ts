import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { translator } from '../../shared/messages/index.ts';
import { PHASES } from '../../shared/model/progress.ts';
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
    expect(row).toContain('1 %');
    expect(row).toContain('123 MB/');
    expect(row).toContain('1.23 GB / 64 GB');
    expect(row).toContain(language === 'en' ? '1 h 14 min left' : '残り 1 時間 14 分');
    expect(rows(language, 50)[1]).toContain(language === 'en' ? 'left' : '残り');
  });
});
