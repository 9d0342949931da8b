import type { ErrorData } from '../../src/shared/errors.ts';
import type { Drive } from '../../src/shared/model/drive.ts';
import type { ImageReport } from '../../src/shared/model/image-report.ts';
import type { CheckReport } from '../../src/shared/model/job.ts';
import type { FakePayload } from './fake-data.ts';
import type { Phase } from '../../src/shared/model/progress.ts';
import type { VehicleScenario } from './fake-vehicle.ts';

/** What an image of the scenario is and how far its reading gets. */
export interface ScenarioImage {
  /** Of what is signed in it; by its name if it is not given. */
  readonly digest?: string;
  readonly signature?: ImageReport['signature']['state'];
  readonly warnings?: ImageReport['warnings'];
  readonly payloads?: readonly {
    readonly ecuId: string | null;
    readonly version: string | null;
    readonly releaseKey?: 'dev' | 'prd';
  }[];
  readonly files?: number;
  readonly bytes?: number;
  readonly error?: ErrorData;
  /** Stays there instead of going on. */
  readonly stopAt?: { readonly step: 'inspect' | 'check'; readonly fraction: number };
}

/**
 * What the stand-in for the engine plays: states of the screens that are hard to reach, or pass too
 * quickly to be looked at, with real images and drives. Written by a test, read anew at every use.
 */
export interface Scenario {
  readonly drives?: readonly Drive[];
  /** What is on drives that the desktop has mounted, by the path of the device. */
  readonly held?: Readonly<Record<string, readonly FakePayload[]>>;
  /** Why they cannot be listed. */
  readonly drivesError?: ErrorData;
  /** What happens when a stick is ejected after the build. */
  readonly ejectError?: ErrorData;
  /** By file name; others are ordinary images. */
  readonly images?: Readonly<Record<string, ScenarioImage>>;
  /** Why the preview's file table has no rows. */
  readonly filesError?: ErrorData;
  readonly job?: {
    /** Stays there until the scenario no longer says so. */
    readonly stopAt?: { readonly phase: Phase; readonly fraction: number };
    readonly error?: ErrorData;
    /** Phase in which `error` happens; writing if it is not given. */
    readonly errorIn?: Phase;
    readonly notEjected?: boolean;
    /** Of several drives: these, by their paths, are pulled out in that phase. */
    readonly pulled?: { readonly paths: readonly string[]; readonly phase: Phase };
    /** Something to say while it goes on. */
    readonly notice?: ErrorData;
  };
  /** What every check finds. */
  readonly check?: CheckReport;
  /** What checks of single drives or files find, by their paths; an error: they cannot be looked at. */
  readonly checks?: Readonly<Record<string, CheckReport | ErrorData>>;
  readonly vehicle?: VehicleScenario;
}
