import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/**
 * A new empty folder for the running test, removed after it whether it passed or failed. To be called
 * inside a test or a `beforeEach`. Absolute path.
 */
export function tmpFolder(): string {
  const folder = create();
  onTestFinished(() => {
    removeFolder(folder);
  });
  return folder;
}

/**
 * A new empty folder shared by the tests of the surrounding `describe` or file and removed after the
 * last of them. To be called while tests are declared; the returned function gives the path and may
 * be called in `beforeAll`, hooks and tests.
 */
export function sharedTmpFolder(): () => string {
  let folder: string | undefined;
  beforeAll(() => {
    folder = create();
  });
  afterAll(() => {
    if (folder !== undefined) removeFolder(folder);
  });
  return () => {
    if (folder === undefined) throw new Error('The shared folder exists only while tests run');
    return folder;
  };
}

function create(): string {
  return mkdtempSync(join(tmpdir(), 'offline-ota-test-'));
}

/** Removes also what a test made read-only, where an ordinary user's `rm -r` would stop. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    makeFoldersWritable(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFoldersWritable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) makeFoldersWritable(join(folder, entry.name));
}
