import type { ReactNode } from 'react';
import { DropZone } from '../components/drop-zone.tsx';
import type { State } from '../state/model.ts';
import { isRunning } from '../state/job-selectors.ts';
import { missing, nextStep, openResult, type StepName } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ImagesStep } from '../images/images-step.tsx';
import { StickStep } from '../sticks/stick-step.tsx';
import { WriteStep } from '../write/write-step.tsx';
import { Step } from './step.tsx';
import './flow.css';

const STEPS = [
  { name: 'images', Content: ImagesStep },
  { name: 'stick', Content: StickStep },
  { name: 'write', Content: WriteStep },
] as const;

type FlowFacts = Readonly<Record<StepName, boolean>> & {
  readonly next: StepName;
  /** Nothing can be chosen while a build runs. */
  readonly locked: boolean;
  /** The third step has the most to say. */
  readonly wide: boolean;
};

function flowFacts(state: State): FlowFacts {
  const lacking = missing(state);
  const locked = isRunning(state.jobs.build);
  const wide = locked || openResult(state) !== null;
  const chosen = (state.chosen.length > 0 && lacking !== 'fit') || state.file !== null;
  return {
    next: nextStep(state),
    locked,
    wide,
    images: lacking !== 'images' && lacking !== 'fix',
    stick: locked || chosen,
    write: false,
  };
}

/** Images → Sticks → Write, always all three; files can be dropped anywhere. */
export function FlowScreen(): ReactNode {
  const { addImages } = useStore();
  const { t } = useWords();
  const { next, locked, wide, ...done } = useSelector(flowFacts);
  return (
    <DropZone className="flow" onPaths={addImages}>
      {(hovered) => (
        <main
          className="steps"
          data-wide={wide || undefined}
          data-dropping={(hovered && !locked) || undefined}
        >
          <h1 className="sr-only">{t('app.name')}</h1>
          {STEPS.map(({ name, Content }, index) => (
            <Step
              key={name}
              name={name}
              number={index + 1}
              isNext={next === name}
              isDone={done[name]}
            >
              <Content locked={locked} />
            </Step>
          ))}
        </main>
      )}
    </DropZone>
  );
}
