import { ChevronDown, X } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import {
  Button,
  Form,
  Header,
  Input,
  Label,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
  TextField,
} from 'react-aria-components';
import type { ChosenImage } from '../../shared/ipc.ts';
import { invoke } from '../api/bridge.ts';
import { MAX_SET_NAME, type ImageSet } from '../../shared/ipc-sets.ts';
import { chosenImages } from '../state/image-selectors.ts';
import type { Store } from '../state/store.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

/** What is in a set, for people: `autoware ver_2026, perception ver_2026`. */
function contentsOf({ images }: ImageSet): string {
  const payloads = images.flatMap((image) => image.payloads);
  return payloads.map(({ ecuId, version }) => `${ecuId} ${version}`.trim()).join(', ');
}

/** Saved sets that are offered beside the last one; the menu has all of them. */
const OFFERED = 3;

/** Where nothing is in the list yet: what was there the last time, and the sets that were saved last. */
export function RecentSets(): ReactNode {
  const { t } = useWords();
  const { last, named } = useSelector(({ sets }) => sets);
  return (
    <>
      {last !== null && (
        <OfferedSet set={last} name={t('sets.last')} button={t('sets.last.open')} />
      )}
      {named.slice(0, OFFERED).map((set) => (
        <OfferedSet
          key={set.name}
          set={set}
          name={set.name}
          button={t('sets.use', { name: set.name })}
        />
      ))}
    </>
  );
}

interface OfferedSetProps {
  readonly set: ImageSet;
  readonly name: string;
  readonly button: string;
}

function OfferedSet({ set, name, button }: OfferedSetProps): ReactNode {
  const { openSet } = useStore();
  const id = useId();
  return (
    <section className="offered-set" aria-labelledby={id}>
      <div>
        <h3 id={id}>{name}</h3>
        <p className="muted">{contentsOf(set)}</p>
      </div>
      <Button className="button" onPress={() => openSet(set)}>
        {button}
      </Button>
    </section>
  );
}

type Panel = 'name' | 'remove';

/** Sets of images: opened, saved under a name, and exchanged as files. */
export function SetsMenu(): ReactNode {
  const store = useStore();
  const { attempt, dispatch } = store;
  const { t } = useWords();
  const [panel, setPanel] = useState<Panel | null>(null);
  const isWhole = useSelector(({ images }) => chosenImages(images) !== null);
  const named = useSelector(({ sets }) => sets.named);
  const last = useSelector(({ sets }) => sets.last);
  const act = (key: string): void => {
    if (key === 'save') setPanel('name');
    else if (key === 'remove') setPanel('remove');
    else if (key === 'import')
      attempt(async () => {
        const set = await invoke('sets.import');
        if (set !== null) store.openSet(set);
      });
    else if (key === 'export')
      attempt(async () => {
        const name = t('sets.export.name');
        const saved = await invoke('sets.export', { name, images: imagesNow(store) });
        if (saved !== null) dispatch({ type: 'noticed', notice: { saved } });
      });
    else {
      const set = key === 'last' ? last : named[Number(key.slice('set '.length))];
      if (set !== undefined && set !== null) store.openSet(set);
    }
  };
  const disabled = isWhole ? [] : ['save', 'export'];
  return (
    <>
      <MenuTrigger>
        <Button className="button quiet sets-button">
          {t('sets.menu')}
          <ChevronDown aria-hidden size={16} />
        </Button>
        <Popover className="popover" placement="bottom end">
          <Menu
            className="menu sets-menu"
            disabledKeys={disabled}
            onAction={(key) => act(String(key))}
          >
            {(named.length > 0 || last !== null) && (
              <MenuSection>
                <Header className="menu-header">{t('sets.open')}</Header>
                {named.map((set, index) => (
                  <SetItem key={set.name} id={`set ${index}`} name={set.name} set={set} />
                ))}
                {last !== null && <SetItem id="last" name={t('sets.last')} set={last} />}
              </MenuSection>
            )}
            {(named.length > 0 || last !== null) && <Separator className="menu-separator" />}
            <MenuItem id="save" className="menu-item">
              {t('sets.save')}
            </MenuItem>
            <MenuItem id="export" className="menu-item">
              {t('sets.export')}
            </MenuItem>
            <MenuItem id="import" className="menu-item">
              {t('sets.import')}
            </MenuItem>
            {named.length > 0 && (
              <MenuItem id="remove" className="menu-item">
                {t('sets.remove')}
              </MenuItem>
            )}
          </Menu>
        </Popover>
      </MenuTrigger>
      {panel === 'name' && <NameForm onEnd={() => setPanel(null)} />}
      {panel === 'remove' && named.length > 0 && <RemoveList onEnd={() => setPanel(null)} />}
    </>
  );
}

