import type { CheckFault } from '../../../shared/model/job.ts';
import type { FilledWindow } from '../content/segments.ts';

/** A finished output as a set of files, however it is stored: the port of verify. */
export interface FinishedOutput {
  /** What a person calls it. */
  readonly name: string;
  readonly kind: 'tar' | 'folder' | 'img' | 'drive';
  /** Size of every regular file by its path: `manifest.json`, `data/…`, `meta/0/…`. */
  readonly files: ReadonlyMap<string, number>;
  /** Paths of its folders, without those that nobody is served from. */
  readonly folders: ReadonlySet<string>;
  /** What is wrong with how it is stored, so that its readers would see different things. */
  readonly faults: readonly CheckFault[];
  /** Paths of what is neither a file nor a folder: nothing that a builder makes. */
  readonly others: readonly string[];
  /** Contents of small files, which must exist. */
  readMany(names: readonly string[], maxBytes: number): Promise<Map<string, Uint8Array>>;
  /** Streams whole files; `file` in the windows is the position in `paths`. */
  stream(paths: readonly string[], signal?: AbortSignal): AsyncIterable<FilledWindow>;
  close(): Promise<void>;
}
