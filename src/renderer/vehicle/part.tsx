import type { ReactNode } from 'react';

interface PartProps {
  readonly id: string;
  readonly title: string;
  /** Whether the next thing to do is in it. */
  readonly isNext?: boolean;
  /** A button at the end of the heading's line. */
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

/** One of the parts of the vehicle screen, from top to bottom. */
export function Part({ id, title, isNext = false, action, children }: PartProps): ReactNode {
  return (
    <section
      className="panel"
      aria-labelledby={`vehicle-${id}`}
      data-part={id}
      data-next={isNext || undefined}
    >
      <div className="panel-head">
        <h2 id={`vehicle-${id}`}>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}
