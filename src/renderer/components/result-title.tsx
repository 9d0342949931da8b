import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';

interface ResultTitleProps {
  readonly level: 2 | 3;
  readonly tone: 'good' | 'bad' | 'plain';
  /** null where a picture beside it says the same. */
  readonly Icon: LucideIcon | null;
  readonly children: ReactNode;
}

/** How a job ended, in one line. Takes the focus: what had it went with the progress. */
export function ResultTitle({ level, tone, Icon, children }: ResultTitleProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const Heading = `h${level}` as const;
  return (
    <Heading ref={heading} tabIndex={-1} className={`result-title ${tone}`}>
      {Icon !== null && <Icon aria-hidden size={22} />}
      {children}
    </Heading>
  );
}
