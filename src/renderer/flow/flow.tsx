import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { DropZone } from '../components/drop-zone.tsx';
import type { State } from '../state/model.ts';
import { missing, nextStep, runningJob } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ImagesStep } from '../images/images-step.tsx';
import { StickStep } from '../sticks/stick-step.tsx';
import { WriteStep } from '../write/write-step.tsx';
import './flow.css';

const STEPS = [
  { name: 'images', Content: ImagesStep },
  { name: 'stick', Content: StickStep },
  { name: 'write', Content: WriteStep },
] as const;

interface FlowFacts {
  readonly next: (typeof STEPS)[number]['name'];
  readonly busy: boolean;
  readonly locked: boolean;
  /** Steps that need nothing more. */
  readonly images: boolean;
  readonly stick: boolean;
  readonly write: boolean;
}

function flowFacts(state: State): FlowFacts {
  const lacking = missing(state);
  const busy = runningJob(state) !== null;
  const written = state.jobs.build !== null;
  return {
    next: nextStep(state),
    busy,
    locked: busy || written,
    images: lacking !== 'images' && lacking !== 'fix',
    stick: state.chosen.length > 0 || state.file !== null || written,
    write: false,
  };
}

/** Images → Stick → Write, always all three; files can be dropped anywhere. */
export function FlowScreen(): ReactNode {
  const { addImages } = useStore();
  const { t } = useWords();
  const { next, busy, locked, ...done } = useSelector(flowFacts);
  return (
    <DropZone className="flow" onPaths={addImages}>
      {(hovered) => (
        <main
          className="steps"
          data-locked={locked || undefined}
          data-dropping={(hovered && !busy) || undefined}
        >
          <h1 className="sr-only">{t('app.name')}</h1>
          {STEPS.map(({ name, Content }, index) => (
            <section
              key={name}
              className="step"
              data-step={name}
              data-next={(!locked && next === name) || undefined}
              aria-labelledby={`step-${name}`}
            >
              <h2 id={`step-${name}`}>
                <span className="step-number" data-done={done[name] || undefined}>
                  {done[name] ? <Check aria-hidden size={14} /> : index + 1}
                </span>
                {t(`${name}.title`)}
              </h2>
              <Content locked={locked} />
            </section>
          ))}
        </main>
      )}
    </DropZone>
  );
}
