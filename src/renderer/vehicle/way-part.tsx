import { useEffect, useState, type ReactNode } from 'react';
import { Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import {
  VEHICLE_WAYS,
  type NetworkAddress,
  type VehicleWay,
} from '../../shared/model/vehicle-state.ts';
import { invoke } from '../api/bridge.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { UPPER_PORT } from '../state/vehicle.ts';
import { CommandText, TrustCommand } from './command-text.tsx';
import { Part } from './part.tsx';
import { WayPicture } from './way-picture.tsx';

/** Milliseconds: a cable that is plugged in shows up while a person looks. */
const NETWORKS_PERIOD = 2_000;

/** How the vehicle comes to the files, what that takes on the vehicle, and over which connection. */
export function WayPart(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const way = useSelector(({ vehicleDraft }) => vehicleDraft.way);
  return (
    <Part id="way" title={t('vehicle-way.title')}>
      <RadioGroup
        className="ways"
        value={way}
        onChange={(chosen) =>
          dispatch({ type: 'vehicle-edited', changes: { way: chosen as VehicleWay } })
        }
      >
        <Label>{t('vehicle-way.label')}</Label>
        <div className="way-cards">
          {VEHICLE_WAYS.map((each) => (
            <RadioField key={each} value={each}>
              <RadioButton className="way">
                <WayPicture way={each} />
                <strong>{t(`vehicle-way.${each}`)}</strong>
                <span className="muted">{t(`vehicle-way.${each}.when`)}</span>
              </RadioButton>
            </RadioField>
          ))}
        </div>
      </RadioGroup>
      <WhatToSet way={way} />
      <NetworkChoice />
    </Part>
  );
}

function WhatToSet({ way }: { readonly way: VehicleWay }): ReactNode {
  const { t } = useWords();
  const network = useSelector(({ vehicleDraft }) => vehicleDraft.network);
  const address = network ?? t('vehicle-way.upper.address');
  return (
    <div className="what-to-set">
      <p>{t(`vehicle-way.${way}.set`)}</p>
      {way === 'own' && <TrustCommand kind="install" />}
      {way === 'upper' && (
        <CommandText text={`upper_ota_proxy: "http://${bracketed(address)}:${UPPER_PORT}"`} />
      )}
    </div>
  );
}

function NetworkChoice(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const network = useSelector(({ vehicleDraft }) => vehicleDraft.network);
  const [networks, setNetworks] = useState<readonly NetworkAddress[]>([]);
  useEffect(() => {
    const look = (): void => attempt(async () => setNetworks(await invoke('vehicle.networks')));
    look();
    const timer = setInterval(look, NETWORKS_PERIOD);
    return () => clearInterval(timer);
  }, [attempt]);
  const isGone = network !== null && !networks.some(({ address }) => address === network);
  return (
    <div className="field vehicle-select">
      <label htmlFor="vehicle-network">{t('vehicle-network.label')}</label>
      <select
        id="vehicle-network"
        value={network ?? ''}
        onChange={({ target: { value } }) =>
          dispatch({
            type: 'vehicle-edited',
            changes: { network: value === '' ? null : value },
          })
        }
      >
        <option value="">{t('vehicle-network.auto')}</option>
        {networks.map(({ name, address }) => (
          <option key={address} value={address}>{`${name} · ${address}`}</option>
        ))}
        {isGone && (
          <option value={network}>{t('vehicle-network.gone', { address: network })}</option>
        )}
      </select>
    </div>
  );
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
