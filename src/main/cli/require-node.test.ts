import { expect, test } from 'vitest';
import { nodeComplaint } from './require-node.js';

test.each(['18.20.4', '20.20.2', '22.18.0', '9.0.0'])(
  'Node %s is refused in one line',
  (version) => {
    const complaint = nodeComplaint(version, { LANG: 'C.UTF-8' });
    expect(complaint).toContain(`Node ${version}`);
    expect(complaint).toContain('Node 24');
    expect(complaint).not.toContain('\n');
  },
);

test.each(['24.0.0', '24.21.0', '100.1.0'])('Node %s will do', (version) => {
  expect(nodeComplaint(version, {})).toBeNull();
});

test('the language is that of the locale, LC_ALL before LANG', () => {
  const japanese = /[ぁ-ん]/u;
  expect(nodeComplaint('20.0.0', { LANG: 'ja_JP.UTF-8' })).toMatch(japanese);
  expect(nodeComplaint('20.0.0', { LC_ALL: 'ja', LANG: 'en_US' })).toMatch(japanese);
  expect(nodeComplaint('20.0.0', { LC_ALL: 'C', LANG: 'ja_JP' })).not.toMatch(japanese);
  expect(nodeComplaint('20.0.0', { LANG: 'jam_JM' })).not.toMatch(japanese);
});
