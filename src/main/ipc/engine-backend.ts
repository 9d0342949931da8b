import { join } from 'node:path';
import { readdir } from '../files/files.ts';
import { BuilderError, builderError, type ErrorData } from '../../shared/errors.ts';
import type { ChosenImage, DriveList, FileQuery, FileRow } from '../../shared/ipc.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { ImageRequest } from '../../shared/model/job.ts';
import type { Progress } from '../../shared/model/progress.ts';
import { wallClockSeconds } from '../../shared/wall-clock.ts';
import { driveSource } from '../drives/system-drives.ts';
import { watchDrives } from '../drives/watch-drives.ts';
import { checkElevation } from '../elevation/preflight.ts';
import { openStickReader, type StickReader } from '../elevation/stick-reader.ts';
import { openStickTargets } from '../elevation/stick-target.ts';
import { findWriterProgram, ownEntries } from '../elevation/writer-program.ts';
import { fingerprint } from '../engine/archive/fingerprint.ts';
import { smallestExt4SizeSteps } from '../engine/ext4/layout/layout-ext4.ts';
import type { InspectedImage } from '../engine/inspect/inspected-image.ts';
import { planSteps, type Plan } from '../engine/plan/plan.ts';
import { volumeOf } from '../engine/plan/volume.ts';
import { sortInSteps } from '../engine/sort.ts';
import { runYielding } from '../engine/event-loop.ts';
import {
  build,
  checkCaFolder,
  checkDrive,
  proveContents,
  checkTarget,
  inspectImages,
  openedTogether,
  planImages,
  settling,
} from '../jobs/index.ts';
import type { Backend, JobEvent, TrustOptions } from './backend.ts';

interface KnownImage {
  readonly path: string;
  readonly trust: TrustOptions;
  readonly image: InspectedImage;
  /** Its contents were hashed in the background, and are right. */
  readonly proven: boolean;
  /** The CA folder when the signature was checked. */
  readonly caPrint: string;
}

export interface EngineOptions {
  /** Also writes what nobody plugs in and out, as loop devices: for tests; the app never does. */
  readonly allowFixed: boolean;
}

