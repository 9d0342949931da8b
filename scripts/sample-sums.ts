/**
 * Builds the sample images to a tar, an image file and a folder with this system's own command line, and prints
 * `<SHA-256>  <name>` of everything that came out. The lines are the same on every system.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const SAMPLES = path.join(ROOT, 'test/fixtures/samples');

/** Any time; manifests and filesystems carry it. */
const EPOCH = '1795376050';

const folder = mkdtempSync(path.join(tmpdir(), 'sample-sums-'));
try {
  const images = ['p1:p1_image.tgz:v1', 'p2:p2_image.tar.zst:v2', 'p3:p3_nozst_image.tar.xz'];
  const outputs = ['samples.tar', 'samples.img', `samples${path.sep}`];
  execFileSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      path.join(ROOT, 'src/main/cli/main.ts'),
      '--quiet',
      ...images.map((image) => `--image=${image}`),
      ...outputs.flatMap((name) => ['-o', `${folder}${path.sep}${name}`]),
    ],
    { cwd: SAMPLES, stdio: 'inherit', env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH } },
  );
  const names = globSync('**', { cwd: folder })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .map((name) => name.replaceAll(path.sep, '/'))
    .sort();
  for (const name of names) {
    const sum = createHash('sha256').update(readFileSync(path.join(folder, name)));
    console.log(`${sum.digest('hex')}  ${name}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
