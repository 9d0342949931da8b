import { test } from 'vitest';
import { describeNeeding, testNeeding, tool } from '../tools.ts';

testNeeding([tool('no-such-tool')], 'needs a tool', () => undefined);
testNeeding([tool('sh')], 'needs a shell', () => undefined);
describeNeeding([tool('sh'), tool('no-such-tool')], 'needs two', () => {
  test('is never run', () => {
    throw new Error('It ran without its tool.');
  });
});
