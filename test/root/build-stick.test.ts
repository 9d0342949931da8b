import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drivesOpener } from '../../src/main/cli/drive.ts';
import { build } from '../../src/main/jobs/index.ts';
import type { DriveVerdict } from '../../src/shared/drive-verdict.ts';
import { toErrorData } from '../../src/shared/errors.ts';
import type { Drive } from '../../src/shared/model/drive.ts';
import { cli, SAMPLE_IMAGES, SAMPLES } from '../support/cli.ts';
import { loopDevice, type LoopDevice } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

const blkid = tool('blkid');
const e2fsck = tool('e2fsck');
const mount = tool('mount');
const umount = tool('umount');
const V1 = join(import.meta.dirname, '../fixtures/samples-v1');
const WRITE = ['--allow-fixed', '--confirm-write-to'];
const SIZE = 64 * 1024 * 1024;

/** `sha256 size name` of everything on a mounted filesystem, as the expected lists have it. */
function listMounted(device: string): string[] {
  const folder = tmpFolder();
  execFileSync(mount.path, ['-o', 'ro', device, folder]);
  try {
    const script = `find data meta -type f -printf '%s %p\\n' | while read -r size name; do
      echo "$(sha256sum "$name" | cut -d' ' -f1) $size $name"; done`;
    const text = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    return text.trimEnd().split('\n').sort();
  } finally {
    execFileSync(umount.path, [folder]);
  }
}

function expectedList(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n').sort();
}

