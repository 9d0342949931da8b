import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import {
  CHANNEL_PREFIX,
  commands,
  type Answer,
  type CommandName,
  type EventName,
  type Events,
  type PayloadOf,
  type ResultOf,
} from '../../shared/ipc.ts';
import { toErrorData } from '../../shared/errors.ts';

/** What main does for each command of the contract; the compiler finds a missing one. */
export type Handlers = {
  readonly [C in CommandName]: (payload: PayloadOf<C>) => ResultOf<C> | Promise<ResultOf<C>>;
};

export interface RouterOptions {
  /** Whether a frame with this URL belongs to the app. */
  readonly isOwnUrl: (url: string) => boolean;
  readonly onCommand: (command: CommandName) => void;
  readonly onError: (command: CommandName, error: unknown) => void;
}

/**
 * Binds the contract to `ipcMain`, both ways: an answer that is not the contract's is an error of ours.
 * Refuses senders other than the main frame of the app's own page
 * (a foreign page in a frame or after a navigation must not drive the builder), and payloads that
 * do not match their schema (a compromised page must not pass objects that main does not expect).
 */
export function bindCommands(ipcMain: IpcMain, handlers: Handlers, options: RouterOptions): void {
  for (const name of Object.keys(commands) as CommandName[]) {
    ipcMain.handle(CHANNEL_PREFIX + name, async (event, payload: unknown) =>
      answer(name, event, payload, handlers, options),
    );
  }
}

async function answer<C extends CommandName>(
  name: C,
  event: IpcMainInvokeEvent,
  payload: unknown,
  handlers: Handlers,
  options: RouterOptions,
): Promise<Answer<ResultOf<C>>> {
  try {
    const frame = event.senderFrame;
    // parent is null for the main frame alone; senderFrame is null after the frame went away.
    if (frame?.parent !== null || !options.isOwnUrl(frame.url)) {
      throw new Error('command from a foreign frame');
    }
    const checked = commands[name].payload.parse(payload) as PayloadOf<C>;
    options.onCommand(name);
    const result = await handlers[name](checked);
    return { ok: commands[name].result.parse(result) as ResultOf<C> };
  } catch (error) {
    options.onError(name, error);
    return { error: toErrorData(error) };
  }
}

/** Sends an event to a window that may be gone. */
export function sendEvent<E extends EventName>(
  contents: WebContents | undefined,
  name: E,
  payload: Events[E],
): void {
  if (contents !== undefined && !contents.isDestroyed()) {
    contents.send(CHANNEL_PREFIX + name, payload);
  }
}
