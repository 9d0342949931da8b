import { Notification, powerSaveBlocker, type BrowserWindow } from 'electron';
import type { JobSnapshot } from '../../shared/ipc.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { isReadBack } from '../../shared/model/outcome.ts';
import { overallFraction } from '../../shared/model/progress.ts';

/**
 * Taskbar progress, and no sleep while a job runs or a vehicle is updated. Takes the running job at every news; null:
 * none runs.
 */
export function shownProgress(
  window: () => BrowserWindow | undefined,
): (job: JobSnapshot | null, isUpdating: boolean) => void {
  let blocker: number | null = null;
  return (job, isUpdating) => {
    const isBusy = job !== null || isUpdating;
    if (isBusy && blocker === null) {
      blocker = powerSaveBlocker.start('prevent-app-suspension');
    } else if (!isBusy && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
    const fraction = job === null ? null : overallFraction(job.progress, isReadBack(job.outcomes));
    // -1 removes the bar; above 1 it shows that something goes on.
    window()?.setProgressBar(isBusy ? (fraction ?? 2) : -1);
  };
}

/** Electron holds a notification weakly: one that is collected can no longer be clicked. */
const shownNotifications = new Set<Notification>();

/** Shows how something ended also to a person who looks at another window, or elsewhere. */
export function notify(body: string, { t }: Translator, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title: t('app.name'), body });
  const forget = (): void => void shownNotifications.delete(notification);
  shownNotifications.add(notification);
  notification.on('click', () => {
    forget();
    onClick();
  });
  notification.on('close', forget);
  notification.show();
}
