import { join } from 'node:path';
import { readdir } from '../files/files.ts';
import { BuilderError, builderError, type ErrorData } from '../../shared/errors.ts';
import type { DriveList } from '../../shared/ipc.ts';
import { findDrive } from '../../shared/model/drive.ts';
import type { ImageRequest } from '../../shared/model/job.ts';
import type { Progress } from '../../shared/model/progress.ts';
import { driveSource } from '../drives/system-drives.ts';
import { watchDrives } from '../drives/watch-drives.ts';
import { assertElevation } from '../elevation/preflight.ts';
import { openStickTargets } from '../elevation/stick-target.ts';
import { findWriterProgram, ownEntries } from '../elevation/writer-program.ts';
import { fingerprint } from '../engine/archive/fingerprint.ts';
import { ProvenContents } from '../engine/plan/proven-contents.ts';
import { HashPool } from '../engine/pool/hash-pool.ts';
import {
  build,
  checkCaFolder,
  checkAll,
  proveContents,
  proveInspected,
  findImages,
  inspectImages,
  openedTogether,
  type JobContext,
} from '../jobs/index.ts';
import type { Backend, BuildOrder, JobEvent } from './backend.ts';
import { DriveGate } from './drive-gate.ts';
import { mountedManifest } from './mounted-manifest.ts';
import { vehicleCalls } from './vehicle-backend.ts';
import {
  cachedPlans,
  cachedRows,
  everythingIn,
  knownImage,
  requestsOf,
  type RememberedImage,
} from './plan-cache.ts';

export interface EngineOptions {
  /** Also writes fixed drives and loop devices: for tests; the app never does. */
  readonly allowFixed: boolean;
}

/** The engine and the drives of this computer behind the app's port. */
export function engineBackend({ allowFixed }: EngineOptions): Backend {
  const known = new Map<string, RememberedImage>();
  const gate = new DriveGate(allowFixed);
  return {
    ...imageCalls(known),
    ...planCalls(known),
    ...buildCalls(known, gate, allowFixed),
    ...driveCalls(gate),
    ...vehicleCalls(),
    checkCaFolder,
    findImages: (paths) => findImages(paths),
  };
}

type ImageCalls = Pick<Backend, 'inspect' | 'proveContents' | 'forget'>;

/** Reads images, and keeps what was found under their ids. */
function imageCalls(known: Map<string, RememberedImage>): ImageCalls {
  return {
    inspect: async (id, path, trust, onProgress, signal) => {
      const caPrint = await folderPrint(trust.caDir);
      await using pool = new HashPool();
      const [image] = await cancellable(signal, () =>
        inspectImages(
          { paths: [path], caDir: trust.caDir, checkSignature: true },
          {
            signal,
            pool,
            onProgress: ({ bytesDone, bytesTotal }) =>
              onProgress({ done: bytesDone, total: bytesTotal ?? 0 }),
          },
        ),
      );
      if (image === undefined) throw new Error('nothing was inspected');
      known.set(id, { path, trust, image, proven: null, caPrint });
      return image.report;
    },

    proveContents: async (id, onProgress, signal) => {
      const subject = knownImage(known, id);
      const { image } = subject;
      const proven = new ProvenContents();
      await cancellable(signal, async () => {
        const plan = await everythingIn(image, signal);
        const left = await proveInspected(plan, [image], proven, signal);
        await proveContents(plan, left, proven, {
          signal,
          onProgress: ({ bytesDone, bytesTotal }) =>
            onProgress({ done: bytesDone, total: bytesTotal ?? 0 }),
        });
      });
      // Unless it was forgotten or read anew meanwhile. The digests have told what they can.
      if (known.get(id) === subject)
        known.set(id, { ...subject, image: { ...image, digests: null }, proven });
      return null;
    },

    forget: (id) => {
      known.delete(id);
      return Promise.resolve(null);
    },
  };
}

/** Previews of what a build would write. */
function planCalls(
  known: ReadonlyMap<string, RememberedImage>,
): Pick<Backend, 'preview' | 'files'> {
  const planOf = cachedPlans(known);
  const files = cachedRows(planOf);
  return {
    preview: async (images) => {
      const { plan, driveBytes } = await planOf(images);
      return { summary: plan.summary, driveBytes };
    },

    files: async (query) => {
      const rows = await files(query);
      const { offset, limit } = query;
      return { matches: rows.length, rows: rows.slice(offset, offset + limit) };
    },
  };
}

