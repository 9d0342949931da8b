import { app, dialog } from 'electron';
import { languageOf, translator, type Translator } from '../../shared/messages/index.ts';

/** What a person can send to the makers. */
function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Says why the app does not start: a program that ends without a word cannot be helped. */
export function showStartError(error: unknown): void {
  const { t } = translator(languageOf(app.getLocale()));
  dialog.showErrorBox(t('fatal.start.title'), t('fatal.start', { detail: detailOf(error) }));
}

/** Says that errors without end stop the app. */
export function showFaults({ t }: Translator, error: unknown): void {
  dialog.showErrorBox(t('fatal.faults.title'), t('fatal.faults', { detail: detailOf(error) }));
}

/** Asks in a window of the system, for the app's own cannot be shown. @returns whether to try again. */
export async function askToLoadAgain({ t }: Translator, reason: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message: t('fatal.page.title'),
    detail: t('fatal.page', { detail: reason }),
    buttons: [t('common.again'), t('fatal.page.close')],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 0;
}
