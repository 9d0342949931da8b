import type { Page } from '@playwright/test';
import type { Scenario } from '../host/scenario.ts';
import type { Translator } from '../../src/shared/messages/index.ts';
import type { RunningApp } from './launch.ts';
import type { ScenarioFile } from './scenario-file.ts';

/** One state of the window that is worth a picture and an accessibility check. */
export interface Scene {
  readonly name: string;
  readonly scenario?: Scenario;
  /** Files that are dropped at first. */
  readonly images?: readonly string[];
  readonly act?: (on: SceneContext) => Promise<void>;
  readonly reducedMotion?: boolean;
}

export interface SceneContext {
  readonly app: RunningApp;
  readonly page: Page;
  readonly stage: ScenarioFile;
  readonly words: Translator;
  readonly folder: string;
}
