import { useState, type ReactNode } from 'react';
import { Button, Form, Input, Label, TextField } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ecuRows, ecusToUpdate, namesAll } from '../state/vehicle.ts';

/** The last question before a vehicle is changed: the ids of its ECUs are typed. */
export function UpdateDialog(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t, format } = useWords();
  const [typed, setTyped] = useState('');
  const ecuIds = useSelector(ecusToUpdate);
  const vehicle = useSelector((state) => state.vehicle);
  const rows = ecuRows(vehicle);
  const network = useSelector(({ vehicleDraft }) => vehicleDraft.network);
  const way = useSelector(({ vehicleDraft }) => vehicleDraft.way);
  const close = (): void => dispatch({ type: 'asked', question: null });
  const isNamed = ecuIds.length > 0 && namesAll(typed, ecuIds);
  return (
    <AlertDialog title={t('vehicle-confirm.title')} onClose={close}>
      {/* Which vehicle and which image: a depot has several of both. */}
      <p className="vehicle-subject">
        {vehicle.link?.address} · {format.file(vehicle.image?.path ?? '')}
      </p>
      <ul>
        {rows
          .filter(({ ecuId }) => ecuIds.includes(ecuId))
          .map(({ ecuId, from, to }) => (
            <li key={ecuId}>
              <strong>{ecuId}</strong>{' '}
              <span className="muted">{`${from || t('vehicle.none')} → ${to ?? ''}`}</span>
            </li>
          ))}
      </ul>
      <p>{t('vehicle-confirm.before')}</p>
      <Form
        className="vehicle-confirm"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isNamed) return;
          close();
          attempt(() => invoke('vehicle.update', { ecuIds, network, way }));
        }}
      >
        <TextField className="field" value={typed} onChange={setTyped} autoFocus>
          <Label>{t('vehicle-confirm.type', { ecuIds: ecuIds.join(' ') })}</Label>
          <Input spellCheck={false} autoComplete="off" />
        </TextField>
        <div className="dialog-buttons">
          <Button className="button" onPress={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" className="button danger" isDisabled={!isNamed}>
            {t('vehicle-confirm.yes')}
          </Button>
        </div>
      </Form>
    </AlertDialog>
  );
}

export function StopUpdateDialog(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const isRunning = useSelector(({ vehicle }) => vehicle.run?.state === 'running');
  if (!isRunning) return null;
  const close = (): void => dispatch({ type: 'asked', question: null });
  return (
    <AlertDialog title={t('vehicle-stop.title')} onClose={close}>
      <p>{t('vehicle-stop.body')}</p>
      <div className="dialog-buttons">
        <Button className="button" autoFocus onPress={close}>
          {t('vehicle-stop.no')}
        </Button>
        <Button
          className="button danger"
          onPress={() => {
            close();
            attempt(() => invoke('vehicle.stop'));
          }}
        >
          {t('vehicle-stop.yes')}
        </Button>
      </div>
    </AlertDialog>
  );
}
