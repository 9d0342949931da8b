import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { HostControl } from '../host/control.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface LaunchOptions {
  /** Arguments of the app, as a person or the system gives them. */
  readonly args?: readonly string[];
  readonly locale?: string;
  /** Folder of settings and history; a new one if it is not given. */
  readonly userData?: string;
  /** Module that takes the place of the engine's worker. */
  readonly backend?: URL;
  readonly env?: Readonly<Record<string, string>>;
}

export type Ask = <Name extends keyof HostControl>(
  name: Name,
  ...args: Parameters<HostControl[Name]>
) => Promise<ReturnType<HostControl[Name]>>;

/** A running app with its window, and what a person can do to it outside of the window. */
export interface RunningApp {
  readonly page: Page;
  readonly userData: string;
  readonly ask: Ask;
  /** Drops files and folders on the middle of an element. */
  readonly drop: (selector: string, paths: readonly string[]) => Promise<void>;
  /** The page that the window shows now: another one after a crash. */
  readonly currentPage: () => Promise<Page>;
  readonly exited: Promise<number | null>;
  readonly close: () => Promise<void>;
}

export async function dropFiles(
  page: Page,
  selector: string,
  paths: readonly string[],
): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not visible`);
  const session = await page.context().newCDPSession(page);
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await session.detach();
}
