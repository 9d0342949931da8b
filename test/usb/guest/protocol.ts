import type { ErrorData } from '../../../src/shared/errors.ts';
import type { Drive } from '../../../src/shared/model/drive.ts';

/** What the test asks the agent in the guest for; one JSON object a line. */
export type Request =
  | { readonly do: 'list' }
  /** Waits for a drive with this serial to be there, or not to be there any more. */
  | { readonly do: 'await-drive'; readonly serial: string; readonly present: boolean }
  /** `seconds`: until it is ended; 30 unless said. */
  | { readonly do: 'shell'; readonly command: string; readonly seconds?: number }
  | WriteRequest;

export interface WriteRequest {
  readonly do: 'write';
  /** Serials of drives, or paths below /dev; of several with commas between them. */
  readonly drive: string;
  /** Stop before the writer is started, until the test says `go`. */
  readonly pauseBeforeStart?: boolean;
  /** Report when this much has reached the device. Bytes. */
  readonly reportAt?: number;
  /** Report when this phase begins. */
  readonly reportPhase?: Phase;
  readonly eject?: boolean;
  readonly allowFixed?: boolean;
  /** As the ordinary user, through pkexec. */
  readonly asUser?: AsUser;
}

export interface AsUser {
  /** What is typed. */
  readonly password: string;
  /** Who asks: an agent in place of a desktop's, or the app itself on its terminal. */
  readonly askedBy: 'agent' | 'terminal';
}

export type Phase = 'prepare' | 'write' | 'flush' | 'verify' | 'commit';

export interface WriteResult {
  readonly error: ErrorData | null;
  readonly notices: readonly ErrorData[];
  readonly ejected: boolean;
  /** What an ordinary user saw, for who debugs. */
  readonly terminal?: string;
}

export interface ShellResult {
  readonly code: number;
  readonly output: string;
}

export interface Results {
  readonly list: readonly Drive[];
  readonly 'await-drive': Drive | null;
  readonly shell: ShellResult;
  readonly write: WriteResult;
}

/** What the agent answers: reports while it works, then one result or failure. */
export type Answer =
  | { readonly id: number; readonly report: 'paused' | 'reached' }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: string };
