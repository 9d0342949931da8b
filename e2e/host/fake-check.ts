import { toErrorData, type ErrorData } from '../../src/shared/errors.ts';
import {
  waitingCheck,
  type CheckOutcome,
  type CheckSubject,
} from '../../src/shared/model/check.ts';
import type { Phase } from '../../src/shared/model/progress.ts';
import type { JobEvent } from '../../src/main/ipc/backend.ts';
import { FAKE_PAIR, outputOf } from './fake-data.ts';
import type { Scenario } from './scenario.ts';

interface FakeCheckContext {
  readonly eject: boolean;
  readonly scenario: () => Scenario;
  readonly onEvent: (event: JobEvent) => void;
  readonly signal: AbortSignal;
  readonly play: (
    phases: readonly Phase[],
    total: number,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>;
}

/** Checks one subject after the other, as the engine does, and finds what the scenario says. */
export async function fakeCheck(
  subjects: readonly CheckSubject[],
  { eject, scenario, onEvent, signal, play }: FakeCheckContext,
): Promise<readonly CheckOutcome[]> {
  let checks: readonly CheckOutcome[] = subjects.map(waitingCheck);
  const change = (at: number, changes: Partial<CheckOutcome>): void => {
    checks = checks.map((check, i) => (i === at ? { ...check, ...changes } : check));
    onEvent({ kind: 'checks', checks });
  };
  for (const [at, subject] of subjects.entries()) {
    change(at, { state: 'running' });
    try {
      await play(['verify'], outputOf(FAKE_PAIR).totalBytes, onEvent, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      change(at, { state: 'failed', error: toErrorData(error) });
      continue;
    }
    const path = subject.kind === 'drive' ? subject.identity.path : subject.path;
    const nothing: ErrorData = { code: 'verify-not-an-image', params: { target: path } };
    const found = scenario().checks?.[path] ?? scenario().check ?? nothing;
    if ('code' in found) change(at, { state: 'failed', error: found });
    else
      change(at, {
        ...{ state: 'done', report: found },
        ejected: eject && subject.kind === 'drive',
      });
  }
  return checks;
}
