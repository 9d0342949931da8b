import type { CDPSession, Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the processor. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Tasks of a page's main thread, as long as the processor worked on them. */
export interface FrameWatch {
  /** Ends it. Milliseconds of each task, longest first. */
  readonly stop: () => Promise<number[]>;
}

/**
 * Watches for tasks during which the page can show no frame. Chromium's own trace tells the time that
 * the processor took, which other work on the same machine does not lengthen.
 */
export async function watchFrames(page: Page): Promise<FrameWatch> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser of its own');
  const session: CDPSession = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) {
      if (event.name === 'thread_name' || event.tdur !== undefined) events.push(event);
    }
  });
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['toplevel'], recordMode: 'recordUntilFull' },
  });
  return {
    stop: async () => {
      const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
      await session.send('Tracing.end');
      await complete;
      await session.detach();
      const mainThreads = new Set(
        events
          .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
          .map(({ pid, tid }) => `${pid} ${tid}`),
      );
      return events
        .filter(({ pid, tid, tdur }) => tdur !== undefined && mainThreads.has(`${pid} ${tid}`))
        .map(({ tdur = 0 }) => tdur / 1000)
        .sort((a, b) => b - a);
    },
  };
}
