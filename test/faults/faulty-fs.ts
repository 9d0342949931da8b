import type { FileHandle } from 'node:fs/promises';
import type * as Fs from 'node:fs';
import type * as Promises from 'node:fs/promises';

/** Calls that can be made to fail: of node:fs/promises, of an open file, and the synchronous reads. */
export type FsCall =
  | 'open'
  | 'mkdir'
  | 'link'
  | 'statfs'
  | 'opendir'
  | 'truncate'
  | 'write'
  | 'sync'
  | 'openSync'
  | 'readSync';

export interface FsFault {
  readonly call: FsCall;
  /** A part of the path that the call must have. */
  readonly path: string;
  /** What the system answers, as in errno(3). */
  readonly errno: string;
  /** Calls that still succeed. Default: 0. */
  readonly after?: number;
}

/** A filesystem that works but for one fault, set by the test that runs. */
class FaultyFs {
  #fault: FsFault | null = null;
  #left = 0;
  /** How often the fault was met. */
  struck = 0;
  readonly #paths = new Map<number, string>();

  arm(fault: FsFault | null): void {
    this.#fault = fault;
    this.#left = fault?.after ?? 0;
    this.struck = 0;
  }

  strike(call: FsCall, path: string): void {
    const fault = this.#fault;
    if (fault?.call !== call || !path.includes(fault.path)) return;
    if (this.#left-- > 0) return;
    this.struck++;
    throw Object.assign(new Error(`${fault.errno}: ${call} '${path}'`), { code: fault.errno });
  }

  /** For vi.mock of node:fs/promises. */
  promises(real: typeof Promises): typeof Promises {
    const guard =
      <Args extends unknown[], Result>(call: FsCall, run: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        this.strike(call, String(args.at(call === 'link' ? 1 : 0)));
        return run(...args);
      };
    return {
      ...real,
      mkdir: guard('mkdir', real.mkdir) as typeof real.mkdir,
      link: guard('link', real.link),
      statfs: guard('statfs', real.statfs) as typeof real.statfs,
      opendir: guard('opendir', real.opendir),
      open: async (path, flags, mode) => {
        this.strike('open', String(path));
        return this.#file(await real.open(path, flags, mode), String(path));
      },
    };
  }

  /** For vi.mock of node:fs. */
  sync(real: typeof Fs): typeof Fs {
    return {
      ...real,
      openSync: (path, flags, mode) => {
        this.strike('openSync', String(path));
        const fd = real.openSync(path, flags, mode);
        this.#paths.set(fd, String(path));
        return fd;
      },
      readSync: ((fd: number, ...rest: [Buffer, number, number, number]) => {
        this.strike('readSync', this.#paths.get(fd) ?? '');
        return real.readSync(fd, ...rest);
      }) as typeof real.readSync,
    };
  }

  #file(handle: FileHandle, path: string): FileHandle {
    return new Proxy(handle, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        if (key !== 'truncate' && key !== 'write' && key !== 'sync')
          return (...args: unknown[]) => Reflect.apply(value, target, args) as unknown;
        return async (...args: unknown[]): Promise<unknown> => {
          this.strike(key, path);
          return await (Reflect.apply(value, target, args) as Promise<unknown>);
        };
      },
    });
  }
}

export const faultyFs = new FaultyFs();
