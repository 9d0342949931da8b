import { Info, Lock } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import {
  Button,
  Label,
  RadioButton,
  RadioField,
  RadioGroup,
  SwitchButton,
  SwitchField,
} from 'react-aria-components';
import type { SettingsChange } from '../../shared/ipc.ts';
import { invoke } from '../api/bridge.ts';
import { MiddleText } from '../components/middle-text.tsx';
import { Screen } from '../components/screen.tsx';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './settings.css';

const LANGUAGES = ['system', 'en', 'ja'] as const;
const THEMES = ['system', 'light', 'dark'] as const;
const LOG_LEVELS = ['error', 'info', 'debug'] as const;

/** Language, appearance, CAs, what happens after writing, the log; and what this program is. */
export function SettingsScreen(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const settings = useSelector((state) => state.settings);
  const fixed = useSelector((state) => state.fixedSettings);
  const change = (changes: SettingsChange): void =>
    attempt(async () =>
      dispatch({ type: 'settings', settings: await invoke('settings.change', changes) }),
    );
  const saveLog = async (): Promise<void> => {
    const saved = await invoke('log.save');
    if (saved !== null) dispatch({ type: 'noticed', notice: { saved } });
  };
  return (
    <Screen title={t('settings.title')}>
      <div className="settings">
        <Choice
          label={t('settings.language')}
          isFixed={fixed.includes('language')}
          value={settings.language}
          options={LANGUAGES.map((name) => [name, t(`settings.language.${name}`)])}
          onChange={(language) => change({ language })}
        />
        <Choice
          label={t('settings.theme')}
          isFixed={fixed.includes('theme')}
          value={settings.theme}
          options={THEMES.map((name) => [name, t(`settings.theme.${name}`)])}
          onChange={(theme) => change({ theme })}
        />
        <CaFolder isFixed={fixed.includes('caDir')} onClear={() => change({ caDir: null })} />
        <div className="setting">
          <SwitchField
            isSelected={settings.ejectAfterWrite}
            isDisabled={fixed.includes('ejectAfterWrite')}
            onChange={(ejectAfterWrite) => change({ ejectAfterWrite })}
          >
            <SwitchButton className="switch">
              <span className="switch-track" aria-hidden />
              {t('settings.eject')}
            </SwitchButton>
          </SwitchField>
          {fixed.includes('ejectAfterWrite') && <FixedNote />}
        </div>
        <div className="setting">
          <Choice
            label={t('settings.log')}
            isFixed={fixed.includes('logLevel')}
            value={settings.logLevel}
            options={LOG_LEVELS.map((name) => [name, t(`settings.log.${name}`)])}
            onChange={(logLevel) => change({ logLevel })}
          />
          <Button className="button" onPress={() => attempt(saveLog)}>
            {t('settings.log.save')}
          </Button>
        </div>
        <About />
      </div>
    </Screen>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  /** By an administrator. */
  readonly isFixed: boolean;
  readonly options: readonly (readonly [Value, string])[];
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>(props: ChoiceProps<Value>): ReactNode {
  const { label, value, isFixed, options, onChange } = props;
  return (
    <RadioGroup
      className="setting choice"
      value={value}
      isDisabled={isFixed}
      onChange={(chosen) => onChange(chosen as Value)}
      orientation="horizontal"
    >
      <Label className="setting-label">{label}</Label>
      <div className="segments">
        {options.map(([name, text]) => (
          <RadioField key={name} value={name}>
            <RadioButton className="segment">{text}</RadioButton>
          </RadioField>
        ))}
      </div>
      {isFixed && <FixedNote />}
    </RadioGroup>
  );
}

/** Says why a setting cannot be changed. */
function FixedNote(): ReactNode {
  const { t } = useWords();
  return (
    <p className="muted setting-fixed">
      <Lock aria-hidden size={16} />
      {t('settings.fixed')}
    </p>
  );
}

interface CaFolderProps {
  readonly isFixed: boolean;
  readonly onClear: () => void;
}

function CaFolder({ isFixed, onClear }: CaFolderProps): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const caDir = useSelector((state) => state.settings.caDir);
  const [withoutRoot, setWithoutRoot] = useState<readonly string[]>([]);
  // Also of a folder that was chosen long ago: certificates come and go, and expire.
  useEffect(() => {
    let isShown = true;
    if (caDir !== null)
      attempt(async () => {
        const found = await invoke('settings.checkCaFolder');
        if (isShown) setWithoutRoot(found.withoutRoot);
      });
    return () => {
      isShown = false;
    };
  }, [attempt, caDir]);
  const choose = async (): Promise<void> => {
    const chosen = await invoke('settings.chooseCaFolder');
    if (chosen === null) return;
    dispatch({ type: 'settings', settings: chosen });
    // What may have been wrong with the folder before.
    dispatch({ type: 'noticed', notice: null });
  };
  return (
    <div className="setting" role="group" aria-labelledby="ca-label">
      <p id="ca-label" className="setting-label">
        {t('settings.ca')}
      </p>
      <p className="muted">{t('settings.ca.hint')}</p>
      <div className="row">
        <span className="ca-path">
          {caDir === null ? (
            <span className="muted">{t('settings.ca.none')}</span>
          ) : (
            <MiddleText text={caDir} />
          )}
        </span>
        {!isFixed && (
          <Button className="button" onPress={() => attempt(choose)}>
            {t('settings.ca.change')}
          </Button>
        )}
        {caDir !== null && !isFixed && (
          <Button className="button quiet" onPress={onClear}>
            {t('settings.ca.clear')}
          </Button>
        )}
      </div>
      {isFixed && <FixedNote />}
      <div role="status">
        {caDir !== null && withoutRoot.length > 0 && (
          <p className="warning muted">
            <Info aria-hidden size={16} />
            <span>
              {t('ca.without-root', { count: withoutRoot.length, names: withoutRoot.join(', ') })}
            </span>
          </p>
        )}
      </div>
    </div>
  );
}

function About(): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const version = useSelector((state) => state.app?.version ?? '');
  const [licences, setLicences] = useState<string | null>(null);
  return (
    <section className="setting about" aria-labelledby="about">
      <h2 id="about">{t('about.title')}</h2>
      <p>
        {t('app.name')} · {t('about.version', { version })}
      </p>
      <p className="muted">{t('about.licence')}</p>
      {licences === null ? (
        <Button
          className="button quiet"
          onPress={() => attempt(async () => setLicences(await invoke('app.licences')))}
        >
          {t('about.licences')}
        </Button>
      ) : (
        <pre className="json" tabIndex={0} aria-label={t('about.licences')}>
          {licences}
        </pre>
      )}
    </section>
  );
}
