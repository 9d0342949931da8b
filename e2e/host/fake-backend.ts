import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { BuilderError, builderError } from '../../src/shared/errors.ts';
import type { ChosenImage, PlanPreview } from '../../src/shared/ipc.ts';
import type { ImageReport } from '../../src/shared/model/image-report.ts';
import { PHASES, type Phase } from '../../src/shared/model/progress.ts';
import type { Backend, JobEvent } from '../../src/main/ipc/backend.ts';
import { serve } from '../../src/main/ipc/rpc.ts';
import { FakeOutcomes } from './fake-outcomes.ts';
import { fakeCheck } from './fake-check.ts';
import { outputOf, FAKE_IMAGE, FAKE_MILLISECONDS, FAKE_SIGNATURE } from './fake-data.ts';
import { playedVehicle } from './fake-vehicle.ts';
import type { Scenario, ScenarioImage } from './scenario.ts';

const MB = 1e6;
/** Bytes a second that the played drive writes. */
const SPEED = 34.2 * MB;

function scenario(): Scenario {
  return JSON.parse(readFileSync(process.env['OTA_HOST_SCENARIO'] ?? '', 'utf8')) as Scenario;
}

const images = new Map<string, { name: string; report: ImageReport }>();

function played(name: string): ScenarioImage {
  return scenario().images?.[name] ?? {};
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function reportOf(file: string, image: ScenarioImage): ImageReport {
  const state = image.signature ?? 'anchored';
  const files = image.files ?? FAKE_IMAGE.files;
  return {
    path: file,
    format: image.payloads === undefined ? 'legacy' : 'v1',
    container: 'gzip',
    fingerprint: { size: 354_000_000, mtimeMs: 0, inode: '1' },
    digest: image.digest ?? sha256(path.basename(file)),
    signature: {
      state,
      signer: state === 'unchecked' ? null : 'OTA Signing 2026, Example Motors Inc.',
      chain: state === 'anchored' ? 'example' : null,
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2027-01-01T00:00:00Z',
    },
    payloads: (image.payloads ?? [{ ecuId: null, version: FAKE_IMAGE.version }]).map((payload) => ({
      ...payload,
      releaseKey: payload.releaseKey ?? null,
      directories: 1811,
      symlinks: 402,
      files,
      persistents: 12,
      hardLinkedFiles: 31,
      blobs: files,
      compressedBlobs: 0,
      storedBytes: image.bytes ?? FAKE_IMAGE.bytes,
      unpackedBytes: 900 * MB,
    })),
    warnings: image.warnings ?? [],
  };
}

const rest = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Never settles but for the abort. */
function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const cancel = (): void => reject(builderError('cancelled', {}));
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel);
  });
}

async function read(
  step: 'inspect' | 'check',
  image: ScenarioImage,
  onProgress: (news: { done: number; total: number }) => void,
  signal: AbortSignal,
): Promise<void> {
  if (image.stopAt?.step === step) {
    onProgress({ done: image.stopAt.fraction * 100, total: 100 });
    await forever(signal);
  }
  await rest(20);
}

function previewOf(chosen: readonly ChosenImage[]): PlanPreview {
  const payloads = chosen.flatMap(({ id, ecuId, version, payloads: wanted }) =>
    (images.get(id)?.report.payloads ?? [])
      .filter((_payload, at) => wanted?.includes(at) ?? true)
      .map((payload) => ({
        ecuId: ecuId ?? payload.ecuId ?? '',
        version: version ?? payload.version ?? '',
        files: payload.files,
        bytes: payload.storedBytes,
      })),
  );
  const summary = outputOf(payloads);
  return { summary, driveBytes: summary.totalBytes * 1.06 };
}

/** A name like those in data/: the same for the same row. */
function rowAt(index: number): { path: string; size: number } {
  const word = Math.imul(index + 1, 2_654_435_761) >>> 0;
  const name = word.toString(16).padStart(8, '0').repeat(8);
  return {
    path: `data/${name}`,
    size: Math.round(48 * MB * Math.exp(-index / 900)) + (index % 97),
  };
}

const DURATIONS: Partial<Record<Phase, number>> = {
  prepare: 60,
  write: 240,
  flush: 60,
  verify: 180,
};

/** Returns when the scenario has the job go on. */
async function standing(phase: Phase, signal: AbortSignal): Promise<void> {
  while (scenario().job?.stopAt?.phase === phase) {
    if (signal.aborted) throw builderError('cancelled', {});
    await rest(50);
  }
}

/** Files are neither read back nor ejected. */
const FILE_PHASES: readonly Phase[] = ['inspect', 'check', 'write', 'flush'];

