import { readdir, stat } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import type { OutputRequest } from '../../shared/model/job.ts';
import { FolderOutput } from '../engine/emit/folder-output.ts';
import { LayoutOutput } from '../engine/emit/layout-output.ts';
import type { Output } from '../engine/emit/output.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { layoutTar } from '../engine/tar/layout.ts';
import { FileTarget } from '../engine/target/file.ts';

export type FileRequest = Exclude<OutputRequest, { kind: 'drive' }>;

/**
 * Rejects with `output-exists` where a file output is already there; asked before any work is done.
 * An empty folder may become a folder output.
 */
export async function checkOutputsAbsent(requests: readonly OutputRequest[]): Promise<void> {
  for (const request of requests) {
    if (request.kind === 'drive') continue;
    const { path, kind } = request;
    const stats = await stat(path).catch(() => null);
    if (stats === null) continue;
    const usable = kind === 'folder' && stats.isDirectory() && (await readdir(path)).length === 0;
    if (!usable) throw builderError('output-exists', { path });
  }
}

/** The output for a file request, not yet prepared, and the bytes that will be written to it. */
export function fileOutput(request: FileRequest, plan: Plan): { output: Output; bytes: number } {
  const { kind, path } = request;
  if (kind === 'folder')
    return { output: new FolderOutput(path, plan), bytes: plan.summary.totalBytes };
  const layout = layoutTar(plan);
  return {
    output: new LayoutOutput(layout, new FileTarget(path, layout.size)),
    bytes: layout.size,
  };
}
