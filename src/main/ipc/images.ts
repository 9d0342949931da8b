import { toErrorData } from '../../shared/errors.ts';
import type { ImageEvent } from '../../shared/ipc.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import type { Backend } from './backend.ts';

interface ListedImage {
  readonly path: string;
  readonly caDir: string | null;
  /** null until it is inspected. */
  readonly report: ImageReport | null;
}

/** The images of the window's list: each is inspected at once, then its contents are hashed. */
export class ImageList {
  readonly #backend: Backend;
  readonly #tell: (id: string, event: ImageEvent) => void;
  readonly #known = new Map<string, ListedImage>();
  readonly #running = new Map<string, AbortController>();
  /** Contents are hashed one image after the other: the disk and the cores are the limit. */
  #checks: Promise<void> = Promise.resolve();

  constructor(backend: Backend, tell: (id: string, event: ImageEvent) => void) {
    this.#backend = backend;
    this.#tell = tell;
  }

  /** Starts reading; returns at once. Adding an id again reads anew. */
  add(id: string, path: string, caDir: string | null): void {
    this.#running.get(id)?.abort();
    const controller = new AbortController();
    this.#running.set(id, controller);
    this.#known.set(id, { path, caDir, report: null });
    const { signal } = controller;
    const tell = (event: ImageEvent): void => {
      if (!signal.aborted) this.#tell(id, event);
    };
    const read = async (): Promise<void> => {
      const report = await this.#backend.inspect(
        id,
        path,
        { caDir },
        ({ done, total }) => tell({ kind: 'progress', step: 'inspect', done, total }),
        signal,
      );
      if (!signal.aborted) this.#known.set(id, { path, caDir, report });
      tell({ kind: 'inspected', report });
      const check = this.#checks.then(async () => {
        if (signal.aborted) return;
        await this.#backend.proveContents(
          id,
          ({ done, total }) => tell({ kind: 'progress', step: 'check', done, total }),
          signal,
        );
      });
      this.#checks = check.catch(() => undefined);
      await check;
      tell({ kind: 'checked' });
    };
    read()
      .catch((error: unknown) => tell({ kind: 'failed', error: toErrorData(error) }))
      .finally(() => {
        if (this.#running.get(id) === controller) this.#running.delete(id);
      });
  }

  /** The engine was started anew and knows none of them. */
  readAgain(): void {
    for (const [id, { path, caDir }] of this.#known) this.add(id, path, caDir);
  }

  /** Forgets all of them: the window begins with an empty list, also after it was reloaded. */
  async clear(): Promise<void> {
    const ids = [...this.#known.keys()];
    await Promise.all(ids.map((id) => this.remove(id)));
  }

  /** What inspection found; null where it has not come to that. */
  report(id: string): ImageReport | null {
    return this.#known.get(id)?.report ?? null;
  }

  async remove(id: string): Promise<void> {
    this.#running.get(id)?.abort();
    this.#running.delete(id);
    this.#known.delete(id);
    await this.#backend.forget(id);
  }
}
