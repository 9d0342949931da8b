import { FileDown, Usb, X } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
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
import { DriveFacts, DriveName, DriveTitle } from './drive-facts.tsx';
import { listedDrives, StickList, useChooseAll } from './stick-list.tsx';
import type { FileOutput } from '../state/model.ts';
import { driveName, sameIdentity } from '../../shared/model/drive.ts';
import { sharedConnections } from '../../shared/model/usb-connection.ts';
import { fileName } from '../../shared/file-name.ts';
import { buildRequests } from '../state/job-selectors.ts';
import { chosenDrives, currentPlan, driveKey, refusalFor } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './sticks.css';

/** The drives that can be written, why others cannot, and a file instead or besides. */
export function StickStep({ locked }: { readonly locked: boolean }): ReactNode {
  const chooseAll = useChooseAll();
  if (locked) return <LockedStick />;
  return (
    <div
      className="step-body"
      onKeyDown={(event) => {
        if (event.key.toLowerCase() !== 'a' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        chooseAll();
      }}
    >
      <Unplugged />
      <Sticks />
      <SharedConnections />
      <HiddenDrives />
      <FileChoice />
    </div>
  );
}

/** Names chosen drives that went away; what to do about it is said once for all of them. */
function Unplugged(): ReactNode {
  const { t } = useWords();
  const drives = useSelector((state) => state.unplugged);
  const names = drives.map(driveName).join(', ');
  return (
    <p role="status" className={drives.length > 0 ? 'unplugged' : 'sr-only'}>
      {drives.length > 0 && t('stick.unplugged', { name: names })}
    </p>
  );
}

function Sticks(): ReactNode {
  const { t } = useWords();
  const listed = useSelector((state) => listedDrives(state).length);
  const error = useSelector((state) => state.drivesError);
  if (error !== null) return <ErrorText error={error} />;
  if (listed > 0) return <StickList />;
  return (
    <div className="empty">
      <Usb aria-hidden size={40} strokeWidth={1.25} />
      <p className="drop-title">{t('stick.none')}</p>
      <p className="muted">{t('stick.none.hint')}</p>
    </div>
  );
}

/** Sticks behind one hub take longer together than in sockets of the computer. */
function SharedConnections(): ReactNode {
  const { t } = useWords();
  const shared = useSelector((state) => sharedConnections(chosenDrives(state)).flat());
  if (shared.length === 0) return null;
  return <p className="muted hint">{t('stick.shared-usb', { count: shared.length })}</p>;
}

/** During a job and after it nothing can be chosen: only what was. */
function LockedStick(): ReactNode {
  const { t } = useWords();
  const chosen = useSelector(chosenDrives);
  const names = useSelector(({ jobs }) => jobs.build?.names ?? []);
  const outputs = useSelector(buildRequests);
  const drives = outputs.flatMap((output, i) =>
    output.kind === 'drive' ? [{ identity: output.identity, name: names[i] ?? '' }] : [],
  );
  return (
    // Focusable, so that the arrow keys scroll it: nothing in it takes the focus.
    <div className="step-body" role="region" tabIndex={0} aria-label={t('stick.title')}>
      {drives.map(({ identity, name }) => {
        const drive = chosen.find((each) => sameIdentity(each.identity, identity));
        return (
          <div key={identity.path} className="card">
            {drive === undefined ? (
              <DriveName name={name} size={identity.size} />
            ) : (
              <>
                <DriveTitle drive={drive} />
                <DriveFacts drive={drive} />
              </>
            )}
          </div>
        );
      })}
      {outputs.map((output) =>
        output.kind === 'drive' || (drives.length > 0 && chosen.length === 0) ? null : (
          <div key={output.path} className="card">
            {drives.length > 0 && <p className="muted">{t('stick.file.chosen')}</p>}
            <MiddleText text={fileName(output.path)} />
          </div>
        ),
      )}
    </div>
  );
}

/** Why other drives cannot be chosen. One that was chosen says so in its own place. */
function HiddenDrives(): ReactNode {
  const { t, error } = useWords();
  const panel = useRef<HTMLDivElement>(null);
  const listed = useSelector(listedDrives);
  const drives = useSelector((state) => state.drives.filter((drive) => !listed.includes(drive)));
  const plan = useSelector(currentPlan);
  const hidden = drives.flatMap((drive) => {
    const refusal = refusalFor(drive, plan);
    return refusal === null ? [] : [{ drive, refusal }];
  });
  if (hidden.length === 0) return null;
  return (
    <Disclosure
      className="hidden-drives"
      onExpandedChange={(isExpanded) => {
        // The panel has its height when the next frame is drawn.
        if (isExpanded)
          requestAnimationFrame(() => panel.current?.scrollIntoView({ block: 'nearest' }));
      }}
    >
      <Heading level={3}>
        <Button slot="trigger" className="button quiet">
          {t('stick.hidden', { count: hidden.length })}
        </Button>
      </Heading>
      <DisclosurePanel ref={panel}>
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
  const { file, alone } = useSelector(({ file, chosen }) => ({
    file,
    alone: chosen.length === 0,
  }));
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
