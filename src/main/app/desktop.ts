import { dialog, nativeTheme, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../../shared/ipc.ts';
import type { Translator } from '../../shared/messages/index.ts';
import type { Desktop } from '../ipc/handlers.ts';

export interface DesktopContext {
  readonly window: () => BrowserWindow;
  readonly translator: () => Translator;
  readonly documents: string;
  readonly licencesFile: string;
  readonly onSettings: (settings: Settings) => void;
  readonly close: () => Promise<void>;
}

/** Electron's side of what the commands need: dialogs, theme, file manager. */
export function makeDesktop(context: DesktopContext): Desktop {
  const open = async (options: OpenDialogOptions): Promise<readonly string[]> => {
    const { canceled, filePaths } = await dialog.showOpenDialog(context.window(), options);
    return canceled ? [] : filePaths;
  };
  const t: Translator['t'] = (key, ...params) => context.translator().t(key, ...params);

  return {
    chooseImages: (kind) =>
      open(
        kind === 'folder'
          ? { title: t('images.choose'), properties: ['openDirectory', 'multiSelections'] }
          : {
              title: t('images.choose'),
              properties: ['openFile', 'multiSelections'],
              filters: [
                {
                  name: t('images.title'),
                  extensions: ['tar', 'tgz', 'gz', 'zst', 'xz', 'bz2', 'zip', 'img'],
                },
                { name: t('images.choose.all'), extensions: ['*'] },
              ],
            },
      ),
    chooseFolder: async (title) =>
      (await open({ title, properties: ['openDirectory'] }))[0] ?? null,
    chooseFiles: (title) => open({ title, properties: ['openFile', 'multiSelections'] }),
    chooseSave: async (defaultName, ending) => {
      const { canceled, filePath } = await dialog.showSaveDialog(context.window(), {
        defaultPath: path.join(context.documents, defaultName),
        filters: ending === '' ? [] : [{ name: ending, extensions: [ending] }],
        // Linux: GTK's dialog asks before a file is replaced only with this.
        properties: ['showOverwriteConfirmation'],
      });
      return canceled || filePath === '' ? null : filePath;
    },
    showInFolder: (file) => shell.showItemInFolder(file),
    applySettings: (settings) => {
      nativeTheme.themeSource = settings.theme;
      context.onSettings(settings);
    },
    close: context.close,
    licences: () => readFile(context.licencesFile, 'utf8'),
  };
}
