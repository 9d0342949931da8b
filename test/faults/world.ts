import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, checkDrive, checkTarget } from '../../src/main/jobs/index.ts';
import { toErrorData, type ErrorData } from '../../src/shared/errors.ts';
import type { DriveIdentity } from '../../src/shared/model/drive.ts';
import type { BuildRequest, BuildResult, OutputRequest } from '../../src/shared/model/job.ts';
import type { Phase } from '../../src/shared/model/progress.ts';
import { listAll } from '../support/cli.ts';
import {
  makeImage,
  makePki,
  packImage,
  seededBytes,
  type ImageMember,
} from '../support/image-factory.ts';
import { labelOf, LABEL } from '../support/stick-image.ts';
import { MemoryTarget } from '../support/memory-target.ts';
import { FaultyDrive, type DriveFault } from './faulty-drive.ts';

/** Where a build can put its result. */
export const OUTPUTS = ['tar', 'img', 'folder', 'stick'] as const;
export type OutputName = (typeof OUTPUTS)[number];

/** How an output is found afterwards. */
export type After =
  /** Nothing of its name, and nothing beside it. */
  | 'nothing'
  /** The stick holds every byte that it held before. */
  | 'untouched'
  /** The stick has no label: no vehicle takes it for an offline OTA image. */
  | 'unrecognisable'
  /** Whole and right, by its own bytes. */
  | 'complete'
  /** What somebody else put there is as it was. */
  | 'another’s';

const STICK_BYTES = 16 * 1024 * 1024;
const { signer, caFiles } = makePki('faults');

/** One blob fills several windows, so that there is a middle of reading and of writing. */
const LARGE = seededBytes(11, 3_000_000);

/** The image that all faults start from. */
const GOOD = makeImage({
  identity: signer,
  files: [
    { path: '/etc/plain', content: seededBytes(12, 3000) },
    { path: '/usr/text', content: seededBytes(13, 90_000, 'text'), compress: true },
    { path: '/usr/large', content: LARGE, compress: false },
  ],
});
const GOOD_TAR = packImage(GOOD);

export const goodImage = (): ImageMember[] => [...GOOD];
export const goodTar = (): Buffer => Buffer.from(GOOD_TAR);

const IDENTITY: DriveIdentity = {
  ...{ path: '/dev/stick', serial: 'S1', model: 'Stick', size: STICK_BYTES },
  ...{ transport: 'usb', deviceNumber: '8:16', generation: '1' },
};

/** What a fault may change before a build, and while it runs. */
export class World {
  readonly folder: string;
  readonly imagePath: string;
  readonly out: string;
  readonly caDir: string;
  readonly drive = { memory: new Uint8Array(STICK_BYTES), fault: null as DriveFault | null };
  request: BuildRequest;
  readonly #phases = new Map<Phase, () => void>();
  readonly #cancel = new AbortController();
  #opening: () => void = () => undefined;
  #opened: FaultyDrive | null = null;
  #before: { list: string[]; memory: Uint8Array } | null = null;

