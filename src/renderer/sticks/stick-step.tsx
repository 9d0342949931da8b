import { FileDown, Usb, X } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button,
  Disclosure,
  DisclosurePanel,
  Heading,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
} from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { MiddleText } from '../components/middle-text.tsx';
import { ErrorText } from '../components/error-text.tsx';
import { DriveFacts, driveKey, DriveName, DriveTitle } from './drive-facts.tsx';
import { StickList } from './stick-list.tsx';
import type { FileOutput, State } from '../state/model.ts';
import { fileName } from '../../shared/file-name.ts';
import {
  buildRequests,
  chosenDrive,
  currentPlan,
  refusalFor,
  refusalOf,
} from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './sticks.css';

function stickFacts({
  drive,
  unplugged,
  drivesError,
}: State): Pick<State, 'drive' | 'unplugged' | 'drivesError'> {
  return { drive, unplugged, drivesError };
}

/** The drives that can be written, why others cannot, and a file instead or besides. */
export function StickStep({ locked }: { readonly locked: boolean }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const usable = useSelector((state) =>
    state.drives.filter((drive) => refusalOf(drive, state) === null),
  );
  const { drive, unplugged, drivesError } = useSelector(stickFacts);
  if (locked) return <LockedStick />;
  return (
    <div className="step-body">
      <p role="status" className={unplugged ? 'unplugged' : 'sr-only'}>
        {unplugged && t('stick.unplugged')}
      </p>
      {drivesError !== null && <ErrorText error={drivesError} />}
      {drivesError === null && usable.length === 0 && (
        <div className="empty">
          <Usb aria-hidden size={40} strokeWidth={1.25} />
          <p className="drop-title">{t('stick.none')}</p>
          <p className="muted">{t('stick.none.hint')}</p>
        </div>
      )}
      {usable.length > 0 && <StickList drives={usable} />}
      {drive !== null && (
        <Button
          className="button quiet"
          onPress={() => dispatch({ type: 'drive-chosen', identity: null })}
        >
          {t('stick.clear')}
        </Button>
      )}
      <HiddenDrives />
      <FileChoice />
    </div>
  );
}

/** During a job and after it nothing can be chosen: only what was. */
function LockedStick(): ReactNode {
  const { t } = useWords();
  const drive = useSelector(chosenDrive);
  const subject = useSelector(({ jobs }) => jobs.build?.subject ?? '');
  const outputs = useSelector(buildRequests);
  const written = outputs.find((output) => output.kind === 'drive');
  return (
    <div className="step-body">
      {drive !== null && (
        <div className="card">
          <DriveTitle drive={drive} />
          <DriveFacts drive={drive} />
        </div>
      )}
      {drive === null && subject !== '' && (
        <div className="card">
          {written === undefined ? (
            <MiddleText text={fileName(subject)} />
          ) : (
            <DriveName name={subject} size={written.identity.size} />
          )}
        </div>
      )}
      {outputs.map(
        (output) =>
          output.kind !== 'drive' &&
          drive !== null && (
            <div key={output.path} className="card">
              <p className="muted">{t('stick.file.chosen')}</p>
              <MiddleText text={fileName(output.path)} />
            </div>
          ),
      )}
    </div>
  );
}

function HiddenDrives(): ReactNode {
  const { t, error } = useWords();
  const drives = useSelector((state) =>
    state.drives.filter((drive) => refusalOf(drive, state) !== null),
  );
  const plan = useSelector(currentPlan);
  const hidden = drives.flatMap((drive) => {
    const refusal = refusalFor(drive, plan);
    return refusal === null ? [] : [{ drive, refusal }];
  });
  if (hidden.length === 0) return null;
  return (
    <Disclosure className="hidden-drives">
      <Heading level={3}>
        <Button slot="trigger" className="button quiet">
          {t('stick.hidden', { count: hidden.length })}
        </Button>
      </Heading>
      <DisclosurePanel>
        <ul aria-label={t('stick.hidden.title')}>
          {hidden.map(({ drive, refusal }) => (
            <li key={driveKey(drive)}>
              <DriveTitle drive={drive} />
              <span className="muted">{error(refusal).what}</span>
            </li>
          ))}
        </ul>
      </DisclosurePanel>
    </Disclosure>
  );
}

const FILE_KINDS = ['tar', 'img', 'folder'] as const satisfies readonly FileOutput['kind'][];

function FileChoice(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const { file, alone } = useSelector(({ file, drive }) => ({ file, alone: drive === null }));
  const choose = (kind: FileOutput['kind']): void =>
    attempt(async () => {
      const path = await invoke('output.choose', { kind });
      if (path !== null) dispatch({ type: 'file-chosen', file: { kind, path } });
    });
  if (file !== null) {
    return (
      <div className="card file-choice">
        <div className="card-head">
          <span className="muted">{t(alone ? 'stick.file.only' : 'stick.file.chosen')}</span>
          <Button
            className="icon-button"
            aria-label={t('stick.file.remove')}
            onPress={() => dispatch({ type: 'file-chosen', file: null })}
          >
            <X aria-hidden size={16} />
          </Button>
        </div>
        <MiddleText text={fileName(file.path)} />
      </div>
    );
  }
  return (
    <MenuTrigger>
      <Button className="button quiet">
        <FileDown aria-hidden size={16} />
        {t('stick.file')}
      </Button>
      <Popover className="popover">
        <Menu className="menu" onAction={(kind) => choose(kind as FileOutput['kind'])}>
          {FILE_KINDS.map((kind) => (
            <MenuItem key={kind} id={kind} className="menu-item">
              {t(`stick.file.${kind}`)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
