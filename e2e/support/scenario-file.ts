import { writeFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Drive } from '../../src/shared/model/drive.ts';
import type { Scenario } from '../host/scenario.ts';
import type { LaunchOptions } from './launch.ts';

/** A made-up USB stick. */
export function stick(
  letter: string,
  change: Partial<Drive> & { readonly size?: number } = {},
): Drive {
  const { size = 64_023_257_088, ...rest } = change;
  return {
    identity: {
      path: `/dev/sd${letter}`,
      serial: `4C530001${letter.toUpperCase()}9F02`,
      model: 'Ultra',
      size,
      transport: 'usb',
      deviceNumber: `8:${letter.charCodeAt(0)}`,
      generation: letter,
    },
    kind: 'usb',
    vendor: 'SanDisk',
    port: '2-1.4',
    readOnly: false,
    partitions: [],
    labels: ['MY STICK'],
    mounts: [],
    swaps: [],
    holders: [],
    system: false,
    ...rest,
  };
}

export function named(drive: Drive, vendor: string, model: string, serial: string | null): Drive {
  return { ...drive, vendor, identity: { ...drive.identity, model, serial } };
}

/** The played engine of one app: what it plays can be changed while the app runs. */
export class ScenarioFile {
  readonly #file: string;
  #scenario: Scenario;

  constructor(folder: string, scenario: Scenario = {}) {
    this.#file = path.join(folder, 'scenario.json');
    this.#scenario = scenario;
  }

  async play(changes: Scenario = {}): Promise<void> {
    this.#scenario = { ...this.#scenario, ...changes };
    await writeFile(`${this.#file}.new`, JSON.stringify(this.#scenario));
    await rename(`${this.#file}.new`, this.#file);
  }

  /** Plays something else altogether. */
  async replace(scenario: Scenario): Promise<void> {
    this.#scenario = {};
    await this.play(scenario);
  }

  get options(): Pick<LaunchOptions, 'backend' | 'env'> {
    return {
      backend: new URL('../host/fake-backend.ts', import.meta.url),
      env: { OTA_HOST_SCENARIO: this.#file },
    };
  }
}
