import { expect, test } from 'vitest';
import type { OutputRequest } from '../../shared/model/job.ts';
import { phasesOf } from './job-selectors.ts';

test.each([
  [[{ kind: 'tar' }], 'write flush'],
  [[{ kind: 'drive', eject: true }], 'prepare write flush verify eject'],
  [[{ kind: 'drive', eject: true, refresh: true }], 'look prepare write flush verify eject'],
  [[{ kind: 'tar' }, { kind: 'drive', eject: false }], 'prepare write flush verify'],
])('the steps of a build to %j are those that it takes', (outputs, steps) => {
  expect(phasesOf(outputs as unknown as OutputRequest[]).join(' ')).toBe(steps);
});
