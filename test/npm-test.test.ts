import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from './support/tmp.ts';

const SCRIPT = join(import.meta.dirname, '../scripts/test.js');

test('`npm test` fails where a kind of test has no script, instead of leaving it out', () => {
  const folder = tmpFolder();
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(SCRIPT, join(folder, 'scripts/test.js'));
  const scripts = { 'test:unit': 'true', e2e: 'true' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  const { status, stderr } = spawnSync(process.execPath, ['scripts/test.js'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toBe('package.json has no script test:usb: nothing would run these tests\n');
});
