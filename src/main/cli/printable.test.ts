import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { translator } from '../../shared/messages/index.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { confirmErase } from './confirm-erase.ts';
import { printable } from './printable.ts';
import { Reporter } from './reporter.ts';

const EVIL = '\x1b[2K\rSafe\x9b1A\n\u202egnp.exe';

test('letters of every script stay; what moves the cursor or turns the text is shown', () => {
  for (const text of ['a b-c_é', '日本語 テスト', 'emoji 😀', 'עברית'])
    expect(printable(text)).toBe(text);
  expect(printable(EVIL)).toBe('\\u{1b}[2K\\u{d}Safe\\u{9b}1A\\u{a}\\u{202e}gnp.exe');
});

test('what an image or a stick is called cannot forge a line of the command line', async () => {
  const { stream, text } = sink();
  const manner = { language: 'en', json: false, quiet: false, verbose: true } as const;
  const reporter = new Reporter(manner, translator('en'), stream, stream);
  const data = { code: 'member-name-unsafe', params: { file: EVIL, name: EVIL } } as const;
  reporter.error(data, new Error(EVIL));
  reporter.notice(EVIL);
  const identity = {
    ...{ path: '/dev/sdx', serial: EVIL, model: EVIL, size: 1, transport: 'usb' },
    ...{ deviceNumber: '8:16', generation: '7' },
  };
  const drive = { kind: 'usb', vendor: null, identity, labels: [EVIL], mounts: [], partitions: [] };
  const asked = confirmErase(
    [{ drive: drive as unknown as Drive, identity, partition: null }],
    false,
    translator('en'),
    { stdin: Readable.from([]), stderr: stream, signal: new AbortController().signal },
  );
  await expect(asked).rejects.toThrow('drive-not-confirmed');
  for (const character of ['\x1b', '\r', '\x9b', '\u202e']) expect(text()).not.toContain(character);
  expect(text()).not.toMatch(/^Safe|^gnp/m);
});

function sink(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  let all = '';
  stream.setEncoding('utf8').on('data', (part: string) => (all += part));
  return { stream, text: () => all };
}
