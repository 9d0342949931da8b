import { BuilderError } from '../../shared/errors.ts';
import type {
  Bridge,
  CommandName,
  EventName,
  Events,
  PayloadOf,
  ResultOf,
} from '../../shared/ipc.ts';

declare global {
  interface Window {
    readonly ota: Bridge;
  }
}

/** Sends a command to main; throws a BuilderError with what main answered. */
export async function invoke<C extends CommandName>(
  command: C,
  ...payload: undefined extends PayloadOf<C> ? [] : [PayloadOf<C>]
): Promise<ResultOf<C>> {
  const answer = await window.ota.invoke(command, payload[0]);
  if ('error' in answer) throw new BuilderError(answer.error);
  return answer.ok as ResultOf<C>;
}

/** Listens to an event of main; returns what ends it. */
export function listen<E extends EventName>(
  event: E,
  listener: (payload: Events[E]) => void,
): () => void {
  return window.ota.on(event, (payload) => listener(payload as Events[E]));
}

/** Paths of dropped files and folders. */
export function pathsOf(transfer: DataTransfer): string[] {
  return [...transfer.files].map((file) => window.ota.pathOf(file)).filter((path) => path !== '');
}
