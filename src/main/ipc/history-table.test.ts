import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { testNeeding, tool } from '../../../test/support/tools.ts';
import type { HistoryEntry } from '../../shared/history.ts';
import { LANGUAGES, translator } from '../../shared/messages/index.ts';
import { historyReport } from './history-report.ts';
import { historyTable } from './history-table.ts';

const ENTRY: HistoryEntry = {
  ...{ id: '1', kind: 'check', job: null, operator: 'kim', host: 'depot-3' },
  startedAt: new Date('2026-11-20T10:24:05').getTime(),
  milliseconds: 94_400,
  images: [{ ecuId: '=cmd', version: 'v"1"', digest: 'ab12', signer: 'CN=x, O=y' }],
  outcomes: [
    {
      ...{ kind: 'drive', name: 'SanDisk Ultra, 64 GB', serial: '=1+1', port: '2-1.4' },
      ...{ result: 'incomplete', error: null, faults: 3 },
    },
  ],
  ...{ result: 'incomplete', error: null },
};

const EN = translator('en');
const python = tool('python3');

/** A row by the names of its columns, as Python's own reader of CSV has it. */
function readByPython(table: string): Record<string, string>[] {
  const program =
    'import csv, io, json, sys\n' +
    'print(json.dumps(list(csv.DictReader(io.StringIO(sys.stdin.buffer.read().decode("utf-8-sig"), newline="")))))';
  const json = execFileSync(python.path, ['-c', program], { input: table, encoding: 'utf8' });
  return JSON.parse(json) as Record<string, string>[];
}

testNeeding(
  [python],
  'the table has a row for each output, in local time, without formulas',
  () => {
    const [row] = readByPython(historyTable([ENTRY], EN));
    expect(row).toMatchObject({
      ...{ Time: '2026-11-20 10:24:05', Kind: 'Checked', Person: 'kim', Computer: 'depot-3' },
      ...{ 'ECUs and versions': '\'=cmd v"1"', 'Stick or file': 'SanDisk Ultra, 64 GB' },
      ...{ Serial: "'=1+1", 'USB port': '2-1.4', Result: 'do not use', Faults: '3', Seconds: '94' },
    });
    expect(row?.['From UTC']).toMatch(/^[+-]\d\d:\d\d$/u);
    expect(Object.values(row ?? {}).at(-1)).toBe("'=cmd: CN=x, O=y");
  },
);

test.each(['=1', '+1', '-1', '@x', '\t=1', '\r=1', '\n=1', '＝1', '＋1', '－1', '＠x'])(
  'a spreadsheet takes %j as text',
  (ecuId) => {
    const images = [{ ecuId, version: '', digest: null, signer: null }];
    const table = historyTable([{ ...ENTRY, images }], EN);
    expect(table.split('depot-3,')[1]).toMatch(/^"?'/u);
  },
);

test.each(LANGUAGES)(
  'a report of later says who, where, which stick and which image (%s)',
  (language) => {
    const text = historyReport(ENTRY, translator(language));
    for (const fact of ['2026-11-20 10:24:05', 'kim', 'depot-3', '=1+1', '2-1.4', 'ab12', 'CN=x'])
      expect(text).toContain(fact);
    expect(text).not.toMatch(/undefined|null|\{\{/u);
  },
);
