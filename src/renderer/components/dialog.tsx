import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import './dialog.css';

interface DialogProps {
  readonly title: string;
  readonly className?: string;
  /** Id of what is read out after the title. */
  readonly describedBy?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Something that must be answered before the work goes on. Escape means no. */
export function AlertDialog({
  title,
  className = '',
  describedBy,
  onClose,
  children,
}: DialogProps): ReactNode {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={`modal ${className}`}>
        <AriaDialog
          role="alertdialog"
          className="dialog"
          {...(describedBy !== undefined && { 'aria-describedby': describedBy })}
        >
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
