import type { ReactNode } from 'react';
import {
  Button,
  CheckboxButton,
  CheckboxField,
  Form,
  Input,
  Label,
  TextField,
} from 'react-aria-components';
import type { VehicleLink } from '../../shared/model/vehicle-state.ts';
import { invoke } from '../api/bridge.ts';
import { ErrorText } from '../components/error-text.tsx';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ecuRows, ecusToUpdate, type EcuRow } from '../state/vehicle.ts';
import { Part } from './part.tsx';

/** The vehicle: its address, its ECUs, and what becomes of each. */
export function LinkPart({ isNext }: { readonly isNext: boolean }): ReactNode {
  const { t } = useWords();
  const link = useSelector(({ vehicle }) => vehicle.link);
  return (
    <Part
      id="link"
      title={t('vehicle-link.title')}
      isNext={isNext}
      action={link !== null && <Disconnect link={link} />}
    >
      {link === null ? <Connect /> : <Connected link={link} />}
    </Part>
  );
}

function Connect(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const address = useSelector(({ vehicleDraft }) => vehicleDraft.address);
  return (
    <Form
      className="vehicle-address"
      onSubmit={(event) => {
        event.preventDefault();
        if (address.trim() !== '') attempt(() => invoke('vehicle.connect', { address }));
      }}
    >
      <TextField
        className="field"
        value={address}
        onChange={(typed) => dispatch({ type: 'vehicle-edited', changes: { address: typed } })}
      >
        <Label>{t('vehicle-link.address')}</Label>
        <Input placeholder="192.168.10.11" spellCheck={false} autoComplete="off" />
      </TextField>
      <Button type="submit" className="button next-action" isDisabled={address.trim() === ''}>
        {t('vehicle-link.connect')}
      </Button>
    </Form>
  );
}

interface LinkProps {
  readonly link: VehicleLink;
}

function Disconnect({ link }: LinkProps): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  return (
    <Button className="button quiet" onPress={() => attempt(() => invoke('vehicle.disconnect'))}>
      {t(link.seen ? 'vehicle-link.disconnect' : 'common.cancel')}
    </Button>
  );
}

function Connected({ link }: LinkProps): ReactNode {
  const { t } = useWords();
  return (
    <>
      <p role="status">
        {t(link.seen ? 'vehicle-link.connected' : 'vehicle-link.connecting', {
          address: link.address,
        })}
      </p>
      {link.error !== null && <ErrorText error={link.error} />}
      {link.seen && <Ecus />}
    </>
  );
}

function Ecus(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const rows = ecuRows(useSelector(({ vehicle }) => vehicle));
  const chosen = useSelector(ecusToUpdate);
  const isReady = useSelector(({ vehicle }) => vehicle.image?.state === 'ready');
  const fits = rows.some(({ to, refusal }) => to !== null && refusal === null);
  return (
    <>
      <ul className="vehicle-ecus" aria-label={t('vehicle-link.ecus')}>
        {rows.map((row) => (
          <EcuLine key={row.ecuId} row={row} isChosen={chosen.includes(row.ecuId)} />
        ))}
      </ul>
      {isReady && !fits && <p role="alert">{t('vehicle-link.none')}</p>}
      {isReady && fits && (
        <Button
          className="button large next-action"
          isDisabled={chosen.length === 0}
          onPress={() => dispatch({ type: 'asked', question: 'update' })}
        >
          {t('vehicle-link.update', { count: chosen.length })}
        </Button>
      )}
    </>
  );
}

interface EcuLineProps {
  readonly row: EcuRow;
  readonly isChosen: boolean;
}

function EcuLine({ row, isChosen }: EcuLineProps): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const { ecuId, from, to, refusal } = row;
  if (from === null || to === null || refusal !== null)
    return (
      <li className="vehicle-ecu">
        <span className="check-mark none" aria-hidden />
        <EcuFacts row={row} />
      </li>
    );
  return (
    <li>
      <CheckboxField
        isSelected={isChosen}
        onChange={(taken) => dispatch({ type: 'ecu-taken', ecuId, taken })}
      >
        <CheckboxButton className="vehicle-ecu" aria-label={t('vehicle-link.take', { ecuId })}>
          <span className="check-mark" aria-hidden />
          <EcuFacts row={row} />
        </CheckboxButton>
      </CheckboxField>
    </li>
  );
}

function EcuFacts({
  row: { ecuId, from, to, client, state, refusal },
}: {
  readonly row: EcuRow;
}): ReactNode {
  const { t, error } = useWords();
  const none = t('vehicle.none');
  const versions = to === null ? from || none : `${from || none} → ${to}`;
  const facts = [
    ...(client === '' ? [] : [t('vehicle-link.client', { version: client })]),
    ...(state === null ? [] : [t(`ecu-state.${state}`)]),
    ...(from === null && to === null ? [t('vehicle-link.silent')] : []),
  ];
  const why = from === null ? t('vehicle-link.absent') : refusal && error(refusal).what;
  return (
    <span className="vehicle-ecu-text">
      <span>
        <strong>{ecuId}</strong> {from !== null && <span className="muted">{versions}</span>}
      </span>
      {facts.length > 0 && <span className="muted">{facts.join(' · ')}</span>}
      {refusal !== null && <span className="warn">{why}</span>}
      {to === null && from !== null && (
        <span className="muted">{t('vehicle-link.not-in-image')}</span>
      )}
    </span>
  );
}
