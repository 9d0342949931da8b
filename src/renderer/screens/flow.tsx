import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { DropZone } from '../components/drop-zone.tsx';
import { missing, nextStep, runningJob } from '../state/selectors.ts';
import { useStore, useWords } from '../state/store.tsx';
import { ImagesStep } from './images-step.tsx';
import { StickStep } from './stick-step.tsx';
import { WriteStep } from './write-step.tsx';

const STEPS = [
  { name: 'images', Content: ImagesStep },
  { name: 'stick', Content: StickStep },
  { name: 'write', Content: WriteStep },
] as const;

/** Images → Stick → Write, always all three; files can be dropped anywhere. */
export function FlowScreen(): ReactNode {
  const { state, addImages } = useStore();
  const { t } = useWords();
  const next = nextStep(state);
  const busy = runningJob(state) !== null;
  const locked = busy || state.jobs.build !== null;
  const lacking = missing(state);
  const done = {
    images: lacking !== 'images' && lacking !== 'fix',
    stick: state.drive !== null || state.file !== null || state.jobs.build !== null,
    write: false,
  };
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
