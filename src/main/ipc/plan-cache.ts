import { builderError } from '../../shared/errors.ts';
import type { ChosenImage, FileQuery, FileRow } from '../../shared/ipc.ts';
import type { ImageRequest } from '../../shared/model/job.ts';
import { wallClockSeconds } from '../../shared/wall-clock.ts';
import { runYielding } from '../engine/event-loop.ts';
import { smallestExt4SizeSteps } from '../engine/ext4/layout/layout-ext4.ts';
import { isFinished, type InspectedInput } from '../engine/inspect/inspected-image.ts';
import { planSteps, type Plan } from '../engine/plan/plan.ts';
import { volumeOf } from '../engine/plan/volume.ts';
import { sortInSteps } from '../engine/sort.ts';
import { planFinished, planImages, type KnownImage } from '../jobs/index.ts';
import type { TrustOptions } from './backend.ts';

/** An inspected image that the window has an id for. */
export interface RememberedImage extends KnownImage {
  readonly path: string;
  readonly trust: TrustOptions;
  /** The CA folder when the signature was checked. */
  readonly caPrint: string;
}

export function knownImage(
  known: ReadonlyMap<string, RememberedImage>,
  id: string,
): RememberedImage {
  const image = known.get(id);
  if (image === undefined) throw builderError('internal', { detail: `unknown image ${id}` });
  return image;
}

/** What was chosen of an image, as the jobs ask for it: one request for each payload, or one for all. */
export function requestsOf(
  { ecuId, version, payloads }: ChosenImage,
  { path, image }: RememberedImage,
): ImageRequest[] {
  if (payloads === null) return [{ path, ecuId, version, releaseKey: null }];
  return payloads.map((index) => {
    const payload = image.report.payloads[index];
    if (payload === undefined) throw builderError('internal', { detail: `no payload ${index}` });
    return { path, ecuId: payload.ecuId, version, releaseKey: payload.releaseKey };
  });
}

/** A plan of every payload of an image, each under a name of its own: it is only read, never written. */
export function everythingIn(image: InspectedInput, signal: AbortSignal): Promise<Plan> {
  if (isFinished(image)) return planFinished(image, signal);
  const entries = image.payloads.map((payload, index) => ({
    image,
    payload,
    meta: { ecu_id: `any${index}`, image_version: '', ota_metadata_version: 1 as const },
  }));
  return runYielding(planSteps(entries, 0), signal);
}

export interface Planned {
  readonly plan: Plan;
  readonly driveBytes: number;
}

/** Plans for choices of images; the last one is kept, since the preview asks for it page by page. */
export function cachedPlans(
  known: ReadonlyMap<string, RememberedImage>,
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
export function cachedRows(
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