/** Builds, and gives up single outputs of the build that runs. */
function buildCalls(
  known: ReadonlyMap<string, RememberedImage>,
  gate: DriveGate,
  allowFixed: boolean,
): Pick<Backend, 'build' | 'stopOutput'> {
  /** Gives up one output of the build that runs. */
  const stops = new Map<number, AbortController>();
  const stopOf = (output: number): AbortController => {
    const stop = stops.get(output) ?? new AbortController();
    stops.set(output, stop);
    return stop;
  };
  return {
    build: (order, onEvent, signal) =>
      cancellable(signal, async () => {
        stops.clear();
        const program = findWriterProgram(ownEntries(), 'write');
        const outputs = order.outputs.map((output) =>
          output.kind === 'drive' ? { ...output, allowFixed } : output,
        );
        // What is missing for the password dialog is reported before anything else is done.
        const drives = outputs.filter(({ kind }) => kind === 'drive').length;
        if (drives > 0) await assertElevation(program);
        const { images, trusted } = await chosenImages(known, order);
        return build(
          { images, outputs, caDir: order.caDir, checkSignature: true, timestamp: null },
          {
            ...reportsOf(onEvent, drives),
            signal,
            outputSignal: (output) => stopOf(output).signal,
            onCleanup: cleanupOf(gate, onEvent),
            known: trusted,
            openDrives: async (requests) => {
              await gate.opened(signal);
              const wanted = requests.map(({ identity }) => ({
                ...{ identity, allowFixed },
                onNotice: (notice: ErrorData) => onEvent({ kind: 'notice', notice }),
              }));
              return openedTogether(openStickTargets(wanted, { program, signal }));
            },
          },
        );
      }),

    stopOutput: (output) => {
      stopOf(output).abort();
      return Promise.resolve(null);
    },
  };
}

/** The images of an order as the jobs ask for them, and those that are still trusted as they were read. */
async function chosenImages(
  known: ReadonlyMap<string, RememberedImage>,
  { images, caDir }: BuildOrder,
): Promise<{ images: ImageRequest[]; trusted: RememberedImage[] }> {
  const caPrint = await folderPrint(caDir);
  const chosen = images.map((image) => ({ image, known: knownImage(known, image.id) }));
  return {
    images: chosen.flatMap((each) => requestsOf(each.image, each.known)),
    trusted: chosen
      .map((each) => each.known)
      .filter((each) => each.trust.caDir === caDir && each.caPrint === caPrint),
  };
}

/** Turns what a build reports into events. */
function reportsOf(
  onEvent: (event: JobEvent) => void,
  drives: number,
): Pick<JobContext, 'onProgress' | 'onOutcomes' | 'onLaneProgress'> {
  return {
    onProgress: (progress) => onEvent({ kind: 'progress', progress }),
    onOutcomes: (outcomes) => onEvent({ kind: 'outcomes', outcomes }),
    // Of a single drive the progress of the job says the same.
    ...(drives > 1 && {
      onLaneProgress: (output: number, progress: Progress) =>
        onEvent({ kind: 'lane', output, progress }),
    }),
  };
}

/** Reports that a settled job still puts away, and keeps the drives from others until it has. */
function cleanupOf(gate: DriveGate, onEvent: (event: JobEvent) => void) {
  return (ended: Promise<void>): void => {
    gate.closeUntil(ended);
    onEvent({ kind: 'removing' });
  };
}

/** What reads drives, lists them, or gives them back. */
function driveCalls(
  gate: DriveGate,
): Pick<Backend, 'check' | 'watchDrives' | 'readManifest' | 'eject' | 'removed'> {
  let list: DriveList = { drives: [], error: null };
  return {
    check: (request, onEvent, signal) =>
      cancellable(signal, () =>
        checkAll(request, {
          signal,
          onProgress: (progress) => onEvent({ kind: 'progress', progress }),
          onChecks: (checks) => onEvent({ kind: 'checks', checks }),
          onCleanup: cleanupOf(gate, onEvent),
          openDrives: (drives) => gate.openReaders(drives, { signal, onEvent }),
        }),
      ),

    watchDrives: (onDrives, signal) =>
      new Promise((resolve) => {
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

    readManifest: async (identity) => {
      const found = findDrive(list.drives, identity);
      return found === null ? null : mountedManifest(found.drive);
    },

    eject: async (identity) => {
      const notices: ErrorData[] = [];
      const onEvent = (event: JobEvent): void => {
        if (event.kind === 'notice') notices.push(event.notice);
      };
      return gate.read(identity, { onEvent }, async (drive) => {
        const why = {
          code: 'drive-eject-failed',
          params: { drive: drive.name, reason: '' },
        } as const;
        if (!(await drive.eject())) throw new BuilderError(notices.at(-1) ?? why);
        return null;
      });
    },

    removed: async () => {
      await gate.opened();
      return null;
    },
  };
}

/** Changes with the files of a folder: a root that was taken out of the CA folder is no longer trusted. */
async function folderPrint(folder: string | null): Promise<string> {
  if (folder === null) return '';
  const names = await readdir(folder).catch(() => []);
  const prints = await Promise.all(
    names.sort().map((name) => fingerprint(join(folder, name)).catch(() => null)),
  );
  return JSON.stringify([names, prints]);
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
