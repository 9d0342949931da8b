import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Language } from '../../src/shared/messages/index.ts';
import type { AppStart, Bridge } from '../../src/shared/ipc.ts';
import { launch, type RunningApp } from './launch.ts';
import type { Scene } from './scene.ts';
import { play } from './scenes.ts';
import { HISTORY } from './scenes/records.ts';
import { ScenarioFile } from './scenario-file.ts';

/** One app that shows scene after scene: starting one for each would take most of the time. */
export class SceneRunner {
  readonly app: RunningApp;
  readonly #folder: string;

  private constructor(app: RunningApp, folder: string) {
    this.app = app;
    this.#folder = folder;
  }

  static async open(): Promise<SceneRunner> {
    const folder = await mkdtemp(path.join(tmpdir(), 'ota-scenes-'));
    const userData = path.join(folder, 'data');
    await mkdir(userData);
    const stage = new ScenarioFile(folder);
    await stage.play();
    await writeFile(path.join(userData, 'history.json'), JSON.stringify(HISTORY));
    const app = await launch({ ...stage.options, userData });
    return new SceneRunner(app, folder);
  }

  /** Clears the window, as after a start, and plays a scene. */
  async show(scene: Scene, language: Language): Promise<void> {
    const { page } = this.app;
    const stage = new ScenarioFile(this.#folder, { drives: [], ...scene.scenario });
    await stage.play();
    await page.setViewportSize({ width: 900, height: 620 });
    await page.emulateMedia({
      reducedMotion: scene.reducedMotion === true ? 'reduce' : 'no-preference',
      colorScheme: 'light',
    });
    await page.locator('.header, .broken').waitFor();
    // The watch of the drives has reported the scene's by then.
    await page.waitForTimeout(200);
    await page.evaluate(endJobs);
    await page.evaluate(endVehicle);
    await page.evaluate(
      (chosen) =>
        (window as unknown as { ota: Bridge }).ota.invoke('settings.change', { language: chosen }),
      language,
    );
    await page.reload();
    await play(scene, this.app, stage, language, this.#folder);
  }

  async close(): Promise<void> {
    await this.app.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs in the page: stops what is running and forgets all jobs. */
async function endJobs(): Promise<void> {
  const { ota } = window as unknown as { ota: Bridge };
  const current = async (): Promise<{ id: string; state: string }[]> => {
    const answer = await ota.invoke('app.start', undefined);
    if (!('ok' in answer)) throw new Error(answer.error.code);
    const { build, check } = (answer.ok as AppStart).jobs;
    return [build, check].filter((job) => job !== null);
  };
  for (const { id } of await current()) {
    await ota.invoke('job.cancel', { id });
    while (
      (await current()).some((job) => job.id === id && !['done', 'failed'].includes(job.state))
    ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await ota.invoke('job.dismiss', { id });
  }
}

/** Runs in the page: stops an update of a vehicle, and forgets all that was chosen for one. */
async function endVehicle(): Promise<void> {
  const { ota } = window as unknown as { ota: Bridge };
  await ota.invoke('vehicle.stop', undefined);
  // Refused until the update has ended.
  while ('error' in (await ota.invoke('vehicle.dismiss', undefined)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  await ota.invoke('vehicle.disconnect', undefined);
  await ota.invoke('vehicle.closeImage', undefined);
}