async function playPhases(
  phases: readonly Phase[],
  total: number,
  onEvent: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const phase of phases) {
    const counts = !['look', 'prepare', 'flush', 'commit', 'eject'].includes(phase);
    const tell = (fraction: number): void =>
      onEvent({
        kind: 'progress',
        progress: {
          phase,
          bytesDone: counts ? Math.round(total * fraction) : 0,
          bytesTotal: counts ? total : null,
          filesDone: 0,
          filesTotal: null,
          bytesPerSecond: counts ? SPEED : null,
          secondsLeft: counts ? (total * (1 - fraction)) / SPEED : null,
        },
      });
    for (let part = 0; part <= 4; part += 1) {
      signal.throwIfAborted();
      tell(part / 4);
      const { stopAt } = scenario().job ?? {};
      if (stopAt?.phase === phase) {
        tell(stopAt.fraction);
        await standing(phase, signal);
      }
      await rest((DURATIONS[phase] ?? 20) / 4);
    }
    const { error, errorIn = 'write' } = scenario().job ?? {};
    if (error !== undefined && errorIn === phase) throw new BuilderError(error);
  }
}

/** The outputs of the last build. */
let running: FakeOutcomes | null = null;

const backend: Backend = {
  ...playedVehicle(() => scenario().vehicle ?? {}),
  findImages: (paths) => Promise.resolve(paths),
  inspect: async (id, file, _options, onProgress, signal) => {
    const name = path.basename(file);
    const image = played(name);
    await read('inspect', image, onProgress, signal);
    if (image.error !== undefined) throw new BuilderError(image.error);
    const report = reportOf(file, image);
    images.set(id, { name, report });
    return report;
  },
  proveContents: async (id, onProgress, signal) => {
    await read('check', played(images.get(id)?.name ?? ''), onProgress, signal);
    return null;
  },
  forget: (id) => {
    images.delete(id);
    return Promise.resolve(null);
  },
  checkCaFolder: () => Promise.resolve({ chains: ['example'], withoutRoot: [] }),
  preview: (chosen) => Promise.resolve(previewOf(chosen)),
  files: ({ images: chosen, search, offset, limit }) => {
    const { filesError } = scenario();
    if (filesError !== undefined) return Promise.reject(new BuilderError(filesError));
    const { totalFiles } = previewOf(chosen).summary;
    const all = Array.from({ length: totalFiles }, (_, index) => index);
    const found = search === '' ? all : all.filter((index) => rowAt(index).path.includes(search));
    const rows = found.slice(offset, offset + limit).map(rowAt);
    return Promise.resolve({ matches: found.length, rows });
  },
  build: async (order, onEvent, signal) => {
    const { summary } = previewOf(order.images);
    const outcomes = new FakeOutcomes(order.outputs, onEvent);
    running = outcomes;
    const tell = (event: JobEvent): void => {
      outcomes.take(event);
      const { pulled } = scenario().job ?? {};
      if (event.kind === 'progress' && event.progress.phase === pulled?.phase)
        for (const device of pulled.paths) outcomes.pull(device);
    };
    const drive = order.outputs.some(({ kind }) => kind === 'drive');
    const refreshes = order.outputs.some((output) => output.kind === 'drive' && output.refresh);
    const drivePhases = PHASES.filter((phase) => phase !== 'look' || refreshes);
    const phases = drive ? drivePhases : FILE_PHASES;
    const { notice } = scenario().job ?? {};
    if (notice !== undefined) onEvent({ kind: 'notice', notice });
    await playPhases(phases, summary.totalBytes, tell, signal);
    return {
      summary,
      signatures: order.images.map(() => FAKE_SIGNATURE),
      images: order.images.flatMap(({ id }) => images.get(id)?.report ?? []),
      outcomes: outcomes.finish(summary.totalBytes, scenario().job?.notEjected !== true),
      milliseconds: FAKE_MILLISECONDS,
    };
  },
  check: ({ subjects, eject }, onEvent, signal) =>
    fakeCheck(subjects, { eject, scenario, onEvent, signal, play: playPhases }),
  watchDrives: async (onDrives, signal) => {
    let last = '';
    while (!signal.aborted) {
      const { drives = [], drivesError: error = null } = scenario();
      const list = { drives: [...drives], error };
      const text = JSON.stringify(list);
      if (text !== last) onDrives(list);
      last = text;
      await rest(100);
    }
    return null;
  },
  stopOutput: (output) => {
    running?.stop(output);
    return Promise.resolve(null);
  },
  removed: () => Promise.resolve(null),
  readManifest: ({ path: device }) => {
    const held = scenario().held?.[device];
    return Promise.resolve(held === undefined ? null : outputOf(held).manifest);
  },

  eject: () => {
    const { ejectError } = scenario();
    return ejectError === undefined
      ? Promise.resolve(null)
      : Promise.reject(new BuilderError(ejectError));
  },
};

if (parentPort === null) throw new Error('runs in a worker thread');
serve(parentPort, backend);
