import {
  createContext,
  use,
  useCallback,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  type Dispatch,
  type ReactNode,
} from 'react';
import { toErrorData } from '../../shared/errors.ts';
import type { ChosenImage } from '../../shared/ipc.ts';
import { translator, type Translator } from '../../shared/messages/index.ts';
import { invoke, listen, pathsOf } from '../api/bridge.ts';
import type { Action, Plan, State } from './model.ts';
import { INITIAL, reduce } from './reducer.ts';
import { isRunning, planKey } from './selectors.ts';

interface Store {
  readonly state: State;
  readonly dispatch: Dispatch<Action>;
  /** Adds images by their paths; says so where one cannot be added. */
  readonly addImages: (paths: readonly string[]) => void;
  /** Runs a command; what goes wrong is shown as a notice. */
  readonly attempt: (work: () => Promise<unknown>) => void;
}

const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = use(StoreContext);
  if (store === null) throw new Error('useStore outside of StoreProvider');
  return store;
}

/** The translator of the chosen language. */
export function useWords(): Translator {
  const { settings, app } = useStore().state;
  return translator(
    settings.language === 'system' ? (app?.systemLanguage ?? 'en') : settings.language,
  );
}

/** Milliseconds of quiet typing before the plan is made anew. */
const PLAN_DELAY = 250;

export function StoreProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [state, dispatch] = useReducer(reduce, INITIAL);

  const attempt = useCallback((work: () => Promise<unknown>) => {
    work().catch((error: unknown) => dispatch({ type: 'noticed', notice: toErrorData(error) }));
  }, []);

  const addImages = useCallback((paths: readonly string[]) => {
    const images = paths.map((path) => ({ id: crypto.randomUUID(), path }));
    dispatch({ type: 'images-added', images });
  }, []);

  useMainEvents(dispatch);
  useStart(dispatch, addImages);
  useDropAnywhere(addImages);
  usePlan(state.images, dispatch);
  useReading(state, attempt);
  useRereading(state, dispatch, attempt);

  const store = useMemo(
    () => ({ state, dispatch, addImages, attempt }),
    [state, addImages, attempt],
  );
  return <StoreContext value={store}>{children}</StoreContext>;
}

function useMainEvents(dispatch: Dispatch<Action>): void {
  useEffect(() => {
    const ends = [
      listen('image', ({ id, event }) => dispatch({ type: 'image-event', id, event })),
      listen('drives', (list) => dispatch({ type: 'drives', ...list })),
      listen('job', (news) => dispatch({ type: 'job', ...news, at: performance.now() })),
      listen('closing', () => dispatch({ type: 'asked', question: 'closing' })),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [dispatch]);
}

/** Asks main how things stand, once; then takes files of later starts. */
function useStart(dispatch: Dispatch<Action>, addImages: Store['addImages']): void {
  const started = useRef(false);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    invoke('app.start').then(
      (start) => {
        dispatch({ type: 'started', start });
        addImages(start.openedFiles);
      },
      (error: unknown) => dispatch({ type: 'noticed', notice: toErrorData(error) }),
    );
  }, [dispatch, addImages]);
  useEffect(() => listen('opened', addImages), [addImages]);
}

/** Files that are dropped where nothing else takes them are images: never a page to be shown instead. */
function useDropAnywhere(addImages: Store['addImages']): void {
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer !== null) addImages(pathsOf(event.dataTransfer));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, [addImages]);
}

/** Has every image that is new in the list read; the next stick is being prepared with the first. */
function useReading({ images, jobs }: State, attempt: Store['attempt']): void {
  const asked = useRef(new Set<string>());
  const ended = isRunning(jobs.build) ? null : (jobs.build?.id ?? null);
  useEffect(() => {
    const fresh = images.filter(({ id }) => !asked.current.has(id));
    if (fresh.length > 0 && ended !== null) attempt(() => invoke('job.dismiss', { id: ended }));
    for (const { id, path } of fresh) {
      asked.current.add(id);
      attempt(() => invoke('images.add', { id, path }));
    }
  }, [images, ended, attempt]);
}

/** Another CA folder may anchor what was not anchored, or refuse it: every image is read anew. */
function useRereading(
  { app, settings, images }: State,
  dispatch: Dispatch<Action>,
  attempt: Store['attempt'],
): void {
  const { caDir } = settings;
  const before = useRef<string | null>(null);
  const list = useRef(images);
  useEffect(() => {
    list.current = images;
  });
  useEffect(() => {
    if (app === null || before.current === caDir) return;
    before.current = caDir;
    for (const { id, path } of list.current) {
      dispatch({ type: 'image-reread', id });
      attempt(() => invoke('images.add', { id, path }));
    }
  }, [app, caDir, dispatch, attempt]);
}

/** Asks for the plan whenever the images or their names changed. */
function usePlan(images: State['images'], dispatch: Dispatch<Action>): void {
  const key = planKey(images);
  useEffect(() => {
    if (key === null) return undefined;
    let current = true;
    const finish = (plan: Omit<Plan, 'key'>): void => {
      if (current) dispatch({ type: 'planned', plan: { key, ...plan } });
    };
    const timer = setTimeout(() => {
      invoke('plan.preview', { images: JSON.parse(key) as ChosenImage[] }).then(
        (preview) => finish({ preview, error: null }),
        (error: unknown) => finish({ preview: null, error: toErrorData(error) }),
      );
    }, PLAN_DELAY);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key, dispatch]);
}
