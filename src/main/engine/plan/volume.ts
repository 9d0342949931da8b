import { createHash } from 'node:crypto';
import { CACHE_LABEL } from '../../../shared/model/manifest.ts';
import { STEP_ITEMS, type Steps } from '../event-loop.ts';
import type { BuildPlan } from './build-plan.ts';

/** What makes one filesystem differ from another with the same files. */
export interface Volume {
  readonly label: string;
  /** 16 bytes, RFC 9562 version 8 (made by a rule of our own). */
  readonly uuid: Uint8Array;
  /** 16 bytes. */
  readonly hashSeed: Uint8Array;
}

/**
 * Identity of the filesystem for a plan: a function of the plan alone, so that the same images and
 * the same time give the same bytes.
 */
export function* volumeOf(plan: BuildPlan): Steps<Volume> {
  const seed = createHash('sha256');
  for (const [fileIndex, { path, size }] of plan.files.entries()) {
    seed.update(`${path}\0${size}\n`);
    if (fileIndex % STEP_ITEMS === 0) yield;
  }
  seed.update(JSON.stringify(plan.manifest));
  const digest = seed.digest();
  const uuid = digest.subarray(0, 16);
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x80;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return { label: CACHE_LABEL, uuid, hashSeed: digest.subarray(16, 32) };
}