interface SetItemProps {
  readonly id: string;
  readonly name: string;
  readonly set: ImageSet;
}

function SetItem({ id, name, set }: SetItemProps): ReactNode {
  return (
    <MenuItem id={id} className="menu-item" textValue={name}>
      <span className="set-name">{name}</span>
      <span className="muted set-contents">{contentsOf(set)}</span>
    </MenuItem>
  );
}

/** The focus goes on from the menu when a panel closes. */
function focusMenu(): void {
  document.querySelector<HTMLElement>('.sets-button')?.focus();
}

/** The images as they are chosen; none while one of them cannot be used, which main refuses. */
function imagesNow({ getState }: Store): ChosenImage[] {
  return [...(chosenImages(getState().images) ?? [])];
}

/** Asks for the name of a set. */
function NameForm({ onEnd }: { readonly onEnd: () => void }): ReactNode {
  const store = useStore();
  const { attempt, dispatch } = store;
  const { t } = useWords();
  const [name, setName] = useState('');
  const isWhole = useSelector(({ images }) => chosenImages(images) !== null);
  const isTaken = useSelector(({ sets }) => sets.named.some((set) => set.name === name.trim()));
  const end = (): void => {
    onEnd();
    focusMenu();
  };
  return (
    <Form
      className="set-panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWhole || name.trim() === '') return;
        attempt(async () => {
          const sets = await invoke('sets.save', { name: name.trim(), images: imagesNow(store) });
          dispatch({ type: 'sets', sets });
          end();
        });
      }}
    >
      <TextField
        className="field"
        autoFocus
        value={name}
        onChange={setName}
        onKeyDown={({ key }) => {
          if (key === 'Escape') end();
        }}
      >
        <Label>{t('sets.name')}</Label>
        <Input maxLength={MAX_SET_NAME} autoComplete="off" spellCheck={false} />
        {isTaken && <p className="muted">{t('sets.name.taken')}</p>}
      </TextField>
      <div className="row">
        <Button type="submit" className="button" isDisabled={name.trim() === '' || !isWhole}>
          {t('sets.name.save')}
        </Button>
        <Button className="button quiet" onPress={end}>
          {t('common.cancel')}
        </Button>
      </div>
    </Form>
  );
}

/** Saved sets, to be removed one by one. The files of their images stay. */
function RemoveList({ onEnd }: { readonly onEnd: () => void }): ReactNode {
  const { attempt, dispatch } = useStore();
  const { t } = useWords();
  const named = useSelector(({ sets }) => sets.named);
  const end = (): void => {
    onEnd();
    focusMenu();
  };
  return (
    <section className="set-panel" aria-label={t('sets.remove')}>
      <p className="muted">{t('sets.remove.hint')}</p>
      <ul>
        {named.map(({ name }) => (
          <li key={name} className="set-remove">
            <span>{name}</span>
            <Button
              className="icon-button"
              aria-label={t('images.remove', { name })}
              onPress={() =>
                attempt(async () => {
                  const sets = await invoke('sets.remove', { name });
                  dispatch({ type: 'sets', sets });
                  focusMenu();
                })
              }
            >
              <X aria-hidden size={16} />
            </Button>
          </li>
        ))}
      </ul>
      <div className="row">
        <Button className="button quiet" autoFocus onPress={end}>
          {t('sets.remove.end')}
        </Button>
      </div>
    </section>
  );
}
