import { File, FolderOpen, SearchCheck, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import {
  Button,
  CheckboxButton,
  CheckboxField,
  CheckboxGroup,
  SwitchButton,
  SwitchField,
} from 'react-aria-components';
import { MAX_CHECKS, type CheckSubject } from '../../shared/ipc.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { fileName } from '../../shared/file-name.ts';
import { invoke } from '../api/bridge.ts';
import { MiddleText } from '../components/middle-text.tsx';
import { DriveFacts, DriveTitle } from '../sticks/drive-facts.tsx';
import { driveKey } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

interface ChooseSubjectsProps {
  /** Files and folders that were dropped or chosen. */
  readonly paths: readonly string[];
  readonly onAdd: (paths: readonly string[]) => void;
  /** Replaces them. */
  readonly onPaths: (paths: readonly string[]) => void;
}

/** Sticks that are there, and files that were dropped or chosen; then one button. Nothing is chosen by itself. */
export function ChooseSubjects({ paths, onAdd, onPaths }: ChooseSubjectsProps): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const drives = useSelector((state) => state.drives.filter(isCheckable));
  const ejects = useSelector((state) => state.settings.ejectAfterWrite);
  const [keys, setKeys] = useState<readonly string[]>([]);
  const [eject, setEject] = useState(ejects);
  const sticks = drives.filter((drive) => keys.includes(driveKey(drive)));
  const subjects: CheckSubject[] = [
    ...sticks.map(({ identity }) => ({ kind: 'drive' as const, identity })),
    ...paths.map((path) => ({ kind: 'path' as const, path })),
  ];
  const isTooMany = subjects.length > MAX_CHECKS;
  const start = (): void =>
    attempt(async () => {
      await invoke('job.check', { subjects, eject: eject && sticks.length > 0 });
      onPaths([]);
    });
  return (
    <div className="check-choose">
      <p className="muted">{t('check.intro')}</p>
      <h2>{t('check.drives')}</h2>
      {drives.length === 0 && <p className="muted">{t('check.drives.none')}</p>}
      <Sticks drives={drives} keys={keys} onChange={setKeys} />
      <h2>{t('check.files')}</h2>
      <Files
        paths={paths}
        onAdd={onAdd}
        onRemove={(path) => onPaths(paths.filter((other) => other !== path))}
      />
      <div className="check-start" data-next>
        {sticks.length > 0 && (
          <SwitchField isSelected={eject} onChange={setEject}>
            <SwitchButton className="switch">
              <span className="switch-track" aria-hidden />
              {t('check.eject')}
            </SwitchButton>
          </SwitchField>
        )}
        <p role="status" className="muted">
          {isTooMany
            ? t('check.too-many', { count: MAX_CHECKS })
            : subjects.length === 0 && t('check.none')}
        </p>
        <Button
          className="button large next-action"
          isDisabled={subjects.length === 0 || isTooMany}
          onPress={start}
        >
          {t('check.start', { count: Math.max(1, subjects.length) })}
        </Button>
      </div>
    </div>
  );
}

/** What can be read at all; whether it is written-protected or full does not matter. */
function isCheckable({ kind, system, identity }: Drive): boolean {
  return (kind === 'usb' || kind === 'sd') && system === false && identity.size > 0;
}

interface SticksProps {
  readonly drives: readonly Drive[];
  readonly keys: readonly string[];
  readonly onChange: (keys: readonly string[]) => void;
}

function Sticks({ drives, keys, onChange }: SticksProps): ReactNode {
  const { t } = useWords();
  return (
    <CheckboxGroup
      className="sticks"
      aria-label={t('check.drives')}
      value={drives.map(driveKey).filter((key) => keys.includes(key))}
      onChange={onChange}
    >
      {drives.map((drive) => (
        <CheckboxField key={driveKey(drive)} value={driveKey(drive)}>
          <CheckboxButton className="stick">
            <span className="check-mark" aria-hidden />
            <span className="stick-text">
              <DriveTitle drive={drive} />
              <DriveFacts drive={drive} />
            </span>
          </CheckboxButton>
        </CheckboxField>
      ))}
    </CheckboxGroup>
  );
}

interface FilesProps {
  readonly paths: readonly string[];
  readonly onAdd: (paths: readonly string[]) => void;
  readonly onRemove: (path: string) => void;
}

function Files({ paths, onAdd, onRemove }: FilesProps): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const choose = (kind: 'files' | 'folder'): void =>
    attempt(async () => onAdd(await invoke('job.chooseCheck', { kind })));
  return (
    <>
      <ul className="check-files" aria-label={t('check.files')}>
        {paths.map((path) => (
          <li key={path} className="card">
            <File aria-hidden size={18} />
            <MiddleText text={path} />
            <Button
              className="icon-button"
              aria-label={t('check.files.remove', { name: fileName(path) })}
              onPress={() => onRemove(path)}
            >
              <X aria-hidden size={16} />
            </Button>
          </li>
        ))}
      </ul>
      <div className="drop-target">
        <SearchCheck aria-hidden size={32} strokeWidth={1.25} />
        <p className="drop-title">{t('check.drop')}</p>
        <div className="row">
          <Button className="button" onPress={() => choose('files')}>
            {t('check.choose.file')}
          </Button>
          <Button className="button quiet" onPress={() => choose('folder')}>
            <FolderOpen aria-hidden size={16} />
            {t('check.choose.folder')}
          </Button>
        </div>
      </div>
    </>
  );
}