/** The engine and the drives of this computer behind the app's port. */
export function engineBackend({ allowFixed }: EngineOptions): Backend {
  const known = new Map<string, KnownImage>();
  const planOf = cachedPlans(known);
  const files = cachedRows(planOf);
  /** What settled jobs still put away. A drive is theirs until then. */
  let remains: Promise<unknown> = Promise.resolve();
  const drivesGivenBack = async (signal: AbortSignal): Promise<void> => {
    // A job that was cancelled is among what remains: it would wait for itself.
    signal.throwIfAborted();
    await remains;
  };
  /** Gives up one output of the build that runs. */
  const stops = new Map<number, AbortController>();
  const stopOf = (output: number): AbortController => {
    const stop = stops.get(output) ?? new AbortController();
    stops.set(output, stop);
    return stop;
  };
  const remainsOf = (onEvent: (event: JobEvent) => void) => (ended: Promise<void>) => {
    remains = Promise.all([remains, ended]);
    onEvent({ kind: 'removing' });
  };

  return {
    inspect: async (id, path, trust, onProgress, signal) => {
      const caPrint = await folderPrint(trust.caDir);
      const [image] = await cancellable(signal, () =>
        inspectImages(
          { paths: [path], caDir: trust.caDir, checkSignature: true },
          {
            signal,
            onProgress: ({ bytesDone, bytesTotal }) =>
              onProgress({ done: bytesDone, total: bytesTotal ?? 0 }),
          },
        ),
      );
      if (image === undefined) throw new Error('nothing was inspected');
      known.set(id, { path, trust, image, proven: false, caPrint });
      return image.report;
    },

    checkContents: async (id, onProgress, signal) => {
      const subject = knownImage(known, id);
      const plan = await everythingIn(subject.image, signal);
      await cancellable(signal, () =>
        proveContents(plan, {
          signal,
          onProgress: ({ bytesDone, bytesTotal }) =>
            onProgress({ done: bytesDone, total: bytesTotal ?? 0 }),
        }),
      );
      // Unless it was forgotten or read anew meanwhile.
      if (known.get(id) === subject) known.set(id, { ...subject, proven: true });
      return null;
    },

    forget: (id) => {
      known.delete(id);
      return Promise.resolve(null);
    },

    checkCaFolder,

    preview: async (images) => {
      const { plan, driveBytes } = await planOf(images);
      return { summary: plan.summary, driveBytes };
    },

    files: async (query) => {
      const rows = await files(query);
      const { offset, limit } = query;
      return { matches: rows.length, rows: rows.slice(offset, offset + limit) };
    },

    build: (order, onEvent, signal) =>
      cancellable(signal, async () => {
        stops.clear();
        const program = findWriterProgram(ownEntries());
        const outputs = order.outputs.map((output) =>
          output.kind === 'drive' ? { ...output, allowFixed } : output,
        );
        // What is missing for the password dialog is told before anything else is done.
        const drives = outputs.filter(({ kind }) => kind === 'drive').length;
        if (drives > 0) await checkElevation(program);
        const caPrint = await folderPrint(order.caDir);
        const chosen = order.images.map((image) => ({ image, known: knownImage(known, image.id) }));
        return build(
          {
            images: chosen.flatMap((each) => requestsOf(each.image, each.known)),
            outputs,
            caDir: order.caDir,
            checkSignature: true,
            timestamp: null,
          },
          {
            signal,
            onProgress: (progress) => onEvent({ kind: 'progress', progress }),
            onOutcomes: (outcomes) => onEvent({ kind: 'outcomes', outcomes }),
            // Of a single drive the progress of the job says the same.
            ...(drives > 1 && {
              onLaneProgress: (output: number, progress: Progress) =>
                onEvent({ kind: 'lane', output, progress }),
            }),
            outputSignal: (output) => stopOf(output).signal,
            onRemains: remainsOf(onEvent),
            known: chosen
              .map((each) => each.known)
              .filter((each) => each.trust.caDir === order.caDir && each.caPrint === caPrint),
            openDrives: async (requests) => {
              await drivesGivenBack(signal);
              const drives = requests.map(({ identity }) => ({
                ...{ identity, allowFixed },
                onNotice: (notice: ErrorData) => onEvent({ kind: 'notice', notice }),
              }));
              return openedTogether(openStickTargets(drives, { program, signal }));
            },
          },
        );
      }),

    stopOutput: (output) => {
      stopOf(output).abort();
      return Promise.resolve(null);
    },

    check: (subject, onEvent, signal) => {
      const context = {
        signal,
        onProgress: (progress: Progress) => onEvent({ kind: 'progress', progress }),
        onRemains: remainsOf(onEvent),
      };
      return cancellable(signal, () =>
        subject.kind === 'drive'
          ? settling(context, async (own) => {
              await drivesGivenBack(signal);
              return withDrive(subject.identity, { allowFixed, signal, onEvent }, (drive) =>
                checkDrive(drive, own),
              );
            })
          : checkTarget(subject.path, context),
      );
    },

    watchDrives: (onDrives, signal) =>
      new Promise((resolve) => {
        let list: DriveList = { drives: [], error: null };
        const end = watchDrives(driveSource(), (event) => {
          // Drives that can no longer be seen must not stay on offer.
          list =
            event.kind === 'drives'
              ? { drives: [...event.drives], error: null }
              : { drives: [], error: event.error };
          onDrives(list);
        });
        signal.addEventListener('abort', () => {
          end();
          resolve(null);
        });
      }),

    eject: async (identity) => {
      await remains;
      const notices: ErrorData[] = [];
      const onEvent = (event: JobEvent): void => {
        if (event.kind === 'notice') notices.push(event.notice);
      };
      return withDrive(identity, { allowFixed, onEvent }, async (drive) => {
        const why = {
          code: 'drive-eject-failed',
          params: { drive: drive.name, reason: '' },
        } as const;
        if (!(await drive.eject())) throw new BuilderError(notices.at(-1) ?? why);
        return null;
      });
    },

    removed: async () => {
      await remains;
      return null;
    },
  };
}

/** Changes with the files of a folder: whoever was taken out of the CA folder is no longer trusted. */
async function folderPrint(folder: string | null): Promise<string> {
  if (folder === null) return '';
  const names = await readdir(folder).catch(() => []);
  const prints = await Promise.all(
    names.sort().map((name) => fingerprint(join(folder, name)).catch(() => null)),
  );
  return JSON.stringify([names, prints]);
}

interface DriveAccess {
  readonly allowFixed: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
}

