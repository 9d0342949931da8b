import { toErrorData } from '../../shared/errors.ts';
import type { ChosenImage } from '../../shared/ipc.ts';
import { CACHE_LABEL, type Manifest } from '../../shared/model/manifest.ts';
import { invoke, listen, pathsOf } from '../api/bridge.ts';
import type { Plan, State } from './model.ts';
import { chosenImages, planKey } from './image-selectors.ts';
import { currentPlan, driveKey } from './selectors.ts';
import type { Store } from './store.ts';

/** Milliseconds of quiet typing before the plan is made anew. */
const PLAN_DELAY = 250;

/**
 * Connects the store to the main process and to the page: events become actions, and what changes in the
 * state becomes commands. Returns what ends all of it.
 */
export function connect(store: Store): () => void {
  const ends = [
    listenToMain(store),
    takeDropsAnywhere(store),
    makePlans(store),
    readNewImages(store),
    readSticks(store),
    rememberSet(store),
    readAgainForAnotherCa(store),
  ];
  invoke('app.start').then(
    (start) => {
      store.dispatch({ type: 'started', start });
      store.addImages(start.openedFiles);
      store.attempt(() => invoke('vehicle.show'));
      if (start.problem !== null) store.dispatch({ type: 'noticed', notice: start.problem });
    },
    (error: unknown) => store.dispatch({ type: 'noticed', notice: toErrorData(error) }),
  );
  return () => {
    for (const end of ends) end();
  };
}

function listenToMain({ dispatch, addImages }: Store): () => void {
  const ends = [
    listen('image', ({ id, event }) => dispatch({ type: 'image-event', id, event })),
    listen('drives', (list) => dispatch({ type: 'drives', ...list })),
    listen('job', (event) => dispatch({ type: 'job', ...event })),
    listen('closing', () => dispatch({ type: 'asked', question: 'closing' })),
    listen('opened', addImages),
    listen('vehicle', (vehicle) => dispatch({ type: 'vehicle', vehicle })),
    listen('ecus', (ecus) => dispatch({ type: 'ecus', ecus })),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Files that are dropped where nothing else takes them are images: never a page to be shown instead. */
function takeDropsAnywhere({ addImages }: Store): () => void {
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
}

/** Calls `react` when the selected part of the state is another one. One that throws fails the page. */
function watch<T>(
  store: Store,
  select: (state: State) => T,
  react: (value: T, before: T) => void,
): () => void {
  return store.subscribe((state, former) => {
    try {
      const value = select(state);
      const before = select(former);
      if (value !== before) react(value, before);
    } catch (error) {
      // Thrown out of the subscription it would keep the state from all that listens after this.
      if (state.failure === null) store.dispatch({ type: 'failed', error });
    }
  });
}

/** Asks for the plan whenever the images or their names changed. */
function makePlans(store: Store): () => void {
  let asked: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = watch(
    store,
    (state) => state.images,
    (images) => {
      const key = planKey(images);
      if (key === asked) return;
      asked = key;
      clearTimeout(timer);
      if (key === null) return;
      const finish = (plan: Omit<Plan, 'key'>): void => {
        if (asked === key) store.dispatch({ type: 'planned', plan: { key, ...plan } });
      };
      timer = setTimeout(() => {
        invoke('plan.preview', { images: JSON.parse(key) as ChosenImage[] }).then(
          (preview) => finish({ preview, error: null }),
          (error: unknown) => finish({ preview: null, error: toErrorData(error) }),
        );
      }, PLAN_DELAY);
    },
  );
  return () => {
    end();
    clearTimeout(timer);
  };
}

/** Has every image that is new in the list read, and forgotten once nothing brings it back. */
function readNewImages(store: Store): () => void {
  const asked = new Set<string>();
  const follow = (): void => {
    const { images, undo } = store.getState();
    const kept = new Set([...images, ...(undo?.images ?? [])].map(({ id }) => id));
    for (const id of asked.difference(kept)) {
      asked.delete(id);
      // Nobody waits for it; main logs what goes wrong.
      invoke('images.remove', { id }).catch(() => undefined);
    }
    const fresh = images.filter(({ id }) => !asked.has(id));
    for (const { id, path } of fresh) {
      asked.add(id);
      store.attempt(() => invoke('images.add', { id, path }));
    }
  };
  const ends = [
    watch(store, (state) => state.images, follow),
    watch(store, (state) => state.undo, follow),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Images that have a plan are the last set: it is offered at the next start. */
function rememberSet(store: Store): () => void {
  return watch(
    store,
    (state) => currentPlan(state)?.preview ?? null,
    (preview) => {
      const images = chosenImages(store.getState().images);
      if (preview === null || images === null) return;
      // Nobody asked for it; main logs what goes wrong.
      invoke('sets.remember', { images: [...images] }).catch(() => undefined);
    },
  );
}

/** Asks what finished sticks hold, as soon as they can be read. */
function readSticks(store: Store): () => void {
  let asked = new Set<string>();
  return watch(
    store,
    (state) => state.drives,
    (drives) => {
      const readable = drives.filter(
        ({ labels, mounts }) => labels.includes(CACHE_LABEL) && mounts.length > 0,
      );
      const fresh = readable.filter((drive) => !asked.has(driveKey(drive)));
      asked = new Set(readable.map(driveKey));
      for (const drive of fresh) {
        const keep = (manifest: Manifest | null): void =>
          store.dispatch({ type: 'stick-read', key: driveKey(drive), manifest });
        // Nobody asked for it: where it cannot be read, the list says as much as before.
        invoke('stick.read', { identity: drive.identity }).then(keep, () => undefined);
      }
    },
  );
}

/** Another CA folder may anchor what was not anchored, or refuse it: every image is read anew. */
function readAgainForAnotherCa(store: Store): () => void {
  return watch(
    store,
    ({ app, settings }) => (app === null ? undefined : settings.caDir),
    (_caDir, before) => {
      if (before === undefined) return;
      for (const { id, path } of store.getState().images) {
        store.dispatch({ type: 'image-reread', id });
        store.attempt(() => invoke('images.add', { id, path }));
      }
    },
  );
}
