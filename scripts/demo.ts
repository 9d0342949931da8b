import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../src/main/cli/run.ts';
import { openFinished } from '../src/main/engine/finished/open-finished.ts';
import { makeImage, makePki, packImage, sampleFiles } from '../test/support/image-factory.ts';

// Shows the whole way on a machine that has no OTA image: makes two small signed ones, builds the
// offline OTA image from them, checks it, and says what to do next.

const folder = join(import.meta.dirname, '..', 'demo');
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'ca'), { recursive: true });

const { signer, caFiles } = makePki('demo');
for (const [name, pem] of Object.entries(caFiles)) writeFileSync(join(folder, 'ca', name), pem);
const images = [
  { ecuId: 'autoware', seed: 1, version: 'ver_1', compression: 'gzip', name: 'autoware.tgz' },
  {
    ecuId: 'perception',
    seed: 2,
    version: 'ver_2',
    compression: 'zstd',
    name: 'perception.tar.zst',
  },
] as const;
for (const { seed, compression, name } of images) {
  const image = makeImage({ files: sampleFiles(seed), identity: signer });
  writeFileSync(join(folder, name), packImage(image, { compression }));
}

const OUTPUT = 'offline-ota-image.tar';
await command([
  ...images.flatMap(({ ecuId, name, version }) => ['--image', `${ecuId}:${name}:${version}`]),
  ...['--ca-dir', 'ca', '-o', OUTPUT],
]);
await command(['verify', OUTPUT]);

const output = await openFinished(join(folder, OUTPUT));
const [json] = (await output.readMany(['manifest.json'], 1024 * 1024)).values();
const manifest = JSON.stringify(JSON.parse(Buffer.from(json ?? []).toString()), null, 2);
process.stdout.write(`
The offline OTA image is demo/${OUTPUT}. Its manifest:

${manifest}

What to do next:
  build one of your own   npm run -s cli -- --image <ECU_ID>:<PATH> -o my-image.tar
  write a USB stick       npm run -s cli -- drives list
                          npm run -s cli -- --image <ECU_ID>:<PATH> -w /dev/<STICK>
  use the app             npm start
`);

/** Runs the command line in the demo's folder, and stops where it fails. */
async function command(argv: readonly string[]): Promise<void> {
  process.stdout.write(`$ offline-ota-image-builder ${argv.join(' ')}\n`);
  const { stdout, stderr, stdin, env } = process;
  const { signal } = new AbortController();
  const exit = await run(argv, { stdout, stderr, stdin, env, cwd: folder, signal });
  if (exit !== 0) process.exit(exit);
}
