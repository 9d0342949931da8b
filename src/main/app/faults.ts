import { atMost } from './limit.ts';

/** Errors that no code expected. They are logged and the app goes on: jobs run in a thread of their own. */
const FAULTS = 10;
/** Milliseconds: an error that comes back more often than `FAULTS` in this time never ends by itself. */
const WITHIN = 60_000;

export interface FaultActions {
  readonly log: (event: string, error: unknown) => void;
  /** Tells the person and ends the app; called once. */
  readonly giveUp: (error: unknown) => void;
}

/**
 * Handles what no code has caught. Without this, Electron only warns of a rejection on a console that people do
 * not see, and shows a dialog with a stack trace for each exception.
 */
export function handleFaults(process: Pick<NodeJS.Process, 'on'>, actions: FaultActions): void {
  const passes = atMost(FAULTS, WITHIN);
  let gaveUp = false;
  const take =
    (event: string) =>
    (error: unknown): void => {
      actions.log(event, error);
      if (gaveUp || passes()) return;
      gaveUp = true;
      actions.giveUp(error);
    };
  process.on('uncaughtException', take('uncaught exception'));
  process.on('unhandledRejection', take('unhandled rejection'));
}
