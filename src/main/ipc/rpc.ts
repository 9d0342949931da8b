import type { MessagePort, Worker } from 'node:worker_threads';
import { BuilderError, toErrorData, type ErrorData } from '../../shared/errors.ts';

/**
 * Calls of an object that lives behind a message port (a worker thread). Arguments are plain data,
 * except for one callback and one AbortSignal per call, which become messages.
 */

type Port = MessagePort | Worker;

type Request =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'end' };

type Reply =
  | { readonly kind: 'news'; readonly id: number; readonly news: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorData };

const CALLBACK = '\0callback';
const SIGNAL = '\0signal';

type Method = (...args: never[]) => Promise<unknown>;

/**
 * Answers the calls that come through `port` with the methods of `api`, until the client ends them.
 *
 * @example
 * serve(parentPort, engineBackend({ allowFixed: false })); // in the worker
 * const backend = connect<Backend>(worker).api; // in the process that started it
 * const checks = await backend.check(request, (event) => show(event), signal);
 */
export function serve(port: MessagePort, api: object): void {
  const running = new Map<number, AbortController>();
  let ending = false;
  const closeWhenIdle = (): void => {
    if (ending && running.size === 0) port.close();
  };
  const methods = api as Record<string, Method>;
  const reply = (message: Reply): void => port.postMessage(message);

  port.on('message', (request: Request) => {
    if (request.kind === 'end') {
      ending = true;
      for (const controller of running.values()) controller.abort();
      closeWhenIdle();
      return;
    }
    if (request.kind === 'abort') {
      running.get(request.id)?.abort();
      return;
    }
    const { id, method, args } = request;
    const controller = new AbortController();
    running.set(id, controller);
    const real = args.map((arg) => {
      if (arg === CALLBACK) return (news: unknown) => reply({ kind: 'news', id, news });
      return arg === SIGNAL ? controller.signal : arg;
    });
    const call = async (): Promise<unknown> => methods[method]?.(...(real as never[]));
    call()
      .then(
        (result) => reply({ kind: 'result', id, result }),
        (error: unknown) => reply({ kind: 'error', id, error: toErrorData(error) }),
      )
      .finally(() => {
        running.delete(id);
        closeWhenIdle();
      });
  });
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onNews: ((news: unknown) => void) | null;
}

export interface Client<Api> {
  readonly api: Api;
  /** Aborts everything that runs and lets the other side come to its end. */
  end(): void;
  /** Rejects everything that still runs and whatever comes, when the other side died. */
  fail(error: Error): void;
}

/** An object whose methods are answered on the other side of `port`. */
export function connect<Api extends object>(port: Port): Client<Api> {
  let lastId = 0;
  const pending = new Map<number, Pending>();
  let dead: Error | null = null;

  port.on('message', (reply: Reply) => {
    const call = pending.get(reply.id);
    if (call === undefined) return;
    if (reply.kind === 'news') {
      call.onNews?.(reply.news);
      return;
    }
    pending.delete(reply.id);
    if (reply.kind === 'result') call.resolve(reply.result);
    else call.reject(new BuilderError(reply.error));
  });

  const callMethod = (method: string, args: readonly unknown[]): Promise<unknown> => {
    if (dead !== null) return Promise.reject(dead);
    lastId += 1;
    const id = lastId;
    let onNews: Pending['onNews'] = null;
    const plain = args.map((arg) => {
      if (typeof arg === 'function') {
        onNews = arg as (news: unknown) => void;
        return CALLBACK;
      }
      if (!(arg instanceof AbortSignal)) return arg;
      const abort = (): void => port.postMessage({ kind: 'abort', id } satisfies Request);
      // Aborted before the call: the abort message must come after the call's own.
      if (arg.aborted) queueMicrotask(abort);
      else arg.addEventListener('abort', abort, { once: true });
      return SIGNAL;
    });
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject, onNews });
      port.postMessage({ kind: 'call', id, method, args: plain } satisfies Request);
    });
  };

  const api = new Proxy(
    {},
    {
      get:
        (_target, method) =>
        (...args: unknown[]) =>
          callMethod(String(method), args),
    },
  ) as Api;

  return {
    api,
    end: () => port.postMessage({ kind: 'end' } satisfies Request),
    fail: (error) => {
      dead ??= error;
      for (const call of pending.values()) call.reject(error);
      pending.clear();
    },
  };
}
