import type { StepName } from '../state/selectors.ts';

/** Id of a step's heading, which takes the focus when what had it is gone. */
export function headingId(step: StepName): string {
  return `step-${step}`;
}

/** Takes the keyboard to a step: the next Tab is at its first control. */
export function focusStep(step: StepName): void {
  const heading = document.getElementById(headingId(step));
  heading?.focus();
  heading?.scrollIntoView({ block: 'nearest' });
}