  constructor(folder: string, outputs: readonly OutputName[], compression: 'none' | 'gzip') {
    this.folder = folder;
    this.imagePath = join(folder, 'image');
    this.out = join(folder, 'out');
    this.caDir = join(folder, 'ca');
    mkdirSync(this.out);
    mkdirSync(this.caDir);
    for (const [name, pem] of Object.entries(caFiles)) writeFileSync(join(this.caDir, name), pem);
    this.saveImage(GOOD_TAR, compression);
    const image = { path: this.imagePath, ecuId: 'ecu', version: '1', releaseKey: null };
    this.request = {
      ...{ images: [image], caDir: this.caDir, checkSignature: true, timestamp: 1_700_000_000 },
      outputs: outputs.map((name) => this.#outputRequest(name)),
    };
  }

  saveImage(members: readonly ImageMember[] | Uint8Array, compression: 'none' | 'gzip'): void {
    const tar = members instanceof Uint8Array ? members : packImage(members);
    writeFileSync(this.imagePath, compression === 'gzip' ? gzipSync(tar, { level: 1 }) : tar);
  }

  /** A stick that was right before: what a failed build must not leave on it. */
  async fillStick(): Promise<void> {
    if (old === null) {
      const request = { ...this.request, timestamp: 1, outputs: [this.#outputRequest('stick')] };
      await build(request, this.#context(new FaultyDrive(this.drive.memory, null)));
      old = this.drive.memory.slice();
    }
    this.drive.memory.set(old);
  }

  /** The stick, which holds an older version, is refreshed. */
  refresh(): void {
    const outputs = this.request.outputs.map((output) =>
      output.kind === 'drive' ? { ...output, refresh: true } : output,
    );
    this.request = { ...this.request, outputs };
  }

  /** Does something while the drive is opened: it is unmounted then. */
  whenOpened(action: () => void): void {
    this.#opening = action;
  }

  /** Does something when a phase of the job begins. */
  when(phase: Phase, action: () => void): void {
    this.#phases.set(phase, action);
  }

  cancel(): void {
    this.#cancel.abort();
  }

  /** @returns the error, or null where the build succeeds. */
  async build(): Promise<ErrorData | null> {
    this.#before = { list: listAll(this.out), memory: this.drive.memory.slice() };
    try {
      this.result = await build(this.request, this.#context(null));
      return null;
    } catch (error) {
      return toErrorData(error);
    }
  }

  result: BuildResult | null = null;

  /** Whether a drive that was opened was given back. */
  get driveClosed(): boolean {
    return this.#opened === null || this.#opened.closed > 0;
  }

  /** How an output is now, by other means than the build's own: an {@link After}, or what is wrong. */
  async after(name: OutputName): Promise<string> {
    const path = this.pathOf(name);
    if (name === 'stick') return this.#stickAfter();
    const [, ...rest] = listAll(this.out).filter((entry) => entry.startsWith(`.${name}`));
    if (rest.length > 0) return `leaves ${rest.join()}`;
    const here = listAll(this.out).filter((entry) => entry.includes(`out.${name}`));
    if (here.length === 0) return 'nothing';
    if (here.some((entry) => entry.includes('partial'))) return `leaves ${here.join()}`;
    if (this.#isAnothers(path)) return 'another’s';
    const { complete } = await checkTarget(path, { signal: alive, onProgress: () => undefined });
    return complete ? 'complete' : 'something else';
  }

  pathOf(name: OutputName): string {
    return join(this.out, `out.${name}`);
  }

  /** Somebody puts a file, or a folder with one, where an output is to be. */
  putAnothers(name: OutputName): void {
    const path = this.pathOf(name);
    if (name === 'folder') mkdirSync(path);
    writeFileSync(name === 'folder' ? join(path, 'precious') : path, PRECIOUS);
  }

  #isAnothers(path: string): boolean {
    try {
      const file = path.endsWith('.folder') ? join(path, 'precious') : path;
      return readFileSync(file).equals(PRECIOUS);
    } catch {
      return false;
    }
  }

  async #stickAfter(): Promise<string> {
    const { memory } = this.drive;
    if (Buffer.compare(memory, this.#before?.memory ?? memory) === 0) return 'untouched';
    const dump = join(this.folder, 'stick');
    writeFileSync(dump, memory);
    if (labelOf(dump) !== LABEL) return 'unrecognisable';
    const reader = new MemoryTarget(memory, { name: 'stick' });
    await reader.prepare([]);
    await reader.flush();
    const { complete } = await checkDrive(reader, { signal: alive, onProgress: () => undefined });
    return complete ? 'complete' : 'has the label, but is not complete';
  }

  #context(drive: FaultyDrive | null): Parameters<typeof build>[1] {
    return {
      signal: this.#cancel.signal,
      onProgress: ({ phase }) => {
        const action = this.#phases.get(phase);
        this.#phases.delete(phase);
        action?.();
      },
      openDrives: () => {
        this.#opening();
        this.#opened = drive ?? new FaultyDrive(this.drive.memory, this.drive.fault);
        return Promise.resolve([this.#opened]);
      },
    };
  }

  #outputRequest(name: OutputName): OutputRequest {
    const path = this.pathOf(name);
    if (name === 'stick')
      return { kind: 'drive', identity: IDENTITY, allowFixed: false, eject: true };
    return name === 'img' ? { kind: name, path, size: null } : { kind: name, path };
  }
}

const PRECIOUS = Buffer.from('precious');
const alive = new AbortController().signal;
let old: Uint8Array | null = null;