/** blkid without its cache; exit status 2 says that it finds nothing. */
function labelOf(device: string): string {
  try {
    const args = ['-p', '-o', 'value', '-s', 'LABEL', device];
    return execFileSync(blkid.path, args, { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

describeNeeding([needsLoopDevices(), blkid, e2fsck, mount, umount], 'a stick', () => {
  test('holds exactly what the first builder makes of the samples', async () => {
    const device = loopDevice({ size: SIZE });
    const { exit, stderr } = await cli([
      ...SAMPLE_IMAGES,
      ...['--ca-dir', join(SAMPLES, 'ca'), '-w', device.path, ...WRITE],
    ]);
    expect(exit, stderr).toBe(0);
    expect(labelOf(device.path)).toBe('ota_cache_src');
    execFileSync(e2fsck.path, ['-fn', device.path], { stdio: 'pipe' });
    const expected = expectedList(join(SAMPLES, 'expected/p1+p2+p3.files.txt'));
    expect(listMounted(device.path)).toEqual(expected);
    // The oracle can fail: these are not the files of another list.
    const other = expectedList(join(V1, 'expected/v1_a.files.txt'));
    expect(listMounted(device.path)).not.toEqual(other);
  });

  const a = `--image=:${join(V1, 'v1_a.zip')}`;
  const b = `--image=:${join(V1, 'v1_b.zip')}`;
  const p1 = `--image=p1:${join(SAMPLES, 'p1_image.tgz')}:ver_20230808`;
  const ca = ['--ca-dir', join(V1, 'ca')];

  test.each([
    ['v1_a', [a, ...ca]],
    ['v1_b', [b, ...ca]],
    ['v1_a+v1_b+p1', [a, b, p1]],
  ])('serves vehicles of OTA image v1, and of both formats: %s', async (list, args) => {
    const device = loopDevice({ size: SIZE });
    const { exit, stderr } = await cli([...args, '-w', device.path, ...WRITE]);
    expect(exit, stderr).toBe(0);
    expect(labelOf(device.path)).toBe('ota_cache_src');
    execFileSync(e2fsck.path, ['-fn', device.path], { stdio: 'pipe' });
    const expected = expectedList(join(V1, `expected/${list}.files.txt`));
    expect(listMounted(device.path)).toEqual(expected);
  });

  test('serves one ECU of an image for several', async () => {
    const device = loopDevice({ size: SIZE });
    const one = `--image=sub_ecu:${join(V1, 'v1_b.zip')}`;
    const { exit, stderr } = await cli([one, ...ca, '-w', device.path, ...WRITE]);
    expect(exit, stderr).toBe(0);
    const all = expectedList(join(V1, 'expected/v1_b.files.txt'));
    const mounted = listMounted(device.path).filter((line) => line.includes(' data/'));
    expect(all).toEqual(expect.arrayContaining(mounted));
    expect(mounted.length).toBeLessThan(all.length - 6);
  });

  test('is written together with a tar archive of the same files', async () => {
    const device = loopDevice({ size: SIZE });
    const tar = join(tmpFolder(), 'out.tar');
    const args = [...SAMPLE_IMAGES, '-w', device.path, ...WRITE, '-o', tar];
    const { exit, stderr } = await cli(args);
    expect(exit, stderr).toBe(0);
    const names = execFileSync('tar', ['tf', tar], { encoding: 'utf8' }).trimEnd().split('\n');
    const files = names.filter((name) => /^\.\/(data|meta)\/.*[^/]$/.test(name));
    const mounted = listMounted(device.path).map((line) => `./${line.split(' ')[2] ?? ''}`);
    expect(files.sort()).toEqual(mounted.sort());
  });

  test('is checked as it is, and its faults are found', async () => {
    const device = loopDevice({ size: SIZE });
    expect((await cli([...SAMPLE_IMAGES, '-w', device.path, ...WRITE])).exit).toBe(0);
    const verify = ['--json', 'verify', device.path];
    const whole = await cli(verify);
    expect(whole.exit, whole.stderr).toBe(0);
    expect(labelOf(device.path)).toBe('ota_cache_src');

    const list = expectedList(join(SAMPLES, 'expected/p1+p2+p3.files.txt'));
    const [name = ''] = list
      .flatMap((line) => line.split(' ').slice(2))
      .filter((n) => !n.endsWith('.zst'));
    const debugfs = ['-R', `blocks /${name}`, device.path];
    const [block = ''] = execFileSync('debugfs', debugfs, {
      encoding: 'utf8',
      stdio: 'pipe',
    }).split(' ');
    const fd = openSync(device.path, 'r+');
    writeSync(fd, Buffer.from('other bytes'), 0, 11, Number(block) * 4096);
    closeSync(fd);
    const faulty = await cli(verify);
    expect(faulty.exit).toBe(1);
    expect(faulty.stdout).toContain(name);
  });

  test('is reported incomplete where nothing was committed', async () => {
    const device = loopDevice({ size: SIZE });
    const { code } = await cli(['--json', 'verify', device.path]);
    expect(code).toBe('verify-incomplete');
  });

  test('that is too small is refused before anything is asked or written', async () => {
    const device = loopDevice({ size: 1024 * 1024 });
    execFileSync('mkfs.ext4', ['-q', '-L', 'MY_STICK', device.path]);
    const { code } = await cli(['--json', ...SAMPLE_IMAGES, '-w', device.path, ...WRITE]);
    expect(code).toBe('drive-too-small');
    expect(labelOf(device.path)).toBe('MY_STICK');
  });

  test('is listed with what it is and what keeps it from being written', async () => {
    const device = loopDevice({ size: SIZE });
    const listed = async (...options: string[]): Promise<unknown> => {
      const { exit, stdout } = await cli(['--json', 'drives', 'list', ...options]);
      expect(exit).toBe(0);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { drive: Drive; verdict: DriveVerdict })
        .find(({ drive }) => drive.identity.path === device.path);
    };
    const identity = { path: device.path, model: device.file, size: SIZE };
    expect(await listed()).toMatchObject({
      drive: { kind: 'loop', identity },
      verdict: { usable: false, reason: { code: 'drive-is-loop' } },
    });
    expect(await listed('--allow-fixed')).toMatchObject({ verdict: { usable: true } });
  });

  test('is not touched when a blob is wrong', async () => {
    const device = loopDevice({ size: SIZE });
    execFileSync('mkfs.ext4', ['-q', '-L', 'MY_STICK', device.path]);
    const folder = tmpFolder();
    const broken = join(folder, 'p1.tar');
    execFileSync('bash', [
      '-c',
      `gunzip -c "$1" > "$2"`,
      '-',
      join(SAMPLES, 'p1_image.tgz'),
      broken,
    ]);
    flipInFirstBlob(broken);
    const args = ['--image', `p1:${broken}`, '-w', device.path, ...WRITE];
    const { exit, last, stderr } = await cli(['--json', ...args]);
    expect(exit).toBe(1);
    expect(last).toMatchObject({
      error: { code: 'blob-corrupt' },
      outcomes: [{ driveModified: false }],
    });
    expect(stderr).toContain('Nothing on the stick was changed.');
    expect(labelOf(device.path)).toBe('MY_STICK');
  });

  test('says that it must be written again when the job is cancelled meanwhile', async () => {
    const device = loopDevice({ size: SIZE });
    const { signal, abort } = newSignal();
    const run = cli(['--json', ...SAMPLE_IMAGES, '-w', device.path, ...WRITE], {
      signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.progress.phase === 'write') abort();
      },
    });
    const { exit, last, stderr } = await run;
    expect(exit).toBe(130);
    expect(last).toMatchObject({
      error: { code: 'cancelled' },
      outcomes: [{ driveModified: true }],
    });
    expect(stderr).toContain('Do not use this stick; write it again.');
  });

  test('that fails leaves the tar archive beside it, which was complete', async () => {
    const device = loopDevice({ size: SIZE });
    const tar = join(tmpFolder(), 'out.tar');
    const { signal, abort } = newSignal();
    const args = [...SAMPLE_IMAGES, '-w', device.path, ...WRITE, '-o', tar];
    const { exit } = await cli(['--json', ...args], {
      signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.progress.phase === 'verify') abort();
      },
    });
    expect(exit).toBe(130);
    expect(labelOf(device.path)).toBe('');
    const whole = await cli(['--json', 'verify', tar]);
    expect(whole.exit, whole.stderr).toBe(0);
  });

  describe('with files of the build on it', () => {
    // Where a desktop mounts it for a person's session: the writer unmounts nothing else.
    const session = `/media/offline-ota-build-${String(process.pid)}`;
    const media = join(session, 'STICK');
    const mounted = (): LoopDevice => {
      const fill = (file: string) => execFileSync('mkfs.ext4', ['-q', '-L', 'MY_STICK', file]);
      const device = loopDevice({ size: SIZE, fill });
      mkdirSync(media, { recursive: true });
      onTestFinished(() => {
        rmdirSync(media);
        rmdirSync(session);
      });
      execFileSync(mount.path, [device.path, media]);
      onTestFinished(() => {
        spawnSync(umount.path, [media]);
      });
      return device;
    };
    const contents = (device: LoopDevice): string[] => {
      execFileSync(mount.path, ['-o', 'ro', device.path, media]);
      return readdirSync(media).sort();
    };
    const P1 = join(SAMPLES, 'p1_image.tgz');

    test('is not erased when an image lies on it', async () => {
      const device = mounted();
      const image = join(media, 'image.tgz');
      copyFileSync(P1, image);
      const args = ['--image', `p1:${image}`, '-w', device.path, ...WRITE];
      const { exit, last } = await cli(['--json', ...args]);
      expect(exit).toBe(1);
      expect(last).toMatchObject({
        error: { code: 'path-on-drive', params: { path: image } },
        outcomes: [{ driveModified: false }],
      });
      expect(contents(device)).toEqual(['image.tgz', 'lost+found']);
      expect(readFileSync(image).equals(readFileSync(P1))).toBe(true);
    });

    test('is not erased when a file is to lie on it, which would lie elsewhere then', async () => {
      const device = mounted();
      const tar = join(media, 'out.tar');
      const args = ['--image', `p1:${P1}`, '-o', tar, '-w', device.path, ...WRITE];
      const { exit, last } = await cli(['--json', ...args]);
      expect(exit).toBe(1);
      expect(last).toMatchObject({
        error: { code: 'path-on-drive', params: { path: media } },
        outcomes: [{ state: 'failed' }, { driveModified: false }],
      });
      expect(readdirSync(media)).toEqual([]);
      expect(contents(device)).toEqual(['lost+found']);
    });
  });

  test.each(['check', 'prepare', 'write', 'flush', 'verify'] as const)(
    'carries no new label when the job is cancelled in the phase %s',
    async (cancelled) => {
      const device = loopDevice({ size: SIZE });
      execFileSync('mkfs.ext4', ['-q', '-L', 'MY_STICK', device.path]);
      const { identity } = await device.resolve();
      const { signal, abort } = newSignal();
      const result = build(
        {
          images: [
            { path: join(SAMPLES, 'p1_image.tgz'), ecuId: 'p1', version: '', releaseKey: null },
          ],
          outputs: [{ kind: 'drive', identity, allowFixed: true, eject: false }],
          caDir: null,
          checkSignature: true,
          timestamp: null,
        },
        {
          signal,
          onProgress: ({ phase }) => {
            if (phase === cancelled) abort();
          },
          openDrives: drivesOpener(signal, () => undefined),
        },
      );
      expect(await result.then(() => null, toErrorData)).toEqual({ code: 'cancelled', params: {} });
      // Before the first write the stick is as it was; from then on it is nothing.
      const untouched = cancelled === 'check' || cancelled === 'prepare';
      expect(labelOf(device.path)).toBe(untouched ? 'MY_STICK' : '');
    },
  );

  test('is complete, and said to be, when the cancel comes while the label is written', async () => {
    const device = loopDevice({ size: SIZE });
    const { identity } = await device.resolve();
    const { signal, abort } = newSignal();
    const path = join(SAMPLES, 'p1_image.tgz');
    const result = build(
      {
        images: [{ path, ecuId: 'p1', version: '', releaseKey: null }],
        outputs: [{ kind: 'drive', identity, allowFixed: true, eject: false }],
        ...{ caDir: null, checkSignature: true, timestamp: null },
      },
      {
        signal,
        onProgress: ({ phase }) => {
          // The block leaves in this turn of the event loop; the writer's answer comes in a later one.
          if (phase === 'commit') setImmediate(abort);
        },
        openDrives: drivesOpener(signal, () => undefined),
      },
    );
    expect(await result.then(({ outcomes }) => outcomes[0]?.verified, toErrorData)).toBe(true);
    expect(signal.aborted).toBe(true);
    expect(labelOf(device.path)).toBe('ota_cache_src');
    execFileSync(e2fsck.path, ['-fn', device.path], { stdio: 'pipe' });
  });
});

function newSignal(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** Changes one byte of a plain blob that regulars.txt lists. */
function flipInFirstBlob(tar: string): void {
  const needle = Buffer.from('/etc/deluser.conf');
  const bytes = readFileSync(tar);
  const header = bytes.indexOf(needle) - (bytes.indexOf(needle) % 512);
  const fd = openSync(tar, 'r+');
  const one = Buffer.alloc(1);
  readSync(fd, one, 0, 1, header + 512);
  one[0] = (one[0] ?? 0) ^ 1;
  writeSync(fd, one, 0, 1, header + 512);
  closeSync(fd);
}
