import { host, type MenuEntry } from './state.ts';

/** Chromium in app mode has no menu bar; what it would show is kept for tests. */
export const Menu = {
  buildFromTemplate(template: readonly MenuEntry[]): readonly MenuEntry[] {
    return template;
  },
  setApplicationMenu(menu: readonly MenuEntry[]): void {
    host.menu = menu;
  },
};
