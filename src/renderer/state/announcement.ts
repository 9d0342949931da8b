import type { JobSnapshot } from '../../shared/ipc.ts';
import { outcomeOf } from '../../shared/job-sentence.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { isReadBack } from '../../shared/model/outcome.ts';
import { overallFraction, type Phase } from '../../shared/model/progress.ts';
import type { State } from './model.ts';
import { runningJob } from './job-selectors.ts';

/** Marks of a job's progress that are said. */
const MARKS = 4;

/**
 * What a person who does not look at the window hears: where a job is, at every phase and quarter; how it ended; that
 * the images are ready. Equal parts mean that there is nothing new to say.
 */
export type Announcement =
  | { readonly kind: 'running'; readonly phase: Phase; readonly quarter: number | null }
  | { readonly kind: 'ended'; readonly job: JobSnapshot }
  | { readonly kind: 'ready'; readonly count: number }
  | { readonly kind: 'nothing' };

export function announcementOf(state: State): Announcement {
  const running = runningJob(state);
  if (running !== null) {
    const { progress, outcomes } = running;
    if (progress === null) return { kind: 'nothing' };
    const fraction = overallFraction(progress, isReadBack(outcomes));
    const quarter = fraction === null ? null : Math.floor(fraction * MARKS);
    return { kind: 'running', phase: progress.phase, quarter };
  }
  const ended = lastEnded(state);
  if (ended !== null) return { kind: 'ended', job: ended };
  const { images } = state;
  return images.length > 0 && images.every(({ status }) => status.kind === 'ready')
    ? { kind: 'ready', count: images.length }
    : { kind: 'nothing' };
}

/** The job whose end is the newest thing to say; null once its result is folded or dismissed. */
function lastEnded({ jobs, isResultOpen }: State): JobSnapshot | null {
  const build = isResultOpen ? jobs.build : null;
  if (build === null || jobs.check === null) return build ?? jobs.check;
  return build.startedAt > jobs.check.startedAt ? build : jobs.check;
}

/** In words; empty where there is nothing to say. */
export function wordingOf(announcement: Announcement, words: Translator): string {
  const { t, format } = words;
  switch (announcement.kind) {
    case 'running': {
      const { phase, quarter } = announcement;
      const now = t(`phase.${phase}`);
      return quarter === null || quarter === 0 || quarter === MARKS
        ? now
        : t('announce.running', { phase: now, percent: format.percent(quarter / MARKS) });
    }
    case 'ended':
      return outcomeOf(announcement.job, words);
    case 'ready':
      return t('announce.ready', { count: announcement.count });
    case 'nothing':
      return '';
  }
}
