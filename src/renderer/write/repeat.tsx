import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { ErrorCode, ErrorData } from '../../shared/errors.ts';
import { invoke } from '../api/bridge.ts';
import { focusStep } from '../flow/focus-step.ts';
import { driveOutcomes, hasDrive } from '../state/job-selectors.ts';
import { drivesToRepeat, missing } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

/** Writing again onto the same stick would most likely end in the same way. */
const BAD_STICK: readonly ErrorCode[] = [
  ...(['drive-counterfeit', 'drive-forgets', 'drive-too-small', 'drive-read-only'] as const),
  ...(['drive-write-failed', 'drive-read-failed', 'verify-failed'] as const),
];

type Remedy = 'images' | 'again' | 'another' | 'back';

/** What helps after a build that ended with an error, or did not reach all of its sticks (null). */
function remedyFor(error: ErrorData | null, hasSticks: boolean, isThere: boolean): Remedy {
  // Errors of an image name its file.
  if (error !== null && 'file' in error.params) return 'images';
  if (!hasSticks || error?.code === 'cancelled') return 'back';
  const isBad = error !== null && BAD_STICK.includes(error.code);
  return isThere && !isBad ? 'again' : 'another';
}

/** The one button that mends what went wrong. */
export function RemedyButton({ error }: { readonly error: ErrorData | null }): ReactNode {
  const { t } = useWords();
  const isThere = useSelector((state) => drivesToRepeat(state).length > 0);
  const hasSticks = useSelector(({ jobs }) => hasDrive(jobs.build?.outcomes ?? []));
  const sticks = useSelector(
    ({ jobs }) =>
      driveOutcomes(jobs.build).filter(({ outcome }) => outcome.state !== 'done').length,
  );
  // While the images are still being looked at, there is nothing to confirm.
  const isWaiting = useSelector(
    (state) => missing({ ...state, chosen: drivesToRepeat(state) }) === 'wait',
  );
  const remedies = useRemedies();
  const remedy = remedyFor(error, hasSticks, isThere);
  const text =
    remedy === 'again' ? t('failed.repeat', { count: sticks }) : t(`failed.remedy.${remedy}`);
  return (
    <Button
      className="button large next-action"
      isDisabled={remedy === 'again' && isWaiting}
      onPress={remedies[remedy]}
    >
      {text}
    </Button>
  );
}

function useRemedies(): Readonly<Record<Remedy, () => void>> {
  const { getState, dispatch, attempt } = useStore();
  const fold = (): void => dispatch({ type: 'result-opened', isOpen: false });
  return {
    images: () => {
      fold();
      focusStep('images');
      for (const { id, path } of getState().images) {
        dispatch({ type: 'image-reread', id });
        attempt(() => invoke('images.add', { id, path }));
      }
    },
    // They are confirmed as ever.
    again: () => {
      dispatch({ type: 'drives-chosen', chosen: drivesToRepeat(getState()) });
      if (missing(getState()) === null) dispatch({ type: 'asked', question: 'confirm' });
      else focusStep('stick');
    },
    another: () => {
      fold();
      focusStep('stick');
    },
    back: () => {
      fold();
      focusStep('images');
    },
  };
}
