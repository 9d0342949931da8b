import type { ReactNode } from 'react';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { ErrorText } from '../components/error-text.tsx';

/** What a job has to say besides its result: things that went another way than hoped for. */
export function JobNotices({ job }: { readonly job: Pick<JobSnapshot, 'notices'> }): ReactNode {
  return job.notices.map((notice) => <ErrorText key={JSON.stringify(notice)} error={notice} />);
}
