import type { EventEmitter } from 'node:events';
import type { Page } from 'playwright';
import type { QuittingWindow } from './app.ts';

export interface MenuEntry {
  readonly label?: string;
  readonly role?: string;
  readonly submenu?: readonly MenuEntry[];
}

type PermissionCheck = (contents: null, permission: string, origin: string) => boolean;
type PermissionRequest = (
  contents: null,
  permission: string,
  grant: (granted: boolean) => void,
  details: { readonly requestingUrl: string },
) => void;

/** What the parts of the stand-in need of a window: to close it, to reach its page, to change its colours. */
interface HostWindow extends QuittingWindow {
  readonly page: Page | null;
  applyTheme(): void;
  resize(width: number, height: number): void;
}

/** What the stand-in remembers: asked for by tests, and shared by its modules. */
export const host = {
  windows: new Set<HostWindow>(),
  notifications: [] as { title: string; body: string }[],
  /** Electron holds them no more firmly than this. */
  clickable: [] as WeakRef<EventEmitter>[],
  /** Titles of the system's message boxes. */
  messages: [] as string[],
  /** Files that a save dialog took without asking whether they are to be replaced. */
  replacedUnasked: [] as string[],
  shownInFolder: [] as string[],
  /** Answers for the next dialogs, in order. */
  dialogAnswers: [] as (readonly string[] | null)[],
  sleepBlockers: new Set<number>(),
  progressBar: -1,
  devtools: null as string | null,
  minimized: false,
  menu: [] as readonly MenuEntry[],
  /** What the app answers when the page asks for a permission; Chromium here cannot ask it. */
  permissionCheck: (() => true) as PermissionCheck,
  permissionRequest: ((_contents, _permission, grant) => grant(true)) as PermissionRequest,
};

/** The scheme is mapped to this origin: schemes cannot be added to Chromium from outside. */
export const ORIGIN = 'https://bundle.app.invalid';

/** `https://bundle.app.invalid/x` is `app://bundle/x` to the app; other addresses stay. */
export function toAppUrl(url: string): string {
  return url.startsWith(`${ORIGIN}/`) ? `app://bundle${url.slice(ORIGIN.length)}` : url;
}
