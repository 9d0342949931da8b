import type { Page } from '@playwright/test';

/** What a page tells of its own time: neither the way to it nor the driver's waiting counts. */

interface Clocked {
  otaMarks: Record<string, number>;
  otaFrames: number[] | undefined;
}

/** Unix milliseconds at which the page began to load, and at which it first showed something. */
export async function firstPaint(page: Page): Promise<{ began: number; shown: number }> {
  return page.evaluate(async () => {
    const painted = (): PerformanceEntry | undefined =>
      performance.getEntriesByName('first-contentful-paint')[0];
    while (painted() === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    const { timeOrigin } = performance;
    return { began: timeOrigin, shown: timeOrigin + (painted()?.startTime ?? Number.NaN) };
  });
}

/** Notes when the app hears of a drop, and when each selector's first element has been painted after it. */
export async function markAfterDrop(page: Page, selectors: readonly string[]): Promise<void> {
  await page.evaluate((wanted) => {
    const marks: Record<string, number> = {};
    (window as unknown as Clocked).otaMarks = marks;
    document.addEventListener(
      'drop',
      () => {
        const dropped = performance.now();
        const watcher = new MutationObserver(() => {
          for (const selector of wanted) {
            if (marks[selector] !== undefined || document.querySelector(selector) === null)
              continue;
            // Its frame is shown when the next one begins.
            marks[selector] = Number.NaN;
            requestAnimationFrame(() =>
              requestAnimationFrame(() => (marks[selector] = performance.now() - dropped)),
            );
          }
        });
        watcher.observe(document.body, { subtree: true, childList: true });
      },
      { capture: true, once: true },
    );
  }, selectors);
}

/** Milliseconds from the drop to the paint of a selector's first element; waits for it. */
export async function markOf(page: Page, selector: string): Promise<number> {
  const handle = await page.waitForFunction(
    (name) => (window as unknown as Partial<Clocked>).otaMarks?.[name] ?? Number.NaN,
    selector,
    { polling: 50 },
  );
  return handle.jsonValue();
}

/** Begins to note how far frames are apart. */
export async function watchGaps(page: Page): Promise<void> {
  await page.evaluate(() => {
    const clocked = window as unknown as Clocked;
    const gaps: number[] = [];
    clocked.otaFrames = gaps;
    let last = performance.now();
    const tick = (): void => {
      if (clocked.otaFrames !== gaps) return;
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
}

/** Ends it: milliseconds between one frame and the next, shortest first. */
export async function takeGaps(page: Page): Promise<number[]> {
  const gaps = await page.evaluate(() => {
    const clocked = window as unknown as Clocked;
    const taken = clocked.otaFrames ?? [];
    clocked.otaFrames = undefined;
    return taken;
  });
  return gaps.toSorted((a, b) => a - b);
}

/** Bytes of the page's objects, after unreferenced ones were collected. */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}
