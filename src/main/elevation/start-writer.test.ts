import { expect, test } from 'vitest';
import { explainPkexec, explainSudoPrompt } from './start-writer.ts';

test.each([
  [126, 'Error executing command as another user: Request dismissed', 'elevation-cancelled'],
  [127, 'Error executing command as another user: Request dismissed', 'elevation-cancelled'],
  [127, 'Error executing command as another user: Not authorized', 'elevation-refused'],
  [
    127,
    'Error executing command as another user: No authentication agent found.',
    'elevation-missing',
  ],
  [
    127,
    'Error getting authority: Could not connect: No such file or directory',
    'elevation-missing',
  ],
  [127, '/usr/lib/x/write-drive: 7: exec: not found', 'elevation-broken'],
  [null, '', 'elevation-broken'],
  [1, '{"code":"writer-refused","params":{"reason":"x"}}', 'writer-refused'],
])('pkexec ends with %s, saying %j: %s', (code, output, expected) => {
  expect(explainPkexec(code, output).code).toBe(expected);
});

test.each([
  [{ code: null, message: 'Unable to find pkexec or kdesudo.', stderr: '' }, 'elevation-missing'],
  [
    { code: 127, message: 'No polkit authentication agent found.', stderr: '' },
    'elevation-missing',
  ],
  [
    { code: 126, message: 'User did not grant permission.', stderr: 'Request dismissed' },
    'elevation-cancelled',
  ],
  [
    { code: 127, message: 'User did not grant permission.', stderr: 'Not authorized' },
    'elevation-refused',
  ],
  [{ code: 1, message: 'Command failed', stderr: 'no such file' }, 'elevation-broken'],
])('sudo-prompt answers %j: %s', (answer, expected) => {
  expect(explainSudoPrompt(0, JSON.stringify(answer)).code).toBe(expected);
});

test('an answer that is none', () => {
  expect(explainSudoPrompt(1, 'Segmentation fault').code).toBe('elevation-broken');
});
