import { Notification, powerSaveBlocker, type BrowserWindow } from 'electron';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { outcomeOf } from '../../shared/job-sentence.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { isReadBack } from '../../shared/model/outcome.ts';
import { overallFraction } from '../../shared/model/progress.ts';

/** Taskbar progress, and no sleep while a job runs. Takes the running job at every news; null: none runs. */
export function shownProgress(
  window: () => BrowserWindow | undefined,
): (job: JobSnapshot | null) => void {
  let blocker: number | null = null;
  return (job) => {
    if (job !== null && blocker === null) {
      blocker = powerSaveBlocker.start('prevent-app-suspension');
    } else if (job === null && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
    const fraction = job === null ? null : overallFraction(job.progress, isReadBack(job.outcomes));
    // -1 removes the bar; above 1 it shows that something goes on.
    window()?.setProgressBar(job === null ? -1 : (fraction ?? 2));
  };
}

/** Electron holds a notification weakly: one that is collected can no longer be clicked. */
const shownNotifications = new Set<Notification>();

/** Shows the end of a job also to a person who looks at another window, or elsewhere. */
export function notify(job: JobSnapshot, words: Translator, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({
    title: words.t('app.name'),
    body: outcomeOf(job, words),
  });
  const forget = (): void => void shownNotifications.delete(notification);
  shownNotifications.add(notification);
  notification.on('click', () => {
    forget();
    onClick();
  });
  notification.on('close', forget);
  notification.show();
}
