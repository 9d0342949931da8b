import type { ErrorData } from '../../shared/errors.ts';
import type {
  AppStart,
  Events,
  ImageEvent,
  Jobs,
  PlanPreview,
  Settings,
} from '../../shared/ipc.ts';
import type { ImageSet, KnownEcus, Sets } from '../../shared/ipc-sets.ts';
import type { Drive, DriveIdentity } from '../../shared/model/drive.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import type { Manifest } from '../../shared/model/manifest.ts';
import type { VehicleState } from '../../shared/model/vehicle-state.ts';
import type { VehicleAction, VehicleDraft } from './vehicle-model.ts';

export type ImageStatus =
  | { readonly kind: 'reading' | 'checking'; readonly done: number; readonly total: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** One row of the list. */
export interface ImageItem {
  readonly id: string;
  readonly path: string;
  /** Images of one number were added together; later ones have a higher one. */
  readonly batch: number;
  /** It was not read yet. */
  readonly isNew: boolean;
  /** As typed; {@link normalizeEcuId} makes an id of it. Empty where nobody knows. */
  readonly ecuId: string;
  /** `ecuId` is a guess from the file name. */
  readonly isGuess: boolean;
  readonly version: string;
  /** The person typed a version: the one inside the image no longer replaces it. */
  readonly versionEdited: boolean;
  readonly status: ImageStatus;
  readonly report: ImageReport | null;
  /** Positions in the report's payloads of those that are taken, ascending. */
  readonly payloads: readonly number[];
  /** Keys of those that the person left out, which outlive a new reading. */
  readonly leftOut: readonly string[];
  /** Digest of the image when its set was saved; null: it is of no set. */
  readonly expected: string | null;
}

/** An image took the place of another one of its ECU. */
export interface Replacement {
  readonly ecuId: string;
  /** Version, or name of the file where none is known. */
  readonly before: string;
  readonly after: string;
  /** Its version is lower. */
  readonly isOlder: boolean;
}

/** What can be taken back, and how. */
export interface Undo {
  /** The list as it was before. */
  readonly images: readonly ImageItem[];
  /** The addition that did it. */
  readonly batch: number;
  readonly what: 'removed' | 'opened' | readonly Replacement[];
}

/** Something to say that belongs to no row. */
export type Notice =
  | ErrorData
  | { readonly saved: string }
  | { readonly already: string }
  | { readonly tooMany: number }
  | { readonly busy: true };

export type Screen = 'flow' | 'preview' | 'vehicle' | 'check' | 'history' | 'settings';

export interface FileOutput {
  readonly kind: 'tar' | 'img' | 'folder';
  readonly path: string;
}

/** The plan of the images as they are now; `key` tells whether it still fits. */
export interface Plan {
  readonly key: string;
  readonly preview: PlanPreview | null;
  readonly error: ErrorData | null;
}

export interface State {
  readonly app: Pick<AppStart, 'version' | 'platform' | 'systemLanguage' | 'screenReader'> | null;
  readonly settings: Settings;
  /** Names of those that an administrator has fixed. */
  readonly fixedSettings: AppStart['fixed'];
  readonly screen: Screen;
  /** Of the history only what this job left is shown; null: all of it. */
  readonly historyJob: string | null;
  readonly images: readonly ImageItem[];
  readonly undo: Undo | null;
  readonly ecus: KnownEcus;
  readonly sets: Sets;
  /** Order of the preview's file table. */
  readonly previewSort: AppStart['previewSort'];
  readonly drives: readonly Drive[];
  /** Why the drives cannot be listed. */
  readonly drivesError: ErrorData | null;
  /** The drives that are chosen, in the order in which they were. */
  readonly chosen: readonly DriveIdentity[];
  /** Drives that went away while they were chosen; said until one is chosen or they are back. */
  readonly unplugged: readonly Drive[];
  /** What drives say that they hold, by {@link driveKey}; null: not known without more rights. */
  readonly held: Readonly<Record<string, Manifest | null>>;
  /** Sticks that hold an offline OTA image are written as a whole, too. */
  readonly anew: boolean;
  readonly file: FileOutput | null;
  readonly plan: Plan | null;
  readonly jobs: Jobs;
  /** The result of the last build takes the whole step; else it is one line, and the next stick has the step. */
  readonly isResultOpen: boolean;
  /** A job that ended while another screen was shown; said there until the person has looked at it. */
  readonly endedElsewhere: keyof Jobs | null;
  readonly vehicle: VehicleState;
  readonly vehicleDraft: VehicleDraft;
  /** What a person is asked right now. */
  readonly question:
    | 'confirm'
    | 'stop'
    | 'closing'
    | 'update'
    | 'stop-update'
    | { readonly stopOutput: number }
    | null;
  readonly notice: Notice | null;
  /** What went wrong in the window itself: the page cannot be trusted any more, and says so. */
  readonly failure: { readonly error: unknown } | null;
}

/** An image that somebody dropped, chose or opened; the id is the window's own. */
export interface AddedImage {
  readonly id: string;
  readonly path: string;
}

export type Action =
  | { readonly type: 'started'; readonly start: AppStart }
  | { readonly type: 'images-added'; readonly images: readonly AddedImage[] }
  | {
      readonly type: 'image-event';
      readonly id: string;
      readonly event: ImageEvent;
    }
  | {
      readonly type: 'image-edited';
      readonly id: string;
      readonly ecuId?: string;
      readonly version?: string;
    }
  | {
      readonly type: 'payloads-chosen';
      readonly id: string;
      readonly payloads: readonly number[];
    }
  | { readonly type: 'image-removed'; readonly id: string }
  | { readonly type: 'image-reread'; readonly id: string }
  | { readonly type: 'image-moved'; readonly id: string; readonly to: number }
  | { readonly type: 'undone' }
  | { readonly type: 'set-opened'; readonly set: ImageSet; readonly ids: readonly string[] }
  | { readonly type: 'sets'; readonly sets: Sets }
  | { readonly type: 'ecus'; readonly ecus: KnownEcus }
  | { readonly type: 'preview-sorted'; readonly sort: AppStart['previewSort'] }
  | {
      readonly type: 'drives';
      readonly drives: readonly Drive[];
      readonly error?: ErrorData | null;
    }
  | { readonly type: 'drives-chosen'; readonly chosen: readonly DriveIdentity[] }
  | { readonly type: 'write-anew'; readonly anew: boolean }
  | { readonly type: 'stick-read'; readonly key: string; readonly manifest: Manifest | null }
  | { readonly type: 'result-opened'; readonly isOpen: boolean }
  | { readonly type: 'file-chosen'; readonly file: FileOutput | null }
  | { readonly type: 'planned'; readonly plan: Plan }
  | ({ readonly type: 'job' } & Events['job'])
  | VehicleAction
  /** `job`: of the history only what this job left. */
  | { readonly type: 'screen'; readonly screen: Screen; readonly job?: string }
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'asked'; readonly question: State['question'] }
  | { readonly type: 'noticed'; readonly notice: State['notice'] }
  | { readonly type: 'failed'; readonly error: unknown };
