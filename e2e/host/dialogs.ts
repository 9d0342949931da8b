import { existsSync } from 'node:fs';
import type { BrowserWindow } from './browser-window.ts';
import { host } from './state.ts';

interface DialogOptions {
  readonly title?: string;
  readonly defaultPath?: string;
  readonly properties?: readonly string[];
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
  /** GTK's dialog asks before it takes the name of a file that exists only with `showOverwriteConfirmation`. */
  async showSaveDialog(window: BrowserWindow, options: DialogOptions) {
    const [filePath] = await answer(window, options);
    const asks = options.properties?.includes('showOverwriteConfirmation') === true;
    if (filePath !== undefined && existsSync(filePath) && !asks)
      host.replacedUnasked.push(filePath);
    return { canceled: filePath === undefined, filePath: filePath ?? '' };
  },
  /** Tests say the number of the button; without, the one that closing the dialog means. */
  showMessageBox(options: { readonly message: string; readonly cancelId?: number }) {
    host.messages.push(options.message);
    const [chosen] = host.dialogAnswers.shift() ?? [];
    return Promise.resolve({
      response: chosen === undefined ? (options.cancelId ?? 0) : Number(chosen),
    });
  },
  /** Without a desktop, and before the app is ready, Electron writes this to stderr on Linux. */
  showErrorBox(title: string, content: string): void {
    host.messages.push(title);
    console.error(`${title}\n${content}`);
  },
};
