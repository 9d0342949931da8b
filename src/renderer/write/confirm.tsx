import { useState, type ReactNode } from 'react';
import { Button, Input, Label, TextField } from 'react-aria-components';
import { driveName, isUnusuallyLarge } from '../../shared/model/drive.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import { invoke } from '../api/bridge.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { HoldButton, wantsCalm } from './hold-button.tsx';
import { SERIAL_TAIL } from '../sticks/drive-facts.tsx';
import { StickPicture } from './stick-picture.tsx';
import { fileName } from '../../shared/file-name.ts';
import { chosenBuild, chosenDrive, currentPlan, missing } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

/** The last step before a drive is erased: which one, what is on it, what goes on it. */
export function ConfirmDialog(): ReactNode {
  const { getState, dispatch, attempt } = useStore();
  const { t, format } = useWords();
  const [typed, setTyped] = useState('');
  const drive = useSelector(chosenDrive);
  const file = useSelector((state) => state.file);
  const preview = useSelector((state) => currentPlan(state)?.preview ?? null);
  const lacking = useSelector(missing);
  if (drive === null || preview === null || lacking !== null) return null;
  const close = (): void => dispatch({ type: 'asked', question: null });
  const { serial, size } = drive.identity;
  const typing = isUnusuallyLarge(drive.identity);
  const start = (): void => {
    close();
    const request = chosenBuild(getState());
    if (request !== null) attempt(() => invoke('job.build', request));
  };
  return (
    <AlertDialog title={t('confirm.title', { name: driveName(drive) })} onClose={close}>
      <div className="confirm-drive">
        <StickPicture state="erase" />
        <dl>
          <dt>{t('confirm.size')}</dt>
          <dd>{format.bytes(size)}</dd>
          <dt>{t('confirm.serial')}</dt>
          <dd>{serial === null ? t('stick.serial.none') : `…${serial.slice(-SERIAL_TAIL)}`}</dd>
          <dt>{t('confirm.contains')}</dt>
          <dd>
            {drive.labels.includes(CACHE_LABEL)
              ? t('stick.cache')
              : drive.labels.length === 0
                ? t('stick.labels.none')
                : drive.labels.join(', ')}
          </dd>
          <dt>{t('confirm.goes')}</dt>
          <dd>
            {preview.summary.manifest.image_meta.map(({ ecu_id, image_version }) => (
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
        </dl>
      </div>
      <p className="will-erase">{t('confirm.body')}</p>
      {typing && (
        <TextField className="field" value={typed} onChange={setTyped} autoFocus>
          <Label>{t('confirm.type', { model: driveName(drive) })}</Label>
          <Input spellCheck={false} autoComplete="off" />
        </TextField>
      )}
      <p id="hold-hint" className="muted hint hold-hint">
        {t(wantsCalm() ? 'confirm.calm.hint' : 'confirm.hold.hint')}
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={close}>
          {t('common.cancel')}
        </Button>
        <HoldButton isDisabled={typing && typed.trim() !== driveName(drive)} onHeld={start} />
      </div>
    </AlertDialog>
  );
}
