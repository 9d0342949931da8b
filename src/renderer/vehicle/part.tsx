import type { ReactNode } from 'react';

interface PartProps {
  readonly id: string;
  readonly title: string;
  /** Whether the next thing to do is in it. */
  readonly isNext?: boolean;
  readonly children: ReactNode;
}

/** One of the parts of the vehicle screen, from top to bottom. */
export function Part({ id, title, isNext = false, children }: PartProps): ReactNode {
  return (
    <section
      className="panel"
      aria-labelledby={`vehicle-${id}`}
      data-part={id}
      data-next={isNext || undefined}
    >
      <h2 id={`vehicle-${id}`}>{title}</h2>
      {children}
    </section>
  );
}
