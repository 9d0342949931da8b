import { TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, Input, Label, TextField } from 'react-aria-components';
import { driveName, isUnusuallyLarge, type Drive } from '../../shared/model/drive.ts';
import { invoke } from '../api/bridge.ts';
import { AlertDialog } from '../components/dialog.tsx';
import {
  chosenBuild,
  chosenDrives,
  currentPlan,
  driveKey,
  missing,
  onlyUpdates,
} from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ConfirmLists } from './confirm-lists.tsx';
import { HoldButton } from './hold-button.tsx';
import { SecondConfirmation, useCalm } from './second-confirmation.tsx';
import './confirm.css';

/** Ids of the texts that describe the dialog, and its button. */
const WARNING = 'confirm-warning';
const HINT = 'hold-hint';

/** The last step before drives are erased: which ones, what is on them, what goes on them. */
export function ConfirmDialog(): ReactNode {
  const { getState, dispatch, attempt } = useStore();
  const { t } = useWords();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const drives = useSelector(chosenDrives);
  const isPlanned = useSelector((state) => (currentPlan(state)?.preview ?? null) !== null);
  const lacking = useSelector(missing);
  const updates = useSelector(onlyUpdates);
  const [first] = drives;
  if (first === undefined || !isPlanned || lacking !== null) return null;
  const close = (): void => dispatch({ type: 'asked', question: null });
  const large = drives.filter(({ identity }) => isUnusuallyLarge(identity));
  const isTyped = large.every((drive) => isTypedName(typed[driveKey(drive)], drive));
  const start = (): void => {
    close();
    const request = chosenBuild(getState());
    if (request !== null) attempt(() => invoke('job.build', request));
  };
  const several = drives.length > 1;
  const count = drives.length;
  return (
    <AlertDialog
      className="confirm"
      title={
        updates
          ? t('refresh.title', { count })
          : several
            ? t('confirm.title.several', { count })
            : t('confirm.title', { name: driveName(first) })
      }
      describedBy={WARNING}
      onClose={close}
    >
      <ConfirmLists drives={drives} />
      <div className="confirm-end">
        <p id={WARNING} className="will-erase">
          <TriangleAlert aria-hidden size={18} />
          {updates
            ? t('refresh.body', { count })
            : t(several ? 'confirm.body.several' : 'confirm.body')}
        </p>
        {large.map((drive, index) => (
          <TextField
            key={driveKey(drive)}
            className="field"
            value={typed[driveKey(drive)] ?? ''}
            onChange={(text) => setTyped({ ...typed, [driveKey(drive)]: text })}
            autoFocus={index === 0}
          >
            <Label>{t('confirm.type', { model: driveName(drive) })}</Label>
            <Input spellCheck={false} autoComplete="off" />
          </TextField>
        ))}
        <Buttons isDisabled={!isTyped} onClose={close} onConfirmed={start} />
      </div>
    </AlertDialog>
  );
}

/** Case, width and white space are not what tells one model from another. */
function isTypedName(text: string | undefined, drive: Drive): boolean {
  const plain = (name: string): string =>
    name.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/gu, ' ');
  return plain(text ?? '') === plain(driveName(drive));
}

interface ButtonsProps {
  readonly isDisabled: boolean;
  readonly onClose: () => void;
  readonly onConfirmed: () => void;
}

/** Holding a button for two seconds, or a second plain confirmation for a person who cannot. */
function Buttons({ isDisabled, onClose, onConfirmed }: ButtonsProps): ReactNode {
  const { t } = useWords();
  const updates = useSelector(onlyUpdates);
  const isCalm = useCalm();
  const [isAsked, setAsked] = useState(false);
  const askAgain = (): void => setAsked(true);
  if (isAsked && !isDisabled)
    return <SecondConfirmation onBack={() => setAsked(false)} onConfirmed={onConfirmed} />;
  if (isCalm) {
    return (
      <div className="dialog-buttons">
        <Button className="button" onPress={onClose}>
          {t('common.cancel')}
        </Button>
        <Button className="button large danger" isDisabled={isDisabled} onPress={askAgain}>
          {t(updates ? 'refresh.plain' : 'confirm.plain')}
        </Button>
      </div>
    );
  }
  return (
    <>
      <p id={HINT} className="muted hint">
        {t('confirm.hold.hint')}{' '}
        <Button className="link" isDisabled={isDisabled} onPress={askAgain}>
          {t('confirm.cannot-hold')}
        </Button>
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={onClose}>
          {t('common.cancel')}
        </Button>
        <HoldButton
          isDisabled={isDisabled}
          describedBy={`${WARNING} ${HINT}`}
          onHeld={onConfirmed}
          onClicked={askAgain}
        />
      </div>
    </>
  );
}
