import type { BrowserWindow } from './browser-window.ts';
import { host } from './state.ts';

interface DialogOptions {
  readonly title?: string;
  readonly defaultPath?: string;
}

/** Tests say beforehand what the person chooses; a person who tries the app out types a path. */
async function answer(window: BrowserWindow, options: DialogOptions): Promise<readonly string[]> {
  const prepared = host.dialogAnswers.shift();
  if (prepared !== undefined) return prepared ?? [];
  if (process.send !== undefined) return [];
  const typed = await window.promptPath(options.title ?? 'Path', options.defaultPath ?? '');
  return typed === null || typed === '' ? [] : [typed];
}

export const dialog = {
  async showOpenDialog(window: BrowserWindow, options: DialogOptions) {
    const filePaths = await answer(window, options);
    return { canceled: filePaths.length === 0, filePaths };
  },
  async showSaveDialog(window: BrowserWindow, options: DialogOptions) {
    const [filePath] = await answer(window, options);
    return { canceled: filePath === undefined, filePath: filePath ?? '' };
  },
};
