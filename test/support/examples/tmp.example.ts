import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, test } from 'vitest';
import { sharedTmpFolder, tmpFolder } from '../tmp.ts';

/** Fills a folder, with a read-only part, and notes its path where the caller looks it up. */
function leaveFiles(folder: string): void {
  appendFileSync(join(tmpdir(), 'used'), `${folder}\n`);
  mkdirSync(join(folder, 'locked'), { recursive: true });
  writeFileSync(join(folder, 'locked/file'), 'x');
  chmodSync(join(folder, 'locked'), 0o500);
}

const shared = sharedTmpFolder();
let perTest: string;
beforeEach(() => {
  perTest = tmpFolder();
});

test('leaves files and passes', () => {
  leaveFiles(perTest);
  leaveFiles(shared());
});

test('leaves files and fails', () => {
  leaveFiles(perTest);
  leaveFiles(tmpFolder());
  throw new Error('It fails by design.');
});