/** Opens a drive for reading, and closes it whatever happens. */
async function withDrive<T>(
  identity: DriveIdentity,
  { allowFixed, signal, onEvent }: DriveAccess,
  work: (drive: StickReader) => Promise<T>,
): Promise<T> {
  const program = findWriterProgram(ownEntries());
  await checkElevation(program);
  const drive = await openStickReader({
    identity,
    allowFixed,
    program,
    ...(signal === undefined ? {} : { signal }),
    onNotice: (notice) => onEvent?.({ kind: 'notice', notice }),
  });
  try {
    return await work(drive);
  } finally {
    await drive.close();
  }
}

function knownImage(known: ReadonlyMap<string, KnownImage>, id: string): KnownImage {
  const image = known.get(id);
  if (image === undefined) throw builderError('internal', { detail: `unknown image ${id}` });
  return image;
}

/** What was chosen of an image, as the jobs ask for it: one request for each payload, or one for all. */
function requestsOf(
  { ecuId, version, payloads }: ChosenImage,
  { path, image }: KnownImage,
): ImageRequest[] {
  if (payloads === null) return [{ path, ecuId, version, releaseKey: null }];
  return payloads.map((index) => {
    const payload = image.report.payloads[index];
    if (payload === undefined) throw builderError('internal', { detail: `no payload ${index}` });
    return { path, ecuId: payload.ecuId, version, releaseKey: payload.releaseKey };
  });
}

/** A plan of every payload of an image, each under a name of its own: it is only read, never written. */
function everythingIn(image: InspectedImage, signal: AbortSignal): Promise<Plan> {
  const entries = image.payloads.map((payload, index) => ({
    image,
    payload,
    meta: { ecu_id: `any${index}`, image_version: '', ota_metadata_version: 1 as const },
  }));
  return runYielding(planSteps(entries, 0), signal);
}

/** Whatever an aborted job throws, what happened is that it was cancelled. */
async function cancellable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw builderError('cancelled', {}, error);
    throw error;
  }
}

interface Planned {
  readonly plan: Plan;
  readonly driveBytes: number;
}

/** Plans for choices of images; the last one is kept, since the preview asks for it page by page. */
function cachedPlans(
  known: ReadonlyMap<string, KnownImage>,
): (images: readonly ChosenImage[]) => Promise<Planned> {
  let last: { readonly key: string; readonly planned: Promise<Planned> } | null = null;
  return (images) => {
    const chosen = images.map((image) => ({ image, found: knownImage(known, image.id) }));
    const prints = chosen.map(({ found }) => found.image.report.fingerprint);
    const key = JSON.stringify([images, prints]);
    if (last?.key === key) return last.planned;
    const entries = chosen.flatMap(({ image, found }) =>
      requestsOf(image, found).map((request) => ({ request, image: found.image })),
    );
    const planned = (async (): Promise<Planned> => {
      const plan = await planImages(
        entries.map(({ request }) => request),
        entries.map(({ image }) => image),
        wallClockSeconds(),
      );
      const volume = await runYielding(volumeOf(plan), undefined);
      const size = smallestExt4SizeSteps({ ...plan, ...volume });
      return { plan, driveBytes: await runYielding(size, undefined) };
    })();
    last = { key, planned };
    planned.catch(() => {
      if (last?.planned === planned) last = null;
    });
    return planned;
  };
}

/** Rows of the file table for a query; those of the last search and order are kept. */
function cachedRows(
  planOf: (images: readonly ChosenImage[]) => Promise<Planned>,
): (query: FileQuery) => Promise<readonly FileRow[]> {
  let last: {
    readonly plan: Plan;
    readonly key: string;
    readonly rows: readonly FileRow[];
  } | null = null;
  return async ({ images, search, sort }) => {
    // A new one when an image was read again.
    const { plan } = await planOf(images);
    const key = JSON.stringify([search, sort]);
    if (last?.plan === plan && last.key === key) return last.rows;
    const needle = search.trim().toLowerCase();
    const rows = plan.files
      .filter(({ path }) => needle === '' || path.toLowerCase().includes(needle))
      .map(({ path, size }) => ({ path, size }));
    const order =
      sort === 'size'
        ? (a: FileRow, b: FileRow) => b.size - a.size
        : (a: FileRow, b: FileRow) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
    await runYielding(sortInSteps(rows, order), undefined);
    last = { plan, key, rows };
    return rows;
  };
}
