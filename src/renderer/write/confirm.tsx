import { useState, type ReactNode } from 'react';
import { Button, Input, Label, TextField } from 'react-aria-components';
import { driveName, isUnusuallyLarge, type Drive } from '../../shared/model/drive.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import { invoke } from '../api/bridge.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { HoldButton, wantsCalm } from './hold-button.tsx';
import { driveKey, DriveTitle, SERIAL_TAIL } from '../sticks/drive-facts.tsx';
import { StickPicture } from './stick-picture.tsx';
import { fileName } from '../../shared/file-name.ts';
import { chosenBuild, chosenDrives, currentPlan, missing } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

/** The last step before drives are erased: which ones, what is on them, what goes on them. */
export function ConfirmDialog(): ReactNode {
  const { getState, dispatch, attempt } = useStore();
  const { t } = useWords();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const drives = useSelector(chosenDrives);
  const preview = useSelector((state) => currentPlan(state)?.preview ?? null);
  const lacking = useSelector(missing);
  const [first] = drives;
  if (first === undefined || preview === null || lacking !== null) return null;
  const close = (): void => dispatch({ type: 'asked', question: null });
  const large = drives.filter(({ identity }) => isUnusuallyLarge(identity));
  const isTyped = large.every((drive) => typed[driveKey(drive)]?.trim() === driveName(drive));
  const start = (): void => {
    close();
    const request = chosenBuild(getState());
    if (request !== null) attempt(() => invoke('job.build', request));
  };
  const title =
    drives.length === 1
      ? t('confirm.title', { name: driveName(first) })
      : t('confirm.title.several', { count: drives.length });
  return (
    <AlertDialog title={title} onClose={close}>
      <div className="confirm-drive">
        <StickPicture state="erase" />
        {drives.length === 1 ? <OneDrive drive={first} /> : <SeveralDrives drives={drives} />}
      </div>
      <p className="will-erase">
        {t(drives.length === 1 ? 'confirm.body' : 'confirm.body.several')}
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
      <p id="hold-hint" className="muted hint hold-hint">
        {t(wantsCalm() ? 'confirm.calm.hint' : 'confirm.hold.hint')}
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={close}>
          {t('common.cancel')}
        </Button>
        <HoldButton isDisabled={!isTyped} onHeld={start} />
      </div>
    </AlertDialog>
  );
}

function OneDrive({ drive }: { readonly drive: Drive }): ReactNode {
  const { t, format } = useWords();
  const contents = useContents();
  const serial = useSerial();
  return (
    <dl>
      <dt>{t('confirm.size')}</dt>
      <dd>{format.bytes(drive.identity.size)}</dd>
      <dt>{t('confirm.serial')}</dt>
      <dd>{serial(drive)}</dd>
      <dt>{t('confirm.contains')}</dt>
      <dd>{contents(drive)}</dd>
      <WhatGoes />
    </dl>
  );
}

function SeveralDrives({ drives }: { readonly drives: readonly Drive[] }): ReactNode {
  const { t } = useWords();
  const contents = useContents();
  const serial = useSerial();
  return (
    <div>
      <ul className="confirm-drives" aria-label={t('confirm.drives')}>
        {drives.map((drive) => (
          <li key={driveKey(drive)}>
            <DriveTitle drive={drive} />
            <span className="muted">
              {serial(drive)} · {contents(drive)}
            </span>
          </li>
        ))}
      </ul>
      <dl>
        <WhatGoes />
      </dl>
    </div>
  );
}

function WhatGoes(): ReactNode {
  const { t } = useWords();
  const file = useSelector((state) => state.file);
  const preview = useSelector((state) => currentPlan(state)?.preview ?? null);
  return (
    <>
      <dt>{t('confirm.goes')}</dt>
      <dd>
        {preview?.summary.manifest.image_meta.map(({ ecu_id, image_version }) => (
          <span key={ecu_id} className="confirm-image">
            {ecu_id} <span className="muted">{image_version}</span>
          </span>
        ))}
      </dd>
      {file !== null && (
        <>
          <dt>{t('confirm.also')}</dt>
          <dd>{fileName(file.path)}</dd>
        </>
      )}
    </>
  );
}

/** What is on a drive, in words. */
function useContents(): (drive: Drive) => string {
  const { t } = useWords();
  return ({ labels }) => {
    if (labels.includes(CACHE_LABEL)) return t('stick.cache');
    return labels.length === 0 ? t('stick.labels.none') : labels.join(', ');
  };
}

/** The end of a drive's serial. */
function useSerial(): (drive: Drive) => string {
  const { t } = useWords();
  return ({ identity: { serial } }) =>
    serial === null ? t('stick.serial.none') : `…${serial.slice(-SERIAL_TAIL)}`;
}
