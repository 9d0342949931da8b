import type { Steps } from '../event-loop.ts';
import type { InspectedFinished, Metafile } from '../inspect/inspected-image.ts';
import { DataFile, foldersOf, planBytes, totalSize, type Plan } from './plan.ts';
import type { PlannedFile } from './build-plan.ts';
import { plannedSignature } from '../inspect/image-signature.ts';

/**
 * A plan of a finished image: its own manifest, byte for byte, and its own files in the order in which they stand
 * in it.
 * @param timestamp Unix seconds, of every file and folder.
 */
export function* planFinishedSteps(
  { report, manifest, blobs, metafiles }: InspectedFinished,
  timestamp: number,
): Steps<Plan> {
  const { path, container, fingerprint, payloads } = report;
  const first = yield* planBytes('manifest.json', manifest);
  const files: PlannedFile[] = [first];
  for (const blob of blobs) files.push(new DataFile(blob, 0));
  // Parents come before their children.
  const directories = new Set<string>();
  for (const { name, bytes } of metafiles) {
    const file = yield* planBytes(`meta/${name}`, bytes);
    for (const folder of foldersOf(file.path)) directories.add(folder);
    files.push(file);
  }
  const totalBytes = yield* totalSize(files);
  const requestedBytes = payloads.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  return {
    manifest: report.manifest,
    timestamp,
    directories: ['data', 'meta', ...directories],
    inputs: [{ path, container, fingerprint }],
    files,
    signatures: report.manifest.image_meta.map((_, index) =>
      plannedSignature(metafilesOf(metafiles, index), report.signature.signer),
    ),
    summary: {
      manifest: report.manifest,
      requestedBytes,
      sharedBytes: requestedBytes - report.manifest.data_size,
      totalBytes,
      totalFiles: files.length,
    },
  };
}

/** Those of one image, without its folder. */
function metafilesOf(metafiles: readonly Metafile[], index: number): Metafile[] {
  const folder = `${index}/`;
  return metafiles.flatMap(({ name, bytes }) =>
    name.startsWith(folder) ? [{ name: name.slice(folder.length), bytes }] : [],
  );
}
